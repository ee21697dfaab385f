"""The stub of the service: its codes, and its state."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import isales_rules
from isales_rules import FactError, RuleSet
from isales_rules.testing import StubService
from tests.support.command import BODY, HEADERS
from tests.support.rule_sets import fact, load, rule, rule_set

URL = "https://service.example/rest/isales/v1/openapi/campaigns/1/{}?x=1"
CAMPAIGN = {**BODY, "id": 7, "status": 1, "name": "first"}
OTHER = {**BODY, "id": "8", "status": 1, "name": "second"}
EXPIRED = {**BODY, "id": 9, "status": 4, "name": "third"}


@pytest.fixture
def service(rules: RuleSet) -> StubService:
    return StubService(rules, [CAMPAIGN, OTHER, EXPIRED], facts={"skill_ids": [1]})


def code(service: StubService, campaign: int, **changes: Any) -> str:
    body = json.dumps({**BODY, **changes})
    status, headers, answer = service("PUT", URL.format(campaign), HEADERS, body.encode())
    assert (status, headers) == (200, {"Content-Type": "application/json"})
    result: str = json.loads(answer)["resultCode"]
    return result


def test_stub_answers_with_the_codes_of_the_service(service: StubService) -> None:
    assert code(service, 7) == "0200000"
    assert code(service, 7, maxAlertingTime=300) == "02000007"
    assert code(service, 7, deviceType=3) == "02000007"  # not the one at creation
    assert code(service, 10) == "0200007"
    assert code(service, 9) == "0200016"
    assert code(service, 7, name="second") == "0200005"
    assert code(service, 7, name="first") == "0200000"


def test_valid_request_changes_the_campaign(service: StubService) -> None:
    assert code(service, 7, name="second") == "0200005"
    assert code(service, 8, name="renamed") == "0200000"
    assert service.campaigns[1] == {**OTHER, "name": "renamed"}
    assert code(service, 7, name="second") == "0200000"
    assert code(service, 8, name="second") == "0200005"


def test_invalid_request_changes_nothing(service: StubService) -> None:
    before = copy.deepcopy(service.campaigns)
    assert code(service, 7, name="") == "02000001"
    assert service("PUT", URL.format(7), HEADERS, b"[").status == 200
    assert service.campaigns == before


def test_stub_does_not_share_objects(rules: RuleSet) -> None:
    campaign, body = copy.deepcopy(CAMPAIGN), copy.deepcopy(BODY)
    service = StubService(rules, [campaign])
    service("PUT", URL.format(7), HEADERS, body)
    body["scheduleParam"].clear()
    campaign["scheduleParam"].clear()
    assert service.campaigns == [{**CAMPAIGN, **BODY}]


@pytest.mark.parametrize(
    ("method", "url", "status", "headers"),
    [
        ("GET", URL.format(7), 405, {"Allow": "PUT"}),
        ("PUT", "/other", 404, {}),
        ("PUT", "/", 404, {}),
    ],
)
def test_other_requests_are_not_answered(
    method: str, url: str, status: int, headers: dict[str, str], service: StubService
) -> None:
    assert service(method, url, HEADERS, b"{}") == (status, headers, b"")


def test_missing_header_is_answered(service: StubService) -> None:
    answer = json.loads(service("PUT", URL.format(7), {}, BODY).body)
    assert answer["resultCode"] == "02000001"


def test_stub_describes_errors_in_the_locale(rules: RuleSet) -> None:
    service = StubService(rules, [CAMPAIGN], locale="en_US")
    answer = json.loads(service("PUT", URL.format(10), HEADERS, BODY).body)
    assert answer["returnDesc"] == rules.codes("en_US")["0200007"]


def test_stated_facts_come_first(rules: RuleSet) -> None:
    service = StubService(rules, [CAMPAIGN], facts={"now": datetime(2090, 1, 1)})
    assert code(service, 7) == "0200002"
    assert code(StubService(rules, facts={"campaign_exists": True}), 7) == "0200000"


def test_invalid_campaigns_and_facts_raise(rules: RuleSet) -> None:
    with pytest.raises(FactError, match="device_type"):
        StubService(rules, [{**CAMPAIGN, "deviceType": "x"}])
    with pytest.raises(FactError, match="unknown fact"):
        StubService(rules, facts={"odd": 1})


def test_interface_without_replies_adds(tmp_path: Path) -> None:
    names = fact("strings") | {"others": "name"}
    data = rule_set(
        {"name": {"type": "string"}},
        facts={"names": names},
        rules=[rule({"then": {"name": {"not_in": {"fact": "names"}}}}, code="0200005")],
    )
    data["request"] |= {"method": "POST", "url": "/things"}
    service = StubService(load(tmp_path, data))
    answers = [service("POST", "/things", {}, body).body for body in ({"name": "a"},) * 2]
    assert [json.loads(one)["resultCode"] for one in answers] == ["0200000", "0200005"]
    assert service.campaigns == [{"name": "a"}]


def test_others_are_of_a_collection() -> None:
    data = rule_set({}, facts={"size": fact("integer") | {"others": "size"}})
    with pytest.raises(isales_rules.RuleSetError, match=r"facts\.size\.others"):
        isales_rules.load(data)
