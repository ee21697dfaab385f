"""The command `isales-rules`.

It exits with 0 where nothing is wrong, with 1 where something was found, and with 2 where it could not do its work: wrong usage, a file that is
missing or cannot be read, a bad rule set or bad facts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from isales_rules import __version__
from isales_rules.codes import LOCALES
from isales_rules.facts import FactError, state
from isales_rules.formats import FORMATS, Result, reference
from isales_rules.model import PARTS, hint
from isales_rules.ruleset import RuleSet, RuleSetError, load, names

DEFAULT = "campaign-modify-v1"


class _UsageError(Exception):
    """Ends the command with its text and the exit code 2."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: the process's own) and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        return int(arguments.run(arguments))
    except (_UsageError, RuleSetError, FactError) as error:
        print(f"isales-rules: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="isales-rules", description="Check requests for CC-iSales before they are sent.")
    parser.add_argument("--version", action="version", version=f"isales-rules {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--ruleset", default=DEFAULT, metavar="NAME", help=f"a shipped rule set, or the path of a .toml file (default: {DEFAULT})")
    common.add_argument("--locale", choices=LOCALES, default="en_US", help="the language of the messages (default: en_US)")

    check = commands.add_parser("check", parents=[common], help="check files", description="Check files, each with one request body as JSON.")
    check.add_argument("files", nargs="+", metavar="FILE", help="a JSON file; - is standard input")
    check.add_argument("--format", choices=FORMATS, default="text", help="the form of what is printed (default: text)")
    check.add_argument("--now", metavar="TIME", help="the time of the check, in any form that python-dateutil reads (default: the clock, in UTC)")
    check.add_argument("--facts", metavar="FILE", help="a JSON object of facts about the campaign; times are text")
    check.add_argument("--current", metavar="FILE", help="the reply of the query interface for the campaign as it is, which states facts about it")
    check.add_argument("--strict", action="store_true", help="advisories fail too")
    check.add_argument("--request", action="store_true", help='a file holds {"path": ..., "headers": ..., "body": ...}, not the body alone')
    check.set_defaults(run=_check)

    explain = commands.add_parser("explain", parents=[common], help="say what a result code means", description="Say what a result code means.")
    explain.add_argument("code", metavar="CODE", help="a result code, such as the service answers with")
    explain.set_defaults(run=_explain)

    rules = commands.add_parser("rules", parents=[common], help="list every rule", description="List every rule, with its source.")
    rules.set_defaults(run=_rules)

    cases = commands.add_parser(
        "cases",
        help="print the smallest requests that just pass and just fail each rule",
        description="Print, as NDJSON, the smallest requests that just pass and just fail each rule, with the errors that each must give.",
    )
    cases.add_argument("ruleset", metavar="RULESET", help=f"{', '.join(names())}, or the path of a .toml file")
    cases.set_defaults(run=_cases)

    compile_ = commands.add_parser("compile", help="print what a rule set is compiled to", description="Print the functions a rule set becomes.")
    compile_.add_argument("ruleset", metavar="RULESET", help=f"{', '.join(names())}, or the path of a .toml file")
    compile_.set_defaults(run=_compile)
    return parser


def _check(arguments: argparse.Namespace) -> int:
    rules = load(arguments.ruleset)
    facts = _facts(arguments, rules)
    look = rules.validate_request_json if arguments.request else rules.validate_json
    secrets = {parameter.name.lower() for part in PARTS for parameter in rules.root(part).walk() if parameter.row.get("secret")}
    results: list[Result] = []
    unreadable = False
    for file in arguments.files:
        try:
            content = _read(file)
        except OSError as error:
            unreadable = True
            print(f"isales-rules: {file}: cannot be read: {error.strerror}", file=sys.stderr)
            continue
        results.append(Result(file, look(content, facts), content, secrets))
    _print(FORMATS[arguments.format](results, arguments.locale))
    if unreadable:
        return 2
    return int(any(result.report.violations if arguments.strict else not result.report.ok for result in results))


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    with open(file, "rb") as opened:
        return opened.read()


def _read_json(file: str) -> Any:
    try:
        return json.loads(_read(file))
    except OSError as error:
        raise _UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise _UsageError(f"{file}: is not JSON: {error}") from None


def _facts(arguments: argparse.Namespace, rules: RuleSet) -> dict[str, Any]:
    """Gather the facts: the clock's, then the reply's, then the file's, then those of the arguments; what comes later counts."""
    declared = rules.facts
    clocks = [name for name, fact in declared.items() if fact.get("clock")]
    facts: dict[str, Any] = dict.fromkeys(clocks, datetime.now(UTC))
    if arguments.current is not None:
        try:
            facts |= rules.facts_of_reply(_read_json(arguments.current))
        except FactError as error:
            raise _UsageError(f"{arguments.current}: {error}") from None
    if arguments.facts is not None:
        stated = _read_json(arguments.facts)
        if not isinstance(stated, dict):
            raise _UsageError(f"{arguments.facts}: must hold a JSON object of facts")
        for name, value in stated.items():
            is_time = isinstance(value, str) and declared.get(name, {}).get("type") == "datetime"
            facts[name] = _time(value, f"{arguments.facts}: {name}") if is_time else value
    if arguments.now is not None:
        facts |= dict.fromkeys(clocks, _time(arguments.now, "--now"))
    state(facts, declared)
    return facts


def _time(text: str, place: str) -> datetime:
    from dateutil.parser import UnknownTimezoneWarning, parse

    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnknownTimezoneWarning)
            moment: datetime = parse(text, default=today)
    except (ValueError, OverflowError, UnknownTimezoneWarning) as error:
        raise _UsageError(f"{place}: is not a time: {error}") from None
    return moment


def _explain(arguments: argparse.Namespace) -> int:
    rules = load(arguments.ruleset)
    meanings = rules.meanings(arguments.locale)
    if arguments.code not in meanings:
        raise _UsageError(f"there is no code {arguments.code!r}{hint(arguments.code, meanings)}; the codes are {', '.join(meanings)}")
    _print([f"{arguments.code}: {meanings[arguments.code]}", *reference(rules, arguments.locale, arguments.code)])
    return 0


def _rules(arguments: argparse.Namespace) -> int:
    rules = load(arguments.ruleset)
    facts = (f"fact {name} ({fact['type']}): {fact[arguments.locale]}" for name, fact in rules.facts.items())
    _print([*reference(rules, arguments.locale), *facts])
    return 0


def _cases(arguments: argparse.Namespace) -> int:
    from isales_rules.cases import cases

    _print(json.dumps(case) for case in cases(load(arguments.ruleset)))
    return 0


def _compile(arguments: argparse.Namespace) -> int:
    _print(load(arguments.ruleset).source().splitlines())
    return 0


def _print(lines: Iterable[str]) -> None:
    """Print lines. A reader that goes away, as `head` does, misses the rest, and changes nothing about the exit code."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered would be tried once more, and fail once more, when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise _UsageError(f"what was found cannot be printed: {error.strerror}") from None
