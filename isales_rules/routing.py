"""Route HTTP requests to the shipped rule sets, and validate them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from isales_rules.messages import format_path
from isales_rules.report import Report, ValidationError
from isales_rules.ruleset import RuleSet, endpoints, load

_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_PATH_END = re.compile(r"[?#]")


class Match(NamedTuple):
    """The rule set of a request, and the parameters of its URL by name, decoded."""

    rules: RuleSet
    path: dict[str, str]


class HttpResult(NamedTuple):
    """The result of `validate_http`.

    `outcome` is `"validated"`, `"method-not-supported"` (rule sets cover the URL, but not with this
    method) or `"unknown-interface"`. Without validation, `rules` and `report` are `None`.
    """

    outcome: Literal["validated", "method-not-supported", "unknown-interface"]
    rules: RuleSet | None = None
    report: Report | None = None


class RequestError(ValidationError):
    """Raised by a client for a request that the service would reject.

    `report` has the violations. The text of the error has one line for each of them, without values
    of the request, so that it can be logged.
    """

    def __str__(self) -> str:
        return "\n".join(
            f"{violation.code} {format_path(violation.path)}: {violation.message(values=False)}"
            for violation in self.report.violations
            if violation.code is not None
        )


def match(method: str, url: str) -> Match | None:
    """Find the shipped rule set for a request.

    `url` is absolute, or starts with the path. The host, the port and the query are ignored. As in
    HTTP, the method and the path are case-sensitive, and a trailing slash makes another path. Path
    parameters are strings, and are not validated here. Returns `None` if no rule set covers the
    method and URL. Raises `TypeError` if one of them is not a `str`.
    """
    _check_text("method", method)
    return next(
        (Match(load(name), path) for name, found, path in _routes_of(url) if found == method), None
    )


def validate_http(
    method: str,
    url: str,
    headers: object,
    body: object,
    facts: Mapping[str, Any] | None = None,
) -> HttpResult:
    """Find the rule set for a request, as `match` does, and validate the whole request.

    `headers`, `body` and `facts` are those of `RuleSet.validate_request`, and the paths of
    violations start with `/path`, `/headers` or `/body`. Raises `TypeError` if the method or the
    URL is not a `str`, and `FactError` for facts that the rule set does not declare.
    """
    found = match(method, url)
    if found is None:
        known = any(True for _ in _routes_of(url))
        return HttpResult("method-not-supported" if known else "unknown-interface")
    report = found.rules.validate_request(path=found.path, headers=headers, body=body, facts=facts)
    return HttpResult("validated", found.rules, report)


def _routes_of(url: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield the name, the method and the path parameters of each rule set that covers a URL."""
    segments = _segments(url)
    for name, method, template in _routes():
        if (parameters := _path_parameters(template, segments)) is not None:
            yield name, method, parameters


def path_parameters(rules: RuleSet, url: str) -> dict[str, str] | None:
    """Return the parameters of the URL of a rule set; `None` if it does not cover the URL."""
    template = rules.request.get("url")
    return None if template is None else _path_parameters(template.split("/"), _segments(url))


def _segments(url: str) -> list[str]:
    """Return the decoded segments of the path of a URL."""
    _check_text("url", url)
    origin = _ORIGIN.match(url)
    path = _PATH_END.split(url[origin.end() :] if origin else url, maxsplit=1)[0]
    # A slash that is percent-encoded belongs to a segment.
    return [unquote(segment) for segment in path.split("/")]


@cache
def _routes() -> list[tuple[str, str, list[str]]]:
    """Return the name, the method and the segments of the URL of each shipped rule set."""
    return [
        (name, request["method"], request["url"].split("/"))
        for name, request in endpoints().items()
    ]


def _path_parameters(template: list[str], segments: list[str]) -> dict[str, str] | None:
    """Return the parameters of a path; `None` if the template does not cover it."""
    if len(template) != len(segments):
        return None
    parameters = {}
    for expected, segment in zip(template, segments, strict=True):
        if expected.startswith("{") and segment:
            parameters[expected[1:-1]] = segment
        elif expected != segment:
            return None
    return parameters


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"the {name} must be str, not {type(value).__name__}")


__all__ = ["HttpResult", "Match", "RequestError", "match", "validate_http"]
