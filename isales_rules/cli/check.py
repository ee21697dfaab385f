"""The command `check`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from isales_rules.cli.baseline import BaselineEntry, read_baseline
from isales_rules.cli.errors import CommandError, UsageError
from isales_rules.cli.facts import gather_facts
from isales_rules.cli.files import Exclusion, exact_path, find_files, names_from
from isales_rules.cli.findings import CheckOptions
from isales_rules.cli.formats.base import FormatterContext
from isales_rules.cli.options import FAIL_LEVELS
from isales_rules.cli.output import refuse_overwriting
from isales_rules.cli.reporting import Output, finish, open_writers, parse_outputs
from isales_rules.cli.routed import HAR_ENTRIES, ROUTED
from isales_rules.cli.runner import RunOptions, RunResult, run
from isales_rules.cli.selection import (
    RuleSelection,
    finding_path,
    matching,
    relative_path,
    resolve,
)
from isales_rules.cli.settings import (
    Settings,
    current_folder,
    gather_options,
    load_rules,
    repository_root,
)
from isales_rules.ruleset import RuleSet, load
from isales_rules.ruleset import names as rule_set_names


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
    inputs = [file for file in options.files if isinstance(file, str) and file != "-"]
    names = [*inputs, *([options.stdin_filename] if options.stdin_filename else [])]
    check_options = _check_options(arguments, settings, names, known)
    if outputs:
        refuse_overwriting(
            [output.file for output in outputs], inputs, _other_inputs(arguments, settings)
        )
    with ExitStack() as stack:
        rules, *others = check_options.rule_sets()
        context = FormatterContext(
            rules,
            check_options.locale,
            check_options.root,
            FAIL_LEVELS[settings.values["fail-level"]],
            others=tuple(others),
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
    rule_sets = [values["ruleset"], *(name for _, name in values["rulesets"])]
    files += [name for name in rule_sets if name.endswith(".toml")]
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
        array=HAR_ENTRIES if arguments.kind == "har" else () if arguments.array else None,
    )


def _check_options(
    arguments: argparse.Namespace,
    settings: Settings,
    files: Iterable[str],
    known: list[BaselineEntry],
) -> CheckOptions:
    values = settings.values
    rules, by_pattern = load_rules(settings), _rules_by_pattern(arguments, settings, files)
    routed = tuple(map(load, rule_set_names())) if arguments.kind in ROUTED else ()
    rule_sets = [*dict.fromkeys([rules, *(one for _, one in by_pattern), *routed])]
    return CheckOptions(
        rules=rules,
        facts=gather_facts(arguments, settings, rule_sets),
        kind=arguments.kind,
        locale=values["locale"],
        root=repository_root(current_folder()),
        selection=RuleSelection(
            select=resolve(rule_sets, values["select"], "select"),
            ignore=resolve(rule_sets, values["ignore"], "ignore"),
            per_file=tuple(
                (pattern, resolve(rule_sets, names, "per-file-ignores"))
                for pattern, names in values["per-file-ignores"]
            ),
            base=settings.root,
        ),
        known=frozenset(entry.fingerprint for entry in known),
        values=not values["redact"],
        by_pattern=by_pattern,
        routed=routed,
    )


def _rules_by_pattern(
    arguments: argparse.Namespace, settings: Settings, files: Iterable[str]
) -> tuple[tuple[str, RuleSet], ...]:
    """Load the rule sets of patterns.

    These are only those of the files to check, unless a name or a fact may be one of another.
    """
    values = settings.values
    patterns = values["rulesets"]
    if not (
        arguments.current
        or any(values[name] for name in ("facts", "select", "ignore", "per-file-ignores"))
    ):
        first = {next(matching(file, _indexed(patterns), settings.root), None) for file in files}
        patterns = [pattern for index, pattern in enumerate(patterns) if index in first]
    return tuple((pattern, load(name)) for pattern, name in patterns)


def _indexed(patterns: Iterable[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    return ((pattern, index) for index, (pattern, _) in enumerate(patterns))


def _complete_summary(result: RunResult, options: CheckOptions, known: list[BaselineEntry]) -> None:
    """Remove unselected rules from the skipped ones, and count fixed findings."""
    summary, selection = result.summary, options.selection
    if selection.select or selection.ignore:
        selected = {
            rule.id
            for rules in options.rule_sets()
            for rule in rules.rules()
            if rule.id in summary.unchecked
            if selection.includes(rule.id, rule.code, finding_path(rule), selection.ignore)
        }
        summary.unchecked = {rule: None for rule in summary.unchecked if rule in selected}
    files = {relative_path(file, options.root) for file in result.files}
    summary.fixed = sum(
        entry.file in files and entry.fingerprint not in result.known for entry in known
    )
