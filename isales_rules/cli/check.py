"""The command `check`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from isales_rules.cli.errors import UsageError, print_error
from isales_rules.cli.findings import CheckOptions
from isales_rules.cli.formats import FORMATS
from isales_rules.cli.output import ReportWriter
from isales_rules.cli.selection import RuleSelection
from isales_rules.cli.settings import _given, _here, _load
from isales_rules.ruleset import RuleSet


def _check(arguments: argparse.Namespace) -> int:
    from contextlib import ExitStack

    with ExitStack() as opened:
        return _checked(arguments, opened)


def _checked(arguments: argparse.Namespace, opened: ExitStack) -> int:
    from isales_rules.cli import baseline
    from isales_rules.cli.files import Exclusion, exact_path, find_files, names_from
    from isales_rules.cli.output import refuse_overwriting
    from isales_rules.cli.runner import RunOptions, finish, run
    from isales_rules.cli.selection import finding_path, relative_path
    from isales_rules.cli.settings import repository

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
    order = RunOptions(
        list(find_files([*arguments.files, *named], exclusion)),
        arguments.ndjson,
        given.get("jobs", 1),
        most,
        arguments.stdin_filename,
        arguments.array,
    )
    known = baseline.read(given["baseline"]) if "baseline" in given and arguments.write_baseline is None else []
    plan = _plan(arguments, given, root, base)._replace(known=frozenset(one.fingerprint for one in known))
    if written:
        refuse_overwriting(written, [file for file in order.files if isinstance(file, str) and file != "-"], read)
    sheets = _sheets(arguments, given, plan, outputs, opened)
    plan = plan._replace(excerpts=any(sheet.formatter.excerpts for sheet in sheets))
    entries: list[baseline.Entry] = []
    keep = None if arguments.write_baseline is None else lambda finding: entries.append(baseline.entry(finding, root))
    done = run(order, plan, sheets, keep)
    summary = done.summary
    if plan.selection.select or plan.selection.ignore:
        choice = plan.selection
        taken = {check.id for check in plan.rules.rules() if choice.includes(check.id, check.code, finding_path(check), choice.ignore)}
        summary.unchecked = {rule: None for rule in summary.unchecked if rule in taken}
    paths = {relative_path(file, root) for file in done.files}
    summary.fixed = sum(one.file in paths and one.fingerprint not in done.known for one in known)
    finish(summary, sheets)
    unwritten = [f"{sheet.output.name if sheet.output else 'standard output'}: cannot be written: {sheet.failed}" for sheet in sheets if sheet.failed]
    if arguments.write_baseline is not None and not summary.failures:
        try:
            baseline.write(arguments.write_baseline, entries)
        except OSError as error:
            unwritten.append(f"{arguments.write_baseline}: cannot be written: {error.strerror}")
    for problem in unwritten:
        print_error(str(UsageError(problem)))
    if unwritten or summary.failures:
        return 2
    fails = _FAILS[given.get("fail-level", "error")]
    failing = ("error" in fails and summary.errors) or ("warning" in fails and summary.warnings)
    return int(bool(failing) and arguments.write_baseline is None)


_FAILS = {"error": frozenset({"error"}), "warning": frozenset({"error", "warning"}), "never": frozenset[str]()}
"""For each level the severities that let the command fail."""


def _plan(arguments: argparse.Namespace, given: dict[str, Any], root: str, base: str) -> CheckOptions:
    from isales_rules.cli.findings import CheckOptions

    rules = _load(given)
    return CheckOptions(
        rules=rules,
        facts=_facts(arguments, given, rules),
        kind=arguments.kind or "body",
        locale=given.get("locale", "en_US"),
        root=root,
        selection=_choice(given, base, rules, arguments.kind),
        values=not given.get("no-values", False),
    )


def _choice(given: dict[str, Any], base: str, rules: RuleSet, kind: str | None) -> RuleSelection:
    from isales_rules.cli.selection import RuleSelection, resolve

    prefix = {"request": "/body", "reply": f"/{rules.reply_member}"}.get(kind or "", "")
    select, ignore = (resolve(rules, given.get(name, ()), name) for name in ("select", "ignore"))
    per_file = tuple((pattern, resolve(rules, names, "per-file-ignores")) for pattern, names in given.get("per-file-ignores", ()))
    return RuleSelection(select, ignore, per_file, base, prefix)


def _outputs(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """Return format and file of every `--output`."""
    outputs = []
    for output in arguments.output or ():
        name, equals, file = output.partition("=")
        if not equals or not file:
            raise UsageError(f"--output must be FORMAT=FILE, not {output!r}")
        if name not in FORMATS:
            from isales_rules._text import suggest

            raise UsageError(f"--output: there is no format {name!r}{suggest(name, FORMATS)}; the formats are {', '.join(FORMATS)}")
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


def _sheets(
    arguments: argparse.Namespace, given: dict[str, Any], plan: CheckOptions, outputs: list[tuple[str, str]], opened: ExitStack
) -> list[ReportWriter]:
    """Open what is to be written, before anything is checked."""
    from isales_rules.cli.formats import make_formatter
    from isales_rules.cli.formats.base import FormatterContext
    from isales_rules.cli.output import OutputFile, ReportWriter

    setting = FormatterContext(plan.rules, plan.locale, plan.root, _FAILS[given.get("fail-level", "error")])
    printed = "statistics" if arguments.statistics else given.get("format", "text")
    sheets = [ReportWriter(make_formatter(printed, setting._replace(colour=_has_colour(arguments.color), quiet=arguments.quiet)))]
    for name, file in outputs:
        try:
            output = opened.enter_context(OutputFile(file))
        except OSError as error:
            raise UsageError(f"{file}: cannot be written: {error.strerror}") from None
        sheets.append(ReportWriter(make_formatter(name, setting), output))
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

    from isales_rules.cli.chunks import open_input

    try:
        with open_input(file) as stream:
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
    rules.prepare_facts(facts)
    return facts


def _read_facts(file: str, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    from isales_rules.language.time_formats import from_iso

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
