"""`check` of requests with a method and a URL, and of HTTP archives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isales_rules.cli.main import main
from tests.support.command import BODY, HEADERS, Printed, check_before, finding_codes

WriteFile = Callable[..., str]
URL = "https://service.example/rest/isales/v1/openapi/campaigns/1/10000000001"
HIDDEN = "s3cr3t-T0ken"


def request(**changes: Any) -> dict[str, Any]:
    return {"method": "PUT", "url": URL, "headers": HEADERS, "body": BODY, **changes}


def entry(**changes: Any) -> dict[str, Any]:
    """Return an entry of an archive."""
    made = request(**changes)
    headers = [{"name": name, "value": value} for name, value in made["headers"].items()]
    body = made["body"]
    return {
        "startedDateTime": "2030-01-01T00:00:00Z",
        "request": {
            "method": made["method"],
            "url": made["url"],
            "headers": headers,
            "postData": {
                "mimeType": "application/json",
                "text": body if isinstance(body, str) else json.dumps(body),
            },
        },
        "response": {"status": 200},
    }


def archive(*entries: Any) -> bytes:
    document = {"log": {"version": "1.2", "creator": {}, "pages": [], "entries": entries}}
    return json.dumps(document, indent=2).encode()


def test_request_with_a_url_is_routed(file: WriteFile, capsys: Printed) -> None:
    assert check_before(capsys, "--request", file(request()))[0] == 0
    code, document = check_before(
        capsys, "--request", file(request(body=BODY | {"maxAlertingTime": 300, "nam": 1}))
    )
    assert code == 1
    assert finding_codes(document) == [
        ("/body/maxAlertingTime", "02000007"),
        ("/body/nam", "0200001"),
    ]


def test_lines_are_routed_each(file: WriteFile, capsys: Printed) -> None:
    path = {"vdnId": 0, "campaignId": 1}
    lines = [
        request(url=URL.replace("/1/", "/0/")),
        request(),
        {"path": path, "headers": HEADERS, "body": BODY},
        {"path": path, "headers": HEADERS},
    ]
    name = file("\n".join(map(json.dumps, lines)).encode(), "requests.ndjson")
    code, document = check_before(capsys, "--request", name)
    assert code == 1
    assert [(one["line"], one["path"], one["code"]) for one in document["findings"]] == [
        (1, "/path/vdnId", "02000007"),
        (3, "/path/vdnId", "02000007"),
        (4, "/body", "02000001"),
        (4, "/path/vdnId", "02000007"),
    ]


def test_body_may_be_json_text(file: WriteFile, capsys: Printed) -> None:
    text = json.dumps(BODY)[:-1]
    _, document = check_before(capsys, "--request", file(request(body=text)))
    assert finding_codes(document) == [("/body", "02000008")]


def test_findings_have_regions(file: WriteFile, capsys: Printed) -> None:
    made = request(url=URL.replace("/1/", "/x/"), body=BODY | {"maxAlertingTime": 300})
    text = json.dumps(made, indent=1)
    _, document = check_before(capsys, "--request", file(text.encode()))
    lines = text.splitlines()
    shown = [
        lines[one["line"] - 1][one["column"] - 1 : one["end_column"] - 1]
        for one in document["findings"]
    ]
    assert shown == [json.dumps(made["url"]), "300"]


def test_duplicate_header_is_reported(file: WriteFile, capsys: Printed) -> None:
    text = json.dumps(request()).replace('"Content-Type"', '"Content-Type": "x", "Content-Type"')
    _, document = check_before(capsys, "--request", file(text.encode()))
    assert finding_codes(document) == [("/headers/Content-Type", "0200001")]


@pytest.mark.parametrize("change", [{"url": "/other"}, {"method": "DELETE"}, {"method": None}])
def test_other_request_is_an_error(
    change: dict[str, Any], file: WriteFile, capsys: Printed
) -> None:
    file(request(**change))
    assert main(["check", "--request", "body.json"]) == 2
    out, err = capsys.readouterr()
    shown = f"{change.get('method', 'PUT')} {change.get('url', URL)}"
    assert err == f"isales-rules: body.json: {shown}: no rule set covers this method and URL\n"
    assert "1 more could not be checked" in out


def test_other_request_among_lines_is_named(file: WriteFile, capsys: Printed) -> None:
    lines = [json.dumps(request()), json.dumps(request(url="/other?t=s3cr3t"))]
    assert main(["check", "--request", file("\n".join(lines).encode(), "r.ndjson")]) == 2
    assert capsys.readouterr().err.startswith("isales-rules: r.ndjson:2: PUT /other: no rule set")


def test_archive_has_numbers_and_urls(file: WriteFile, capsys: Printed) -> None:
    bad = BODY | {"maxAlertingTime": 300}
    content = archive(
        entry(method="GET", url="https://other.example/"),
        entry(),
        entry(url=f"https://user:{HIDDEN}@service.example/{URL[24:]}?token={HIDDEN}#x", body=bad),
    )
    name = file(content, "all.har")
    assert main(["check", "--har", name, "--now", "2020-09-01"]) == 1
    out, err = capsys.readouterr()
    shown = (
        f"entry 3, PUT https://service.example/{URL[24:]}: maxAlertingTime must be from 5 to 120"
    )
    assert shown in " ".join(out.split())
    assert "1 request to other services" in out
    assert HIDDEN not in out + err


def test_archive_findings_have_paths_and_regions(file: WriteFile, capsys: Printed) -> None:
    made = entry(
        url=URL.replace("/1/", "/0/"),
        headers={"content-type": "text/plain", "X-Other": "1"},
        body=BODY | {"name": None},
    )
    content = archive(entry(), made)
    code, document = check_before(capsys, "--har", file(content, "all.har"))
    assert code == 1
    assert finding_codes(document) == [
        ("/log/entries/1/path/vdnId", "02000007"),
        ("/log/entries/1/headers/Authorization", "02000001"),
        ("/log/entries/1/headers/Content-Type", "02000007"),
        ("/log/entries/1/body/name", "02000001"),
    ]
    lines = content.decode().splitlines()
    shown = [lines[one["line"] - 1].strip()[:25] for one in document["findings"]]
    assert [text.partition(":")[0] for text in shown] == ['"url"', '"headers"', '"value"', '"text"']
    assert document["summary"]["others"] == 0


def test_archive_without_bodies(file: WriteFile, capsys: Printed) -> None:
    made = entry()
    del made["request"]["postData"]
    code, document = check_before(capsys, "--har", file(archive(made), "all.har"))
    assert (code, finding_codes(document)) == (1, [("/log/entries/0/body", "02000001")])


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("content", [b"{", b"[]", b'{"log": {}}', b'{"log": {"entries": {}}}'])
def test_other_json_is_not_an_archive(
    content: bytes, jobs: str, file: WriteFile, capsys: Printed
) -> None:
    assert main(["check", "--har", file(content, "all.har"), "--jobs", jobs]) == 2
    assert capsys.readouterr().err == "isales-rules: all.har: is not an HTTP archive (HAR)\n"


@pytest.mark.parametrize("odd", [{}, {"request": 1}, {"request": {"url": 1}}, 1, None, [], "x"])
def test_odd_entries_are_other_requests(odd: Any, file: WriteFile, capsys: Printed) -> None:
    code, document = check_before(capsys, "--har", file(archive(odd, entry()), "all.har"))
    assert (code, document["summary"]["others"]) == (0, 1)


def test_redacted_archive_shows_interfaces(file: WriteFile, capsys: Printed) -> None:
    content = archive(entry(body=BODY | {"maxAlertingTime": 300}))
    assert main(["check", "--har", file(content, "all.har"), "--redact"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "entry 1, PUT /rest/isales/v1/openapi/campaigns/{vdnId}/{campaignId}: " in out
    assert "10000000001" not in out


def test_facts_of_any_rule_set_are_accepted(
    file: WriteFile, capsys: Printed, tmp_path: Path
) -> None:
    (tmp_path / "facts.json").write_text('{"campaign_names": ["a"]}', "utf-8")
    made = request(body=BODY | {"name": "a"})
    _, document = check_before(capsys, "--request", file(made), "--facts", "facts.json")
    assert finding_codes(document) == [("/body/name", "0200005")]


@pytest.mark.parametrize("format", ["text", "concise", "sarif", "junit", "github", "gitlab"])
def test_formats_have_routed_findings(format: str, file: WriteFile, capsys: Printed) -> None:
    name = file(archive(entry(body=BODY | {"maxAlertingTime": 300})), "all.har")
    assert main(["check", "--har", name, "--format", format]) == 1
    assert "maxAlertingTime" in capsys.readouterr().out
    assert main(["check", "--har", name, "--select", "callerNo", "--format", format]) == 0
