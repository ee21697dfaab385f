"""Requests with a method and a URL, each validated with the rule set of its interface."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from isales_rules._text import escape_nonprintable
from isales_rules.cli.facts import own_facts
from isales_rules.engine.json_text import JsonSyntaxError, parse_json
from isales_rules.report import Report, Violation
from isales_rules.routing import match
from isales_rules.ruleset import RuleSet, endpoints

MAX_URL = 120
"""Maximum length of a URL that is shown."""

HAR_ENTRIES = ("log", "entries")
"""Path of the array of requests in an HTTP archive."""


class Routed(NamedTuple):
    """The report of a request; `None` if no rule set covers its method and URL.

    `pointers` has the path in the text for the beginnings of paths in the report that differ.
    `shown` names the request without the query of its URL, which may contain a secret, and
    `endpoint` its interface.
    """

    report: Report | None
    pointers: Mapping[str, str]
    shown: str
    endpoint: str = ""

    def pointer(self, violation: Violation) -> str:
        """Return the path of a violation in the text."""
        path = f"{violation.path}/".lower()
        known = [begin for begin in self.pointers if path.startswith(f"{begin}/".lower())]
        return self.pointers[max(known, key=len)] if known else violation.path


class _Request(NamedTuple):
    method: Any
    url: str
    headers: Any
    body: Any
    pointers: Mapping[str, str]


class Router:
    """Validates requests with the rule sets of their interfaces.

    `facts` may be those of any rule set; each gets its own.
    """

    def __init__(self, kind: str, facts: Mapping[str, Any]) -> None:
        self._read = _READERS[kind]
        self._facts = facts
        self._prepared: dict[RuleSet, Mapping[str, Any]] = {}

    def route(self, text: bytes) -> Routed | None:
        """Validate a request; return `None` for a text without a URL."""
        try:
            request = self._read(parse_json(text))
        except JsonSyntaxError:
            return None
        if request is None:
            return None
        shown = _shown(request)
        found = match(request.method, request.url) if isinstance(request.method, str) else None
        if found is None:
            return Routed(None, request.pointers, shown)
        report = found.rules.validate_request(
            path=found.path,
            headers=request.headers,
            body=request.body,
            facts=self._facts_of(found.rules),
        )
        endpoint = endpoints()[found.rules.name]
        return Routed(report, request.pointers, shown, f"{endpoint['method']} {endpoint['url']}")

    def _facts_of(self, rules: RuleSet) -> Mapping[str, Any]:
        if rules not in self._prepared:
            self._prepared[rules] = rules.prepare_facts(own_facts(self._facts, rules))
        return self._prepared[rules]


def _shown(request: _Request) -> str:
    url = re.sub(r"[?#].*", "", re.sub(r"//[^/?#]*@", "//", request.url), flags=re.DOTALL)
    more = "…" if len(url) > MAX_URL else ""
    return escape_nonprintable(f"{str(request.method)[:16]} {url[:MAX_URL]}{more}")


def _read_request(document: Any) -> _Request | None:
    if type(document) is not dict or not isinstance(document.get("url"), str):
        return None
    method, headers, body = map(document.get, ("method", "headers", "body"))
    return _Request(method, document["url"], headers, body, {"/path": "/url"})


def _read_entry(document: Any) -> _Request | None:
    """Read an entry of an HTTP archive (HAR 1.2)."""
    request = _member(document, "request")
    url = request.get("url")
    fields = request.get("headers")
    fields = fields if isinstance(fields, list) else []
    pairs = [(_member(field).get("name"), _member(field).get("value")) for field in fields]
    pointers = {
        f"/headers/{name}": f"/request/headers/{index}/value"
        for index, (name, _) in enumerate(pairs)
    }
    pointers |= {"/path": "/request/url", "/headers": "/request/headers"}
    body = _member(request, "postData").get("text")
    return _Request(
        request.get("method"),
        url if isinstance(url, str) else "",
        pairs,
        body,
        pointers | {"/body": "/request/postData/text"},
    )


def _member(value: Any, name: str | None = None) -> Mapping[str, Any]:
    """Return an object or its member, and an empty one for anything else."""
    if name is not None:
        value = _member(value).get(name)
    return value if isinstance(value, dict) else {}


_READERS: Mapping[str, Callable[[Any], _Request | None]] = {
    "request": _read_request,
    "har": _read_entry,
}

ROUTED = frozenset(_READERS)
"""Kinds of input with a method and a URL."""
