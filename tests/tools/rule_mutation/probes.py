"""The cases that a mutant is put to, each with the answer that is written down for it: the worked answers, and `data/own-cases.ndjson`.

An own case has a body as a worked one has, and in `expect` every violation in the specification's order, as `[pointer, code]`, or
`[pointer, rule]` for an advisory. Beside the body it may have the other parts of a `request`, those of the first case where one is not named;
or it has the `text` of a whole one. A `reply` of the query interface states more facts. With `returned`, the body comes in such a reply itself,
with these members beside its own, and is checked as if it were sent back. `hides` is what no message may show.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from isales_rules import FactError, Report, RuleSet
from isales_rules.language.catalog import LOCALES
from tests.support.cases import DATA, bases, body_of, cases, facts_of

Answer = list[list[str]]


class Probe(NamedTuple):
    """A case. `how` is `body`, `request`, `text` or `returned`; `advisories` says whether they count, and with them the order."""

    name: str
    how: str
    checked: Any
    facts: dict[str, Any]
    expect: Answer
    advisories: bool = True
    hides: str = ""
    reply: Any = None

    def answer(self, rules: RuleSet, engine: str = "compiled") -> Answer:
        """Check, and give what was found in the form in which `expect` is written."""
        try:
            violations = self._report(rules, engine).violations
        except FactError as error:
            return [["", str(error)]]
        found = [[one.path, one.code or one.rule] for one in violations if self.advisories or one.code is not None]
        if self.hides and any(self.hides in one.message(locale) for one in violations for locale in LOCALES):
            found.append(["a message shows", self.hides])
        return found if self.advisories else sorted(found)

    def _report(self, rules: RuleSet, engine: str) -> Report:
        facts = {**self.facts, **(rules.facts_of_reply(self.reply) if self.reply else {})}
        if self.how == "body":
            return rules.validate(self.checked, facts, engine=engine)
        if self.how == "request":
            return rules.validate_request(**self.checked, facts=facts, engine=engine)
        if self.how == "returned":
            return rules.validate_reply_json(json.dumps(self.checked), facts, engine=engine)
        return rules.validate_request_json(self.checked, facts, engine=engine)


def own() -> Iterator[Probe]:
    """Give the own cases."""
    known = bases()
    lines = [json.loads(line) for line in (DATA / "own-cases.ndjson").read_text("utf-8").splitlines()]
    for case in lines:
        body = body_of(case, known)
        how = next((how for how in ("request", "text", "returned") if how in case), "body")
        checked = {
            "body": body,
            "request": {**lines[0]["request"], "body": body, **case.get("request", {})},
            "text": case.get("text"),
            "returned": {"resultCode": "0200000", "returnObject": {**body, **case.get("returned", {})} if isinstance(body, dict) else body},
        }[how]
        yield Probe(case["case"], how, checked, facts_of(case), case["expect"], hides=case.get("hides", ""), reply=case.get("reply"))


def probes() -> list[Probe]:
    """Give all cases, the own ones first."""
    return [*own(), *(Probe(case.name, "body", case.body, case.facts, sorted(case.expect), advisories=False) for case in cases())]
