"""The command `isales-rules`.

It exits with 0 where nothing is wrong, with 1 where something was found, with 2 where it could not do its work (wrong usage or settings, a file that
is missing or cannot be read, a bad rule set or bad facts, an output that takes no more), and with 130 where it was interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence

from isales_rules import __version__
from isales_rules.formats import FORMATS
from isales_rules.problems import CommandError, UsageError, tell
from isales_rules.settings import DEFAULT, OPTIONS
from isales_rules.sources import ENDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import ExitStack
    from typing import Any, NoReturn

    from isales_rules.checker import Choice, Plan
    from isales_rules.ruleset import RuleSet
    from isales_rules.runner import Sheet

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
        from isales_rules.facts import FactError
        from isales_rules.report import printable
        from isales_rules.ruleset import RuleSetError

        if not isinstance(error, FactError | RuleSetError):
            raise
        problem = "\n".join(printable(line) for line in str(error).split("\n"))
    except KeyboardInterrupt:
        tell("interrupted")
        return 130
    tell(problem)
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


def _check(arguments: argparse.Namespace) -> int:
    from contextlib import ExitStack

    with ExitStack() as opened:
        return _checked(arguments, opened)


def _checked(arguments: argparse.Namespace, opened: ExitStack) -> int:
    from isales_rules import baseline
    from isales_rules.checker import from_root
    from isales_rules.outputs import refuse_overwriting
    from isales_rules.runner import Order, finish, run
    from isales_rules.selection import finding_path
    from isales_rules.settings import repository
    from isales_rules.sources import Exclusion, exact_path, files, names_from

    if not arguments.files and arguments.files_from is None:
        raise UsageError("name a file, a folder or a pattern to check, or - for standard input; `isales-rules check --help` shows more")
    if arguments.files_from == "-" and "-" in arguments.files:
        raise UsageError("standard input cannot be both a file to check and the list of files")
    given, base = _given(arguments)
    root = repository(_here())
    named = names_from(arguments.files_from) if arguments.files_from is not None else []
    most = given.get("max-errors") if arguments.write_baseline is None else None  # a baseline has every finding
    outputs = _outputs(arguments)
    written, read = _written_and_read(arguments, given, outputs)
    exclusion = Exclusion(frozenset(map(exact_path, [*written, *read])), tuple(given.get("exclude", ())), base)
    order = Order(
        list(files([*arguments.files, *named], exclusion)), arguments.ndjson, given.get("jobs", 1), most, arguments.stdin_filename, arguments.array
    )
    known = baseline.read(given["baseline"]) if "baseline" in given and arguments.write_baseline is None else []
    plan = _plan(arguments, given, root, base)._replace(known=frozenset(one.fingerprint for one in known))
    if written:
        refuse_overwriting(written, [file for file in order.files if isinstance(file, str) and file != "-"], read)
    sheets = _sheets(arguments, given, plan, outputs, opened)
    plan = plan._replace(excerpts=any(sheet.form.excerpts for sheet in sheets))
    entries: list[baseline.Entry] = []
    keep = None if arguments.write_baseline is None else lambda finding: entries.append(baseline.entry(finding, root))
    done = run(order, plan, sheets, keep)
    summary = done.summary
    if plan.choice.select or plan.choice.ignore:
        choice = plan.choice
        taken = {check.rule for check in plan.rules.checks() if choice.takes(check.rule, check.code, finding_path(check), choice.ignore)}
        summary.unchecked = {rule: None for rule in summary.unchecked if rule in taken}
    paths = {from_root(file, root) for file in done.files}
    summary.gone = sum(one.file in paths and one.fingerprint not in done.known for one in known)
    finish(summary, sheets)
    unwritten = [f"{sheet.output.name if sheet.output else 'standard output'}: cannot be written: {sheet.failed}" for sheet in sheets if sheet.failed]
    if arguments.write_baseline is not None and not summary.troubles:
        try:
            baseline.write(arguments.write_baseline, entries)
        except OSError as error:
            unwritten.append(f"{arguments.write_baseline}: cannot be written: {error.strerror}")
    for problem in unwritten:
        tell(str(UsageError(problem)))
    if unwritten or summary.troubles:
        return 2
    fails = _FAILS[given.get("fail-level", "error")]
    failing = ("error" in fails and summary.errors) or ("warning" in fails and summary.warnings)
    return int(bool(failing) and arguments.write_baseline is None)


_FAILS = {"error": frozenset({"error"}), "warning": frozenset({"error", "warning"}), "never": frozenset[str]()}
"""For each level the severities that let the command fail."""


def _given(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Gather what is set, by the names of settings: what the arguments say counts before a file. Give the folder where patterns begin, too."""
    from isales_rules import settings

    here = _here()
    file = getattr(arguments, "config", None)
    if file is None and not getattr(arguments, "no_config", False):
        file = arguments.config = settings.find(here)
    found = settings.read(file) if file is not None else settings.Settings({}, here)
    told = {name: getattr(arguments, name.replace("-", "_"), None) for name in OPTIONS}
    return {**found.values, **{name: value for name, value in told.items() if value is not None}}, found.root


def _load(given: dict[str, Any]) -> RuleSet:
    from isales_rules.ruleset import load

    return load(given.get("ruleset", DEFAULT))


def _here() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError(f"the current folder: {error.strerror}") from None


def _plan(arguments: argparse.Namespace, given: dict[str, Any], root: str, base: str) -> Plan:
    from isales_rules.checker import Plan

    rules = _load(given)
    return Plan(
        rules=rules,
        facts=_facts(arguments, given, rules),
        kind=arguments.kind or "body",
        locale=given.get("locale", "en_US"),
        root=root,
        choice=_choice(given, base, rules, arguments.kind),
        values=not given.get("no-values", False),
    )


def _choice(given: dict[str, Any], base: str, rules: RuleSet, kind: str | None) -> Choice:
    from isales_rules.checker import Choice
    from isales_rules.selection import resolve

    prefix = {"request": "/body", "reply": f"/{rules.reply_member}"}.get(kind or "", "")
    select, ignore = (resolve(rules, given.get(name, ()), name) for name in ("select", "ignore"))
    per_file = tuple((pattern, resolve(rules, names, "per-file-ignores")) for pattern, names in given.get("per-file-ignores", ()))
    return Choice(select, ignore, per_file, base, prefix)


def _outputs(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """Return format and file of every `--output`."""
    outputs = []
    for output in arguments.output or ():
        name, equals, file = output.partition("=")
        if not equals or not file:
            raise UsageError(f"--output must be FORMAT=FILE, not {output!r}")
        if name not in FORMATS:
            from isales_rules.model import hint

            raise UsageError(f"--output: there is no format {name!r}{hint(name, FORMATS)}; the formats are {', '.join(FORMATS)}")
        if file == "-":
            raise UsageError(f"--output {output}: standard output has the format of --format; use --format {name}, or ./- for a file of this name")
        outputs.append((name, file))
    return outputs


def _written_and_read(arguments: argparse.Namespace, given: dict[str, Any], outputs: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """List the files that the command writes, and those that it reads beside the files to check."""
    written = [file for _, file in outputs]
    read = [arguments.files_from, arguments.config, arguments.current, given.get("facts")]
    if arguments.write_baseline is None:
        read.append(given.get("baseline"))
    else:
        written.append(arguments.write_baseline)
    if given.get("ruleset", "").endswith(".toml"):
        read.append(given["ruleset"])
    return written, [file for file in read if file not in (None, "-")]


def _sheets(arguments: argparse.Namespace, given: dict[str, Any], plan: Plan, outputs: list[tuple[str, str]], opened: ExitStack) -> list[Sheet]:
    """Open what is to be written, before anything is checked."""
    from isales_rules.formats import make
    from isales_rules.formats.form import Setting
    from isales_rules.outputs import OutputFile
    from isales_rules.runner import Sheet

    setting = Setting(plan.rules, plan.locale, plan.root, _FAILS[given.get("fail-level", "error")])
    printed = "statistics" if arguments.statistics else given.get("format", "text")
    sheets = [Sheet(make(printed, setting._replace(colour=_has_colour(arguments.color), quiet=arguments.quiet)))]
    for name, file in outputs:
        try:
            output = opened.enter_context(OutputFile(file))
        except OSError as error:
            raise UsageError(f"{file}: cannot be written: {error.strerror}") from None
        sheets.append(Sheet(make(name, setting), output))
    return sheets


def _has_colour(color: str) -> bool:
    """Decide as Python does for its own tracebacks: NO_COLOR comes before FORCE_COLOR, and both before the terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def _read_json(file: str) -> Any:
    import json

    from isales_rules.sources import opened

    try:
        with opened(file) as stream:
            return json.loads(stream.read())
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}: is not JSON: {error}") from None


def _facts(arguments: argparse.Namespace, given: dict[str, Any], rules: RuleSet) -> dict[str, Any]:
    """Gather the facts: of the reply, then of the facts file, then the time of the check; later ones take precedence.

    The clock is not read unless `now` is `clock`, so that the same files have the same findings on every day.
    """
    from isales_rules.facts import FactError

    facts: dict[str, Any] = {}
    if arguments.current is not None:
        try:
            facts |= rules.facts_of_reply(_read_json(arguments.current))
        except FactError as error:
            raise UsageError(f"{arguments.current}: {error}") from None
    declared = rules.facts
    if "facts" in given:
        facts |= _read_facts(given["facts"], declared)
    if "now" in given:
        facts |= dict.fromkeys([name for name, fact in declared.items() if fact.get("clock")], given["now"])
    rules.state(facts)
    return facts


def _read_facts(file: str, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    from isales_rules.times import from_iso

    facts = _read_json(file)
    if not isinstance(facts, dict):
        raise UsageError(f"{file}: must hold a JSON object of facts")
    for name, value in facts.items():
        if isinstance(value, str) and declared.get(name, {}).get("type") == "datetime":
            try:
                facts[name] = from_iso(value)
            except ValueError:
                raise UsageError(f"{file}: {name}: must be an ISO 8601 date or time, such as 2030-09-01T08:00:00Z, not {value[:64]!r}") from None
    return facts


def _explain(arguments: argparse.Namespace) -> int:
    from isales_rules import pages
    from isales_rules.model import hint
    from isales_rules.selection import parameter_paths

    given, _ = _given(arguments)
    rules, locale, name = _load(given), given.get("locale", "en_US"), arguments.name
    meanings = rules.meanings(locale)
    checks = list(rules.checks())
    if name in meanings:
        page = pages.code(rules, name, locale)
    elif any(name == check.rule for check in checks):
        page = pages.rule(rules, name, locale)
    elif paths := parameter_paths(rules, name):
        page = pages.parameter(rules, paths, locale)
    else:
        known = dict.fromkeys(known for check in checks for known in (check.rule, check.name))
        reason = f"unknown code, rule or parameter {name!r}{hint(name, [*meanings, *known])}"
        raise UsageError(f"{reason}; the codes are {', '.join(meanings)}, and `isales-rules rules` lists the rules and parameters")
    _print(page)
    return 0


def _rules(arguments: argparse.Namespace) -> int:
    from isales_rules.pages import PAGES

    given, _ = _given(arguments)
    # A format that the settings name is that of findings.
    _print(PAGES[arguments.format](_load(given), given.get("locale", "en_US")))
    return 0


def _cases(arguments: argparse.Namespace) -> int:
    import json

    from isales_rules.cases import cases

    _print(json.dumps(case) for case in cases(_load(_given(arguments)[0])))
    return 0


def _compile(arguments: argparse.Namespace) -> int:
    _print(_load(_given(arguments)[0]).source().splitlines())
    return 0


def _completion(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    try:
        import shtab
    except ImportError:
        raise UsageError("completion needs shtab: pip install shtab") from None
    _print([shtab.complete(parser, shell=arguments.shell)])
    return 0


def _print(lines: Iterable[str]) -> None:
    """Print lines. A reader that goes away, as `head` does, misses the rest, and changes nothing about the exit code."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except OSError as error:
        from isales_rules.runner import discard

        discard(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"standard output: cannot be written: {error.strerror}") from None
