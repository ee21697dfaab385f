"""A stub of the service for the tests of its clients."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from isales_rules.engine.json_text import is_text, parse_json
from isales_rules.language.model import COLLECTIONS
from isales_rules.routing import path_parameters
from isales_rules.ruleset import RuleSet

if TYPE_CHECKING:
    from isales_rules import Locale


class StubResponse(NamedTuple):
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


class StubService:
    """Answers the requests to one interface like the service, without clock and network.

        service = StubService(rules, [{"id": 1, "status": 2, **campaign}])
        status, headers, body = service("PUT", url, headers, body)

    `campaigns` are the existing ones, as the query interface replies them; the rule set says how a
    URL names one, and which facts follow from them. `facts` states others, such as the time. A
    valid request changes the campaign, or adds one, so that the next request meets it: read
    `service.campaigns`. Requests to other URLs are answered with 404, other methods with 405.
    Descriptions are in `locale`. Raises `FactError` for campaigns that the query interface could
    not reply, and for invalid facts.
    """

    def __init__(
        self,
        rules: RuleSet,
        campaigns: Iterable[Mapping[str, Any]] = (),
        *,
        facts: Mapping[str, Any] | None = None,
        locale: Locale = "zh_CN",
    ) -> None:
        self.rules = rules
        self.campaigns = [copy.deepcopy(dict(one)) for one in campaigns]
        self._stated = dict(facts or {})
        self._locale = locale
        for one in (None, *self.campaigns):
            rules.prepare_facts(self._facts(one))

    def __call__(
        self, method: str, url: str, headers: object = (), body: object = b""
    ) -> StubResponse:
        """Answer a request; the arguments are those of `isales_rules.validate_http`."""
        path = path_parameters(self.rules, url)
        expected = self.rules.request["method"] if path is not None else ""
        if path is None or method != expected:
            return (
                StubResponse(404, {}, b"")
                if path is None
                else StubResponse(405, {"Allow": expected}, b"")
            )
        current = self._campaign(path)
        report = self.rules.validate_request(
            path=path, headers=headers, body=body, facts=self._facts(current)
        )
        if report:
            self._change(current, body)
        answer = json.dumps(report.response(self._locale), ensure_ascii=False)
        return StubResponse(200, {"Content-Type": "application/json"}, answer.encode())

    def _campaign(self, path: Mapping[str, str]) -> dict[str, Any] | None:
        """Return the campaign that a URL names; `None` if there is none, or it names none."""
        reply = self.rules.query_reply
        wanted = path.get(reply.get("id_parameter", ""))
        found = (one for one in self.campaigns if str(one.get(reply["id_member"])) == wanted)
        return None if wanted is None else next(found, None)

    def _facts(self, current: Mapping[str, Any] | None) -> dict[str, Any]:
        reply = self.rules.query_reply
        facts = self.rules.facts_of_reply({reply["campaign_member"]: current}) if reply else {}
        others = [one for one in self.campaigns if one is not current]
        for name, fact in self.rules.facts.items():
            if "others" in fact:
                wanted = str if fact["type"] == COLLECTIONS[0] else int
                values = [one.get(fact["others"]) for one in others]
                facts[name] = [value for value in values if isinstance(value, wanted)]
        return facts | self._stated

    def _change(self, current: dict[str, Any] | None, body: Any) -> None:
        if current is None:
            current = {}
            self.campaigns.append(current)
        current.update(parse_json(body) if is_text(body) else copy.deepcopy(body))
