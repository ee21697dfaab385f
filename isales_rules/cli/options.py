"""Options that are flags of the command and settings of a file."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError, _ActionsContainer
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from isales_rules.cli.formats import FORMATS
from isales_rules.language.catalog import LOCALES, default_ruleset, resolve_locale

DEFAULT_RULESET = default_ruleset()

FAIL_LEVELS = {
    "error": frozenset({"error"}),
    "warning": frozenset({"error", "warning"}),
    "never": frozenset[str](),
}
"""Severities that make the command fail, by the value of `--fail-level`."""


class _Type(NamedTuple):
    """Type of an option.

    `convert` returns the value of a setting, and raises `ValueError` or `TypeError` if it is
    invalid. `from_argument` returns the setting that an argument states. `schema` is the JSON
    Schema of a setting.
    """

    expected: str
    convert: Callable[[Any], Any]
    schema: Mapping[str, Any]
    from_argument: Callable[[str], Any] = str
    flag: Mapping[str, Any] = MappingProxyType({})


class Option(NamedTuple):
    """Option that is a flag of the command and a setting.

    A relative path in a file is relative to the folder of that file.
    """

    name: str
    type: _Type
    help: str
    metavar: str | None = None
    default: Any = None
    is_path: bool = False

    def add_to(self, parser: _ActionsContainer) -> None:
        """Add the flag of this option to a parser."""
        keywords = dict(self.type.flag)
        if keywords.get("action") != "store_const":
            keywords |= {"type": self.from_argument, "metavar": self.metavar}
        parser.add_argument(f"--{self.name}", help=self.help, **keywords)

    def from_argument(self, text: str) -> Any:
        """Convert the argument of the flag, or raise `ArgumentTypeError`."""
        try:
            return self.type.convert(self.type.from_argument(text))
        except ValueError:
            raise ArgumentTypeError(f"must be {self.type.expected}, not {text[:64]!r}") from None


def _instance(expected: type) -> Callable[[Any], Any]:
    """Make a converter that raises `TypeError` for any other type."""

    def convert(value: Any) -> Any:
        if type(value) is not expected:
            raise TypeError
        return value

    return convert


def _one_of(options: Collection[str], convert: Callable[[Any], str] = str) -> _Type:
    def choose(value: Any) -> str:
        if (chosen := convert(value)) not in options:
            raise ValueError
        return chosen

    schema: dict[str, Any] = (
        {"enum": [*options]} if convert is str else {"type": "string", "examples": [*options]}
    )
    return _Type(f"one of {', '.join(options)}", choose, schema, flag={"choices": options})


def _positive_int(value: Any) -> int:
    number: int = _instance(int)(value)
    if not 0 < number < 10**9:
        raise ValueError
    return number


def _jobs(value: Any) -> int:
    return os.cpu_count() or 1 if value == "auto" else _positive_int(value)


def _parse_decimal(text: str) -> int:
    """Convert ASCII digits. Raise `ValueError` for any other text."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError
    return int(text)


def _comma_list(text: str) -> list[str]:
    """Split a list of names at its commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _strings(value: Any) -> list[str]:
    return [_instance(str)(text) for text in _instance(list)(value)]


def _string_by_pattern(value: Any) -> list[tuple[str, str]]:
    return [(pattern, _instance(str)(text)) for pattern, text in _instance(dict)(value).items()]


def _by_pattern(value: Any) -> list[tuple[str, list[str]]]:
    return [(pattern, _strings(names)) for pattern, names in _instance(dict)(value).items()]


def _pattern_and_names(text: str) -> dict[str, list[str]]:
    pattern, names = _split(text, "PATTERN=NAMES, such as 'drafts/*=body.*'")
    return {pattern: _comma_list(names)}


def _pattern_and_name(text: str) -> dict[str, str]:
    return dict([_split(text, "PATTERN=NAME, such as 'drafts/*=mine.toml'")])


def _split(text: str, expected: str) -> tuple[str, str]:
    pattern, equals, value = text.rpartition("=")
    if not equals:
        raise ArgumentTypeError(f"must be {expected}, not {text[:64]!r}")
    return pattern, value


def _moment(value: Any) -> Any:
    from datetime import UTC, date, datetime

    from isales_rules.language.time_formats import from_iso

    if isinstance(value, date):
        return (
            value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        )
    return datetime.now(UTC) if value == "clock" else from_iso(value)


_STRING = {"type": "string"}
_STRINGS = {"type": "array", "items": _STRING}
_POSITIVE = {"type": "integer", "minimum": 1}

_TEXT = _Type("a string", _instance(str), _STRING)
_LIST = _Type("an array of strings", _strings, _STRINGS, _comma_list, {"action": "extend"})

_OPTIONS = (
    Option(
        "ruleset",
        _TEXT,
        f"shipped rule set, or path of a .toml file (default: {DEFAULT_RULESET})",
        "NAME",
        default=DEFAULT_RULESET,
    ),
    Option(
        "rulesets",
        _Type(
            "a table of strings, by pattern",
            _string_by_pattern,
            {"type": "object", "additionalProperties": _STRING},
            _pattern_and_name,
            {"action": "extend"},
        ),
        "rule set of files whose path or name matches; repeatable, the first match wins",
        "PATTERN=NAME",
        default=(),
    ),
    Option(
        "locale",
        _one_of(LOCALES, resolve_locale),
        "language of the messages (default: en_US)",
        default="en_US",
    ),
    Option(
        "exclude",
        _LIST,
        "skip files and folders whose path or name matches, except FILE arguments",
        "PATTERNS",
        default=(),
    ),
    Option(
        "jobs",
        _Type(
            "a whole number from 1, or `auto`",
            _jobs,
            {"anyOf": [_POSITIVE, {"const": "auto"}]},
            lambda text: text if text == "auto" else _parse_decimal(text),
        ),
        "maximum number of worker processes, or `auto` for one per processor (default: 1)",
        "N",
        default=1,
    ),
    Option(
        "now",
        _Type(
            "an ISO 8601 date or time, such as 2030-09-01 or 2030-09-01T08:00:00Z, or `clock`",
            _moment,
            _STRING,
        ),
        "time of the check, as ISO 8601 (UTC without an offset), or `clock`; without it, rules that need the time are skipped",
        "TIME",
    ),
    Option(
        "facts",
        _TEXT,
        "JSON object of facts about the campaign; times as ISO 8601",
        "FILE",
        is_path=True,
    ),
    Option("format", _one_of(FORMATS), "format of the report (default: text)", default="text"),
    Option(
        "select",
        _LIST,
        "report only findings of these codes, rules and parameters, separated by commas; quote patterns",
        "NAMES",
        default=(),
    ),
    Option(
        "ignore",
        _LIST,
        "report no findings of these codes, rules and parameters",
        "NAMES",
        default=(),
    ),
    Option(
        "per-file-ignores",
        _Type(
            "a table of arrays of strings, by pattern",
            _by_pattern,
            {"type": "object", "additionalProperties": _STRINGS},
            _pattern_and_names,
            {"action": "extend"},
        ),
        "report no findings of these codes, rules and parameters in files whose path or name matches; repeatable",
        "PATTERN=NAMES",
        default=(),
    ),
    Option(
        "fail-level",
        _one_of(FAIL_LEVELS),
        "lowest severity that makes the command fail (default: error)",
        default="error",
    ),
    Option(
        "max-errors",
        _Type("a whole number from 1", _positive_int, _POSITIVE, _parse_decimal),
        "stop after this number of errors",
        "N",
    ),
    Option(
        "redact",
        _Type(
            "true or false",
            _instance(bool),
            {"type": "boolean"},
            flag={"action": "store_const", "const": True},
        ),
        "show no content of the files except parameter names",
        default=False,
    ),
    Option(
        "baseline", _TEXT, "file of known findings, which are not reported", "FILE", is_path=True
    ),
)


OPTIONS = {option.name: option for option in _OPTIONS}
"""Options by name. A flag takes precedence over the setting of a file."""
