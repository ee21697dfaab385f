"""The probes: worked answers, and `data/own-cases.ndjson`, each with the expected answer.

An own probe has a body like a worked answer; `expect` lists every violation in order as `[pointer,
code]`, or `[pointer, rule]` for an advisory. `request` has other parts of a request, by default
those of the first probe; `text` is the text of a whole request. `reply` is a reply of the query
interface that states facts. With `returned`, the body is inside such a reply, together with these
members, and is validated as a reply. `hides` is a text that no message may contain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from isales_rules import FactError, Report, RuleSet
from isales_rules.language.catalog import LOCALES
from tests.support import siblings
from tests.support.cases import DATA, bases, body_of, cases, facts_of

Answer = list[list[str]]


class Probe(NamedTuple):
    """Data with the expected answer.

    `mode` is `body`, `request`, `text` or `returned`. `advisories` includes advisories, and the
    order of violations.
    """

    name: str
    mode: str
    data: Any
    facts: dict[str, Any]
    expect: Answer
    advisories: bool = True
    hides: str = ""
    reply: Any = None

    def answer(self, rules: RuleSet, engine: str = "compiled") -> Answer:
        """Validate, and return the violations in the notation of `expect`.

        Whatever was validated before, the function that accepts valid documents runs first.
        """
        for part in rules._engines.values():
            part.accepting = True
        try:
            violations = self._report(rules, engine).violations
        except FactError as error:
            return [["", str(error)]]
        actual = [
            [one.path, one.code or one.rule]
            for one in violations
            if self.advisories or one.code is not None
        ]
        if self.hides and any(
            self.hides in one.message(locale) for one in violations for locale in LOCALES
        ):
            actual.append(["a message shows", self.hides])
        return actual if self.advisories else sorted(actual)

    def _report(self, rules: RuleSet, engine: str) -> Report:
        facts = {**self.facts, **(rules.facts_of_reply(self.reply) if self.reply else {})}
        if self.mode == "body":
            return rules.validate(self.data, facts, engine=engine)
        if self.mode == "request":
            return rules.validate_request(**self.data, facts=facts, engine=engine)
        if self.mode == "returned":
            return rules.validate_reply_json(json.dumps(self.data), facts, engine=engine)
        return rules.validate_request_json(self.data, facts, engine=engine)


def own_probes() -> Iterator[Probe]:
    """Iterate over the own probes."""
    base_bodies = bases()
    lines = [
        json.loads(line) for line in (DATA / "own-cases.ndjson").read_text("utf-8").splitlines()
    ]
    for case in lines:
        body = body_of(case, base_bodies)
        mode = next((mode for mode in ("request", "text", "returned") if mode in case), "body")
        data = {
            "body": body,
            "request": {**lines[0]["request"], "body": body, **case.get("request", {})},
            "text": case.get("text"),
            "returned": {
                "resultCode": "0200000",
                "returnObject": {**body, **case.get("returned", {})}
                if isinstance(body, dict)
                else body,
            },
        }[mode]
        yield Probe(
            case["case"],
            mode,
            data,
            facts_of(case),
            case["expect"],
            hides=case.get("hides", ""),
            reply=case.get("reply"),
        )


def sibling_probes(name: str) -> list[Probe]:
    """Return the probes of the rule set of another interface."""
    own = [case for case in siblings.own_cases() if case["ruleset"] == name]
    found = [
        Probe(case["case"], "body", case["body"], facts_of(case), case["expect"]) for case in own
    ]
    found += [
        Probe(case, "request", request, {}, expect, hides=hides)
        for case, request, expect, hides in siblings.request_cases(name)
    ]
    found += [
        Probe(
            f"{name} {number}",
            "body",
            case["body"],
            case["facts"],
            case["expect"],
            advisories=False,
        )
        for number, case in enumerate(siblings.worked_answers()[name])
    ]
    if name == "campaign-add-v1":
        found += [
            Probe(case, "body", body, facts, expect, advisories=ordered)
            for case, body, facts, expect, ordered in siblings.campaign_cases()
        ]
    found += [
        Probe(case, "text", text, {}, expect) for case, text, expect in siblings.text_cases(name)
    ]
    return found


def probes(name: str = "campaign-modify-v1") -> list[Probe]:
    """Return all probes of a rule set, own ones first."""
    if name != "campaign-modify-v1":
        return sibling_probes(name)
    return [
        *own_probes(),
        *(
            Probe(case.name, "body", case.body, case.facts, sorted(case.expect), advisories=False)
            for case in cases()
        ),
    ]
