"""The command `isales-rules`.

It exits with 0 where nothing is wrong, with 1 where something was found, with 2 where it could not do its work (wrong usage or settings, a file that
is missing or cannot be read, a bad rule set or bad facts, an output that takes no more), and with 130 where it was interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from isales_rules import __version__
from isales_rules.cli.check import _check
from isales_rules.cli.errors import CommandError, UsageError, print_error
from isales_rules.cli.files import ENDINGS
from isales_rules.cli.options import OPTIONS
from isales_rules.cli.output import _print
from isales_rules.cli.settings import _given, _load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


COLORS = ("auto", "always", "never")

SHELLS = ("bash", "zsh", "fish")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: the process's own) and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    except CommandError as error:
        problem = str(error)
    except ValueError as error:
        from isales_rules._text import escape_nonprintable
        from isales_rules.facts import FactError
        from isales_rules.ruleset import RuleSetError

        if not isinstance(error, FactError | RuleSetError):
            raise
        problem = "\n".join(escape_nonprintable(line) for line in str(error).split("\n"))
    except KeyboardInterrupt:
        print_error("interrupted")
        return 130
    print_error(problem)
    return 2


def _run(argv: Sequence[str] | None) -> int:
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and (not hasattr(arguments, "files") or any(one.startswith("-") and one != "-" for one in rest)):
        parser.parse_args(argv)  # which tells what is wrong
    elif rest:
        arguments.files += rest  # argparse takes the files before the first flag alone
    if sys.stdout is None:
        raise UsageError("standard output: cannot be written: it is closed")
    return int(arguments.run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="isales-rules", description="Check requests for CC-iSales before they are sent.")
    parser.add_argument("--version", action="version", version=f"isales-rules {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = _Parser(add_help=False)
    _add_options(common, "ruleset")
    config = common.add_mutually_exclusive_group()
    config.add_argument("--config", metavar="FILE", help="settings, as .isales-rules.toml or pyproject.toml has them (default: the nearest of those)")
    config.add_argument("--no-config", action="store_true", help="look for no settings")

    check = commands.add_parser("check", parents=[common], help="check files", description="Check files, each with one request body as JSON.")
    _add_check(check)

    explain = commands.add_parser(
        "explain", parents=[common], help="explain a result code, a rule or a parameter", description="Explain a code, a rule or a parameter."
    )
    explain.add_argument("name", metavar="NAME", help="a result code, the id of a rule, or the name or path of a parameter")
    _add_options(explain, "locale")
    explain.set_defaults(run=_explain)

    rules = commands.add_parser("rules", parents=[common], help="list every rule", description="List every rule, with its source.")
    rules.add_argument("--format", choices=("text", "json", "md"), default="text", help="the form of the list (default: text)")
    _add_options(rules, "locale")
    rules.set_defaults(run=_rules)

    cases = commands.add_parser(
        "cases",
        parents=[common],
        help="print the smallest requests that just pass and just fail each rule",
        description="Print, as NDJSON, the smallest requests that just pass and just fail each rule, with the errors that each must give.",
    )
    cases.set_defaults(run=_cases)

    compile_ = commands.add_parser(
        "compile", parents=[common], help="print what a rule set is compiled to", description="Print the functions a rule set becomes."
    )
    compile_.set_defaults(run=_compile)

    completion = commands.add_parser(
        "completion",
        help="print a shell's completion",
        description="Print what lets a shell complete this command. Needs the extra `completion`.",
    )
    completion.add_argument("shell", choices=SHELLS)
    completion.set_defaults(run=lambda arguments: _completion(arguments, parser))
    return parser


def _add_check(check: argparse.ArgumentParser) -> None:
    what = check.add_argument_group("what is checked")
    what.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help=f"a JSON file; a folder, for all files in it that end with {', '.join(ENDINGS)}; a pattern in quotes; - is standard input",
    )
    what.add_argument("--files-from", metavar="FILE", help="names of further files, one a line, or ended by zero bytes; - is standard input")
    what.add_argument("--stdin-filename", metavar="NAME", help="name of standard input in findings, patterns and file types")
    several = what.add_mutually_exclusive_group()
    several.add_argument("--ndjson", action="store_true", help="a file holds a text a line; so it is for .ndjson and .jsonl anyway")
    several.add_argument("--array", action="store_true", help="if a file is a JSON array, check each of its entries")
    kind = what.add_mutually_exclusive_group()
    kind.add_argument(
        "--request",
        dest="kind",
        action="store_const",
        const="request",
        help='a text is {"path": ..., "headers": ..., "body": ...}, not the body alone',
    )
    kind.add_argument(
        "--from-query",
        dest="kind",
        action="store_const",
        const="reply",
        help="a text is a reply of the query interface, whose campaign is checked as if it were sent back",
    )
    _add_options(what, "exclude", "jobs")

    against = check.add_argument_group("against what")
    _add_options(against, "now", "facts")
    against.add_argument("--current", metavar="FILE", help="the reply of the query interface for the campaign as it is, which states facts about it")

    told = check.add_argument_group("what is told, and how")
    _add_options(told, "locale", "format")
    told.add_argument("--statistics", action="store_true", help="print the number of findings of each rule instead of the findings")
    told.add_argument("--color", choices=COLORS, default="auto", help="color of the text format; auto heeds NO_COLOR and FORCE_COLOR (default: auto)")
    told.add_argument("--quiet", action="store_true", help="print findings only, without the closing lines")
    told.add_argument("--output", action="append", metavar="FORMAT=FILE", help="write a file in one of these formats as well; may be repeated")
    _add_options(told, "select", "ignore", "per-file-ignores", "fail-level")
    told.add_argument("--strict", dest="fail_level", action="store_const", const="warning", help="the same as --fail-level warning")
    _add_options(told, "max-errors", "no-values", "baseline")
    told.add_argument("--write-baseline", metavar="FILE", help="write this file with every finding, and exit with 0")
    check.set_defaults(run=_check)


def _add_options(parser: argparse._ActionsContainer, *names: str) -> None:
    for name in names:
        OPTIONS[name].add_to(parser)


def _explain(arguments: argparse.Namespace) -> int:
    from isales_rules._text import suggest
    from isales_rules.cli.explain import explain_code, explain_rule, parameter
    from isales_rules.cli.selection import parameter_paths

    given, _ = _given(arguments)
    rules, locale, name = _load(given), given.get("locale", "en_US"), arguments.name
    meanings = rules.codes(locale)
    checks = list(rules.rules())
    if name in meanings:
        page = explain_code(rules, name, locale)
    elif any(name == check.id for check in checks):
        page = explain_rule(rules, name, locale)
    elif paths := parameter_paths(rules, name):
        page = parameter(rules, paths, locale)
    else:
        known = dict.fromkeys(known for check in checks for known in (check.id, check.name))
        reason = f"unknown code, rule or parameter {name!r}{suggest(name, [*meanings, *known])}"
        raise UsageError(f"{reason}; the codes are {', '.join(meanings)}, and `isales-rules rules` lists the rules and parameters")
    _print(page)
    return 0


def _rules(arguments: argparse.Namespace) -> int:
    from isales_rules.cli.reference import PAGES

    given, _ = _given(arguments)
    # A format that the settings name is that of findings.
    _print(PAGES[arguments.format](_load(given), given.get("locale", "en_US")))
    return 0


def _cases(arguments: argparse.Namespace) -> int:
    import json

    from isales_rules.testing.examples import examples

    _print(json.dumps(case) for case in examples(_load(_given(arguments)[0])))
    return 0


def _compile(arguments: argparse.Namespace) -> int:
    _print(_load(_given(arguments)[0]).to_python().splitlines())
    return 0


def _completion(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    try:
        import shtab
    except ImportError:
        raise UsageError("completion needs shtab: pip install shtab") from None
    _print([shtab.complete(parser, shell=arguments.shell)])
    return 0
