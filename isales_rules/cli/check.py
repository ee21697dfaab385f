"""The command `check`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from isales_rules.cli.baseline import BaselineEntry, read_baseline
from isales_rules.cli.chunks import open_input
from isales_rules.cli.errors import CommandError, UsageError
from isales_rules.cli.facts import parse_times
from isales_rules.cli.files import Exclusion, exact_path, find_files, names_from
from isales_rules.cli.findings import CheckOptions
from isales_rules.cli.formats.base import FormatterContext
from isales_rules.cli.options import FAIL_LEVELS
from isales_rules.cli.output import refuse_overwriting
from isales_rules.cli.reporting import Output, finish, open_writers, parse_outputs
from isales_rules.cli.runner import RunOptions, RunResult, run
from isales_rules.cli.selection import RuleSelection, finding_path, relative_path, resolve
from isales_rules.cli.settings import (
    Settings,
    current_folder,
    gather_options,
    load_rules,
    repository_root,
)
from isales_rules.facts import FactError
from isales_rules.ruleset import RuleSet


def run_check(arguments: argparse.Namespace) -> int:
    """Check files, write the reports, and return the exit code."""
    settings = _options(arguments)
    try:
        return _run_check(arguments, settings)
    except CommandError as error:
        raise UsageError(error.message(settings.values["locale"])) from None


def _run_check(arguments: argparse.Namespace, settings: Settings) -> int:
    outputs = parse_outputs(arguments)
    if arguments.write_baseline is not None:
        outputs.append(Output("baseline", arguments.write_baseline))
    options = _run_options(arguments, settings, outputs)
    known = (
        read_baseline(settings.values["baseline"])
        if settings.values["baseline"] is not None
        else []
    )
    check_options = _check_options(arguments, settings, known)
    if outputs:
        inputs = [file for file in options.files if isinstance(file, str) and file != "-"]
        refuse_overwriting(
            [output.file for output in outputs], inputs, _other_inputs(arguments, settings)
        )
    with ExitStack() as stack:
        context = FormatterContext(
            check_options.rules,
            check_options.locale,
            check_options.root,
            FAIL_LEVELS[settings.values["fail-level"]],
        )
        printed = "statistics" if arguments.statistics else settings.values["format"]
        writers = open_writers(arguments, printed, context, outputs, stack)
        check_options = check_options._replace(
            excerpts=any(writer.formatter.excerpts for writer in writers)
        )
        result = run(options, check_options, writers)
        _complete_summary(result, check_options, known)
        finish(writers, result.summary, check_options.locale)
    # Writing a baseline accepts all findings.
    level = "never" if arguments.write_baseline is not None else settings.values["fail-level"]
    return result.exit_code(FAIL_LEVELS[level], writers)


def _options(arguments: argparse.Namespace) -> Settings:
    """Validate the arguments, and return the options.

    `--write-baseline` overrides the options that limit the findings.
    """
    if not arguments.files and arguments.files_from is None:
        raise UsageError(
            "specify a file, a folder or a pattern to check, or - for standard input; see `isales-rules check --help`"
        )
    if arguments.files_from == "-" and "-" in arguments.files:
        raise UsageError("standard input cannot be both a file to check and the list of files")
    settings = gather_options(arguments)
    if arguments.write_baseline is not None:
        return settings._replace(values={**settings.values, "baseline": None, "max-errors": None})
    return settings


def _other_inputs(arguments: argparse.Namespace, settings: Settings) -> list[str]:
    """Return the files that the command reads, except those to check."""
    values = settings.values
    files = [
        arguments.files_from,
        settings.file,
        arguments.current,
        values["facts"],
        values["baseline"],
    ]
    if values["ruleset"].endswith(".toml"):
        files.append(values["ruleset"])
    return [file for file in files if file not in (None, "-")]


def _run_options(
    arguments: argparse.Namespace, settings: Settings, outputs: list[Output]
) -> RunOptions:
    listed = names_from(arguments.files_from) if arguments.files_from is not None else []
    own_files = [*(output.file for output in outputs), *_other_inputs(arguments, settings)]
    exclusion = Exclusion(
        frozenset(map(exact_path, own_files)), tuple(settings.values["exclude"]), settings.root
    )
    return RunOptions(
        files=list(find_files([*arguments.files, *listed], exclusion)),
        lines=arguments.ndjson,
        jobs=settings.values["jobs"],
        max_errors=settings.values["max-errors"],
        stdin_filename=arguments.stdin_filename,
        array=arguments.array,
    )


def _check_options(
    arguments: argparse.Namespace, settings: Settings, known: list[BaselineEntry]
) -> CheckOptions:
    rules = load_rules(settings)
    return CheckOptions(
        rules=rules,
        facts=_facts(arguments, settings, rules),
        kind=arguments.kind,
        locale=settings.values["locale"],
        root=repository_root(current_folder()),
        selection=_selection(arguments, settings, rules),
        known=frozenset(entry.fingerprint for entry in known),
        values=not settings.values["redact"],
    )


def _selection(arguments: argparse.Namespace, settings: Settings, rules: RuleSet) -> RuleSelection:
    values = settings.values
    return RuleSelection(
        select=resolve(rules, values["select"], "select"),
        ignore=resolve(rules, values["ignore"], "ignore"),
        per_file=tuple(
            (pattern, resolve(rules, names, "per-file-ignores"))
            for pattern, names in values["per-file-ignores"]
        ),
        base=settings.root,
        prefix={"body": "", "request": "/body", "reply": f"/{rules.reply_member}"}[arguments.kind],
    )


def _facts(arguments: argparse.Namespace, settings: Settings, rules: RuleSet) -> dict[str, Any]:
    """Gather the facts of the campaign.

    `--now` takes precedence over the facts file, which takes precedence over `--current`. The clock
    is read only for `--now clock`, so that findings do not depend on the day.
    """
    facts: dict[str, Any] = {}
    if arguments.current is not None:
        try:
            facts |= rules.facts_of_reply(_read_json(arguments.current))
        except FactError as error:
            raise UsageError(f"{arguments.current}: {error}") from None
    declared = rules.facts
    if settings.values["facts"] is not None:
        facts |= _read_facts(settings.values["facts"], declared)
    if settings.values["now"] is not None:
        facts |= dict.fromkeys(
            [name for name, fact in declared.items() if fact.get("default") == "now"],
            settings.values["now"],
        )
    rules.prepare_facts(facts)
    return facts


def _read_facts(file: str, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    facts = _read_json(file)
    if not isinstance(facts, dict):
        raise UsageError(f"{file}: must hold a JSON object of facts")
    try:
        return parse_times(facts, declared)
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from None


def _read_json(file: str) -> Any:
    try:
        with open_input(file) as stream:
            return json.loads(stream.read())
    except OSError as error:
        raise UsageError("unreadable", file=file, reason=str(error.strerror)) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}: is not JSON: {error}") from None


def _complete_summary(result: RunResult, options: CheckOptions, known: list[BaselineEntry]) -> None:
    """Remove unselected rules from the skipped ones, and count fixed findings."""
    summary, selection = result.summary, options.selection
    if selection.select or selection.ignore:
        rules = [rule for rule in options.rules.rules() if rule.id in summary.unchecked]
        selected = {
            rule.id
            for rule in rules
            if selection.includes(rule.id, rule.code, finding_path(rule), selection.ignore)
        }
        summary.unchecked = {rule: None for rule in summary.unchecked if rule in selected}
    files = {relative_path(file, options.root) for file in result.files}
    summary.fixed = sum(
        entry.file in files and entry.fingerprint not in result.known for entry in known
    )
