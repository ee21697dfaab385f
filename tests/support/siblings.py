"""The answers of the other interfaces: worked ones, own ones, and ones for whole requests.

`data/siblings.ndjson` has worked answers, whose `expect` lists every error as `[pointer, code]`,
sorted. `data/own-siblings.ndjson` has own cases, whose `expect` lists every violation in order, a
warning as `[pointer, rule]`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from isales_rules.engine.values import is_missing
from tests.support.cases import DATA, bases, body_of, facts_of

SIBLINGS = (
    "blocklist-add-v1",
    "business-result-write-v1",
    "call-batch-create-v1",
    "call-results-query-v1",
    "campaign-add-v1",
    "numbers-add-v1",
    "numbers-delete-v1",
    "special-date-add-v1",
    "special-date-modify-v1",
)

UNLISTED = {
    "campaign-add-v1": {
        "02000004": "0200001",
        "02000005": "0200001",
        "02000008": "0200001",
        "02000010": "02000009",
        "02000011": "0200001",
    },
    "call-batch-create-v1": dict.fromkeys(
        [f"020000{number:02}" for number in range(4, 12)], "0200001"
    ),
}
"""For interfaces that do not list all shared codes, the codes in the place of the others."""

PARAMETERS = {
    "blocklist-add-v1": None,
    "campaign-add-v1": None,
    "business-result-write-v1": "dataId",
}
"""The second parameter of the URL, if it is not `campaignId`."""

HEADERS = {"Content-Type": "application/json; charset=UTF-8", "Authorization": "Digest 0123"}


def lines(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / file).read_text("utf-8").splitlines()]


@cache
def worked_answers() -> dict[str, list[dict[str, Any]]]:
    """Load the worked answers by rule set, each with the facts as they are stated."""
    cases: dict[str, list[dict[str, Any]]] = {name: [] for name in SIBLINGS}
    for case in lines("siblings.ndjson"):
        cases[case["ruleset"]].append({**case, "facts": facts_of(case)})
    return cases


def own_cases() -> list[dict[str, Any]]:
    return lines("own-siblings.ndjson")


def valid_body(name: str) -> Any:
    """Return the body of the first worked answer, which is valid."""
    return worked_answers()[name][0]["body"]


def path_of(name: str) -> dict[str, Any]:
    """Return valid parameters of the URL."""
    second = PARAMETERS.get(name, "campaignId")
    return {"vdnId": 1, second: 10000000001} if second else {"vdnId": 1}


def request_cases(name: str) -> Iterator[tuple[str, dict[str, Any], list[list[str]], str]]:
    """Yield whole requests about the URL and the headers.

    Each has its violations in order, and a text that no message may show. They are those of
    `data/own-cases.ndjson`, with the parameters, the body and the codes of the interface.
    """
    codes, known = UNLISTED.get(name, {}), path_of(name)
    [second] = [key for key in known if key != "vdnId"] or [""]

    def renamed(key: str) -> str:
        return key.replace("campaignI", second and f"{second[:-2]}I")

    for case in lines("own-cases.ndjson"):
        if "request" not in case:
            continue
        request = {"path": known, "headers": HEADERS, "body": valid_body(name), **case["request"]}
        if isinstance(request["path"], dict):
            request["path"] = {
                renamed(key): value
                for key, value in request["path"].items()
                if second or not key.startswith("campaign")
            }
        expect = [
            [renamed(pointer), codes.get(code, code)]
            for pointer, code in case["expect"]
            if second or "/campaign" not in pointer
        ]
        yield case["case"], request, expect, case.get("hides", "")
    other_case = {key.replace("vdn", "VDN"): value for key, value in known.items()}
    other = {"path": other_case, "headers": HEADERS, "body": valid_body(name)}
    yield "other case", other, [["/path/vdnId", "02000001"], ["/path/VDNId", "0200001"]], ""
    more = {"path": {**known, "other": 1}, "headers": HEADERS, "body": valid_body(name)}
    yield "too many", more, [["/path", codes.get("02000011", "02000011")]], ""


def campaign_cases() -> Iterator[tuple[str, Any, dict[str, Any], list[list[str]], bool]]:
    """Yield the answers of `campaign-modify-v1` as those of `campaign-add-v1`.

    Own cases have all violations in order, and others the errors, sorted; the last item says which.
    Left out are those about the existing campaign, and about more parameters than the body has, as
    it has one more.
    """
    codes = UNLISTED["campaign-add-v1"]
    base_bodies = bases()
    known = {"now", "campaign_names", "skill_ids"}
    worked = [(case, False) for case in lines("campaign-modify-v1.ndjson")]
    for case, own in (*((case, True) for case in lines("own-cases.ndjson")), *worked):
        body = body_of(case, base_bodies)
        facts = facts_of(case)
        other = {"request", "text", "returned", "reply"} & case.keys() or not facts.keys() <= known
        if other or not isinstance(body, dict) or ["", "02000011"] in case["expect"]:
            continue
        expect = [[path, codes.get(code, code)] for path, code in case["expect"]]
        missing = [name for name in ("strBeginTime", "strEndTime") if is_missing(body.get(name))]
        if own and not missing:
            yield case["case"], body, facts, expect, True
        else:
            errors = [one for one in expect if one[1].isdigit()]
            errors += [[f"/{name}", "02000001"] for name in missing]
            yield case["case"], body, facts, sorted(errors), False


def text_cases(name: str) -> Iterator[tuple[str, str, list[list[str]]]]:
    """Yield texts of whole requests, with their violations in order."""
    code = UNLISTED.get(name, {}).get("02000008", "02000008")
    yield "not JSON", '{"body": ', [["", code]]
    parts = [
        f'"{part}": {json.dumps(value)}'
        for part, value in (
            ("path", path_of(name)),
            ("headers", HEADERS),
            ("body", valid_body(name)),
        )
    ]
    yield "a part twice", f'{{"body": 1, {", ".join(parts)}}}', [["/body", "0200001"]]
