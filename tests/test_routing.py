"""Requests are routed by method and URL, and validated as a whole."""

from __future__ import annotations

import json
import pickle
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import isales_rules
from isales_rules import RequestError, RuleSet, match, validate_http
from isales_rules.ruleset import endpoints
from tests.support.command import BODY, HEADERS

ROOT = "/rest/isales/v1/openapi/campaigns"
URL = f"{ROOT}/1/10000000001"


def path_of(url: str, method: str = "PUT") -> dict[str, str] | None:
    found = match(method, url)
    return found and found.path


def test_match_is_a_named_tuple(rules: RuleSet) -> None:
    found = match("PUT", URL)
    assert found == (rules, {"vdnId": "1", "campaignId": "10000000001"})
    assert found is not None
    assert found.rules.name == "campaign-modify-v1"


@pytest.mark.parametrize(
    "origin",
    ["", "https://service.example", "http://127.0.0.1:8080", "HTTPS://u:p@[::1]:443"],
)
@pytest.mark.parametrize("end", ["", "?a=/b/c?d", "#top", "?"])
def test_host_port_and_query_are_ignored(origin: str, end: str) -> None:
    assert path_of(f"{origin}{URL}{end}") == {"vdnId": "1", "campaignId": "10000000001"}


@pytest.mark.parametrize(
    ("url", "campaign"),
    [
        (f"{ROOT}/1/x", "x"),
        (f"{ROOT}/1/%31", "1"),
        (f"{ROOT}/1/a%2Fb", "a/b"),
        (f"{ROOT}/1/%25", "%"),
        (f"{ROOT}/1/%zz", "%zz"),
        (f"{ROOT}/1/%E6%97%A5", "日"),
        (f"{ROOT}/1/a+b", "a+b"),
        (URL.replace("/v1/", "/%76%31/").replace("10000000001", "2"), "2"),
    ],
)
def test_percent_encoding_is_decoded(url: str, campaign: str) -> None:
    assert path_of(url) == {"vdnId": "1", "campaignId": campaign}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "https://service.example",
        f"{URL}/",
        f"{ROOT}/1/",
        f"{ROOT}//1",
        f"/{URL}",
        URL.replace("/v1/", "/v2/"),
        URL.replace("/rest/", "/REST/"),
        URL.replace("/campaigns/", "/campaign/"),
        URL.removeprefix("/"),
        URL.replace("/v1/", "%2Fv1/"),
        f"/prefix{URL}",
        f"ftp://service.example{URL}",
    ],
)
def test_other_urls_do_not_match(url: str) -> None:
    assert match("PUT", url) is None
    assert validate_http("PUT", url, HEADERS, BODY) == ("unknown-interface", None, None)


@pytest.mark.parametrize("method", ["put", "PATCH", "", "PUT "])
def test_methods_are_case_sensitive(method: str) -> None:
    assert match(method, URL) is None
    assert validate_http(method, URL, HEADERS, BODY) == ("method-not-supported", None, None)


@given(st.text(min_size=1))
def test_any_encoded_text_is_a_parameter(text: str) -> None:
    encoded = quote(text, safe="", errors="surrogatepass")
    decoded = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert path_of(f"{ROOT}/1/{encoded}") == {"vdnId": "1", "campaignId": decoded}


@pytest.mark.parametrize("body", [BODY, json.dumps(BODY), json.dumps(BODY).encode()])
def test_whole_request_is_validated(body: Any, rules: RuleSet) -> None:
    result = validate_http("PUT", URL, [*HEADERS.items()], body)
    assert (result.outcome, result.rules) == ("validated", rules)
    assert result.report is not None
    assert result.report.violations == ()


def test_each_part_is_validated() -> None:
    url = f"{ROOT}/10000/x"
    facts = {"campaign_exists": False}
    report = validate_http("PUT", url, {}, '{"name": 1', facts).report
    assert report is not None
    assert [(one.path, one.code) for one in report.violations] == [
        ("/path/vdnId", "02000007"),
        ("/path/campaignId", "02000008"),
        ("/headers/Content-Type", "02000001"),
        ("/headers/Authorization", "02000001"),
        ("/body", "02000008"),
        ("/body", "0200007"),
    ]


@pytest.mark.parametrize(("method", "url"), [(b"PUT", URL), ("PUT", URL.encode()), ("PUT", None)])
def test_method_and_url_must_be_text(method: Any, url: Any) -> None:
    with pytest.raises(TypeError, match="must be str, not "):
        match(method, url)
    with pytest.raises(TypeError, match="must be str, not "):
        validate_http(method, url, HEADERS, BODY)


def test_undeclared_fact_raises() -> None:
    with pytest.raises(isales_rules.FactError, match="unknown fact 'nwo'; did you mean 'now'"):
        validate_http("PUT", URL, HEADERS, BODY, {"nwo": 1})


def test_request_error_shows_no_values() -> None:
    headers = {"Content-Type": "s3cr3t", "Authorization": "s3cr3t"}
    report = validate_http("PUT", URL, headers, BODY | {"callerNo": "s3cr3t"}).report
    assert report is not None
    error = RequestError(report)
    assert str(error).splitlines()[1].startswith("02000002 /body/callerNo: callerNo may only have")
    assert "s3cr3t" not in f"{error} {error!r}"
    restored = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (restored.report, str(restored)) == (report, str(error))


def test_every_shipped_rule_set_has_an_endpoint() -> None:
    assert "campaign-modify-v1" in isales_rules.names()
    for name in isales_rules.names():
        request = endpoints()[name]
        url = request["url"].replace("{", "").replace("}", "")
        found = match(request["method"], url)
        assert found is not None
        assert found.rules is isales_rules.load(name)
        assert {*found.path} == {*found.rules.root("path").members}
