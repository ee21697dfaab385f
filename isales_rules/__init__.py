"""Answers, before a request is sent, what Huawei's CC-iSales service would answer to it."""

from __future__ import annotations

TYPE_CHECKING = (
    False  # type checkers know this name; `typing` takes longer to import than everything else here
)
if TYPE_CHECKING:
    from isales_rules._types import (
        Engine,
        JsonValue,
        LineDict,
        Locale,
        ReportDict,
        Severity,
        ViolationDict,
    )
    from isales_rules.errors import IsalesRulesError
    from isales_rules.facts import FactError
    from isales_rules.report import Report, ValidationError
    from isales_rules.routing import HttpResult, Match, RequestError, match, validate_http
    from isales_rules.ruleset import RuleSet, RuleSetError, load, names
    from isales_rules.violations import Violation

__version__ = "0.1.0"

__all__ = [
    "Engine",
    "FactError",
    "HttpResult",
    "IsalesRulesError",
    "JsonValue",
    "LineDict",
    "Locale",
    "Match",
    "Report",
    "ReportDict",
    "RequestError",
    "RuleSet",
    "RuleSetError",
    "Severity",
    "ValidationError",
    "Violation",
    "ViolationDict",
    "__version__",
    "load",
    "match",
    "names",
    "validate_http",
]

_HOMES = {
    "Engine": "_types",
    "FactError": "facts",
    "HttpResult": "routing",
    "IsalesRulesError": "errors",
    "JsonValue": "_types",
    "LineDict": "_types",
    "Locale": "_types",
    "Match": "routing",
    "Report": "report",
    "ReportDict": "_types",
    "RequestError": "routing",
    "RuleSet": "ruleset",
    "RuleSetError": "ruleset",
    "Severity": "_types",
    "ValidationError": "report",
    "Violation": "violations",
    "ViolationDict": "_types",
    "load": "ruleset",
    "match": "routing",
    "names": "ruleset",
    "validate_http": "routing",
}


if not TYPE_CHECKING:  # pragma: no branch  # at run time it never is

    def __getattr__(name: str) -> object:
        """Import a public name when it is asked for.

        So that a command that needs none of them starts at once.
        """
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
