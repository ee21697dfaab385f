"""The command `isales-rules`.

Exit codes: 0 without findings, 1 with findings, 2 after an error (invalid arguments, settings,
facts or rule set; a file that cannot be read or written), 130 after an interrupt.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from isales_rules import __version__
from isales_rules.cli.errors import CommandError, UsageError, print_error
from isales_rules.cli.files import SUFFIXES
from isales_rules.cli.options import OPTIONS
from isales_rules.cli.output import print_lines
from isales_rules.cli.settings import gather_options, load_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

COLORS = ("auto", "always", "never")
SHELLS = ("bash", "zsh", "fish")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code.

    `argv` has the arguments, by default those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    except CommandError as error:
        message = str(error)
    except ValueError as error:
        from isales_rules._text import escape_nonprintable
        from isales_rules.facts import FactError
        from isales_rules.ruleset import RuleSetError

        if not isinstance(error, FactError | RuleSetError):
            raise
        message = "\n".join(escape_nonprintable(line) for line in str(error).split("\n"))
    except KeyboardInterrupt:
        print_error("interrupted")
        return 130
    print_error(message)
    return 2


def _run(argv: Sequence[str] | None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    parser = _parser(argv[0] if argv else None)
    arguments, rest = parser.parse_known_args(argv)
    if rest and (
        not hasattr(arguments, "files")
        or any(argument.startswith("-") and argument != "-" for argument in rest)
    ):
        parser.parse_args(argv)  # raises `UsageError`
    elif rest:
        arguments.files += rest  # argparse collects only the files before the first flag
    if sys.stdout is None:
        raise UsageError("standard output: cannot be written: it is closed")
    return int(arguments.run(arguments))


def _parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the arguments, only for *command* if it is one of `COMMANDS`."""
    parser = _Parser(
        prog="isales-rules", description="Check requests for CC-iSales before they are sent."
    )
    parser.add_argument("--version", action="version", version=f"isales-rules {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (summary, description, add_arguments) in COMMANDS.items():
        if name == command or command not in COMMANDS:
            add_arguments(commands.add_parser(name, help=summary, description=description))
    return parser


def _add_explain_arguments(explain: argparse.ArgumentParser) -> None:
    _add_configuration(explain, "ruleset")
    explain.add_argument(
        "name", metavar="NAME", help="result code, rule id, or name or path of a parameter"
    )
    _add_options(explain, "locale")
    explain.set_defaults(run=_explain)


def _add_rules_arguments(rules: argparse.ArgumentParser) -> None:
    _add_configuration(rules, "ruleset")
    rules.add_argument(
        "--format",
        choices=("text", "json", "md"),
        default="text",
        help="format of the list (default: text)",
    )
    _add_options(rules, "locale")
    rules.set_defaults(run=_rules)


def _add_examples_arguments(examples: argparse.ArgumentParser) -> None:
    _add_configuration(examples, "ruleset")
    examples.set_defaults(run=_examples)


def _add_compile_arguments(compile_: argparse.ArgumentParser) -> None:
    _add_configuration(compile_, "ruleset")
    compile_.set_defaults(run=_compile)


def _add_export_arguments(export: argparse.ArgumentParser) -> None:
    export.add_argument("name", choices=("ruleset-schema", "settings-schema"))
    export.set_defaults(run=_export)


def _add_keywords_arguments(keywords: argparse.ArgumentParser) -> None:
    keywords.add_argument(
        "--format",
        choices=("text", "json", "md"),
        default="text",
        help="format of the list (default: text)",
    )
    keywords.set_defaults(run=_keywords)


def _add_completion_arguments(completion: argparse.ArgumentParser) -> None:
    completion.add_argument("shell", choices=SHELLS)
    completion.set_defaults(run=lambda arguments: _completion(arguments, _parser()))


def _add_configuration(command: argparse.ArgumentParser, *options: str) -> None:
    configuration = command.add_argument_group("configuration")
    _add_options(configuration, *options)
    file = configuration.add_mutually_exclusive_group()
    file.add_argument(
        "--config",
        metavar="FILE",
        help="settings file (default: the nearest .isales-rules.toml or pyproject.toml)",
    )
    file.add_argument("--no-config", action="store_true", help="ignore settings files")


def _add_ruleset_commands(ruleset: argparse.ArgumentParser) -> None:
    commands = ruleset.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="check that rule sets are valid and useful",
        description="Check that rule sets are valid, and that all their parts are useful.",
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="rule set, a TOML file")
    check.add_argument(
        "--test",
        action="store_true",
        help="also run the worked answers NAME.ndjson beside each NAME.toml, if there are any",
    )
    _add_configuration(check)
    _add_output_arguments(check.add_argument_group("output"))
    check.set_defaults(run=_ruleset_check)

    test = commands.add_parser(
        "test",
        help="compare a rule set with worked answers",
        description="Validate worked answers with a rule set, and report the differences.",
    )
    test.add_argument("ruleset_file", metavar="FILE", help="rule set, a TOML file")
    test.add_argument(
        "files", nargs="+", metavar="CASES", help="worked answers, a JSON object per line"
    )
    _add_configuration(test)
    _add_output_arguments(test.add_argument_group("output"))
    test.set_defaults(run=_ruleset_test)

    new = commands.add_parser(
        "new", help="write a first rule set", description="Write a rule set to start with."
    )
    new.add_argument("name", metavar="NAME", help="name of the rule set; the file is NAME.toml")
    new.set_defaults(run=_ruleset_new)


def _add_check_arguments(check: argparse.ArgumentParser) -> None:
    _add_configuration(check, "ruleset")
    source = check.add_argument_group("input")
    source.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help=f"JSON file, folder with {', '.join(SUFFIXES)} files, quoted pattern, or - for standard input",
    )
    source.add_argument(
        "--files-from",
        metavar="FILE",
        help="read more file names from this file, separated by newlines or null bytes; - is standard input",
    )
    source.add_argument(
        "--stdin-filename",
        metavar="NAME",
        help="file name of standard input, for findings, patterns and the file type",
    )
    content = source.add_mutually_exclusive_group()
    content.add_argument(
        "--ndjson",
        action="store_true",
        help="check each line separately, as always in .ndjson and .jsonl files",
    )
    content.add_argument(
        "--array", action="store_true", help="check each item of a JSON array separately"
    )
    kind = source.add_mutually_exclusive_group()
    kind.add_argument(
        "--request",
        dest="kind",
        action="store_const",
        const="request",
        help='input is {"path": ..., "headers": ..., "body": ...} instead of a body; with "method" and "url" instead of "path" for any rule set',
    )
    kind.add_argument(
        "--har",
        dest="kind",
        action="store_const",
        const="har",
        help="input is an HTTP archive (HAR), whose requests to the service are checked",
    )
    kind.add_argument(
        "--query-reply",
        dest="kind",
        action="store_const",
        const="reply",
        help="input is a reply of the query interface, whose campaign is checked as a request body",
    )
    _add_options(source, "rulesets", "exclude", "jobs")

    facts = check.add_argument_group("facts")
    _add_options(facts, "now", "facts")
    facts.add_argument(
        "--current",
        metavar="FILE",
        help="reply of the query interface for the current campaign, as a source of facts",
    )

    output = check.add_argument_group("output")
    _add_output_arguments(output)
    output.add_argument(
        "--statistics",
        action="store_true",
        help="print the number of findings per rule instead of the findings",
    )
    _add_options(output, "select", "ignore", "per-file-ignores", "max-errors", "redact", "baseline")
    output.add_argument(
        "--write-baseline", metavar="FILE", help="write all findings to a baseline, and exit with 0"
    )
    check.set_defaults(run=_check, kind="body")


def _add_output_arguments(output: argparse._ActionsContainer) -> None:
    _add_options(output, "locale", "format")
    output.add_argument(
        "--color",
        choices=COLORS,
        default="auto",
        help="color of the text format; auto respects NO_COLOR and FORCE_COLOR (default: auto)",
    )
    output.add_argument(
        "--quiet", action="store_true", help="print only findings, without the summary"
    )
    output.add_argument(
        "--output",
        action="append",
        metavar="FORMAT=FILE",
        help="also write a report to a file; repeatable",
    )
    _add_options(output, "fail-level")
    output.add_argument(
        "--strict",
        dest="fail_level",
        action="store_const",
        const="warning",
        help="same as --fail-level warning",
    )


def _add_options(parser: argparse._ActionsContainer, *names: str) -> None:
    for name in names:
        OPTIONS[name].add_to(parser)


def _check(arguments: argparse.Namespace) -> int:
    from isales_rules.cli.check import run_check

    return run_check(arguments)


def _ruleset_check(arguments: argparse.Namespace) -> int:
    from isales_rules.cli.rulesets.check import run_ruleset_check

    return run_ruleset_check(arguments)


def _ruleset_test(arguments: argparse.Namespace) -> int:
    from isales_rules.cli.rulesets.cases import run_ruleset_test

    return run_ruleset_test(arguments)


def _ruleset_new(arguments: argparse.Namespace) -> int:
    from isales_rules.cli.rulesets.new import run_ruleset_new

    return run_ruleset_new(arguments)


def _explain(arguments: argparse.Namespace) -> int:
    """Explain a name with the first rule set that has it."""
    from isales_rules._text import suggest
    from isales_rules.cli.explain import explain_code, explain_parameters, explain_rule
    from isales_rules.cli.selection import parameter_paths
    from isales_rules.ruleset import load

    settings = gather_options(arguments)
    locale, name = settings.values["locale"], arguments.name
    rule_sets = [load(settings.values["ruleset"])]
    rule_sets += [load(one) for _, one in settings.values["rulesets"]]
    known: dict[str, None] = {}
    for rule_set in rule_sets:
        rules, codes = list(rule_set.rules()), rule_set.codes(locale)
        if name in codes:
            lines = explain_code(rule_set, name, locale)
        elif any(name == rule.id for rule in rules):
            lines = explain_rule(rule_set, name, locale)
        elif paths := parameter_paths(rule_set, name):
            lines = explain_parameters(rule_set, paths, locale)
        else:
            known |= dict.fromkeys(
                [*codes, *(one for rule in rules for one in (rule.id, rule.name))]
            )
            continue
        print_lines(lines)
        return 0
    reason = f"unknown code, rule or parameter {name!r}{suggest(name, known)}"
    codes_of_first = ", ".join(rule_sets[0].codes(locale))
    raise UsageError(
        f"{reason}; the codes are {codes_of_first}, and `isales-rules rules` lists the rules and parameters"
    )


def _rules(arguments: argparse.Namespace) -> int:
    from isales_rules.cli.reference import FORMATS

    settings = gather_options(arguments)
    # The setting `format` is the format of findings.
    print_lines(FORMATS[arguments.format](load_rules(settings), settings.values["locale"]))
    return 0


def _examples(arguments: argparse.Namespace) -> int:
    import json

    from isales_rules.testing.examples import examples

    print_lines(json.dumps(example) for example in examples(load_rules(gather_options(arguments))))
    return 0


def _compile(arguments: argparse.Namespace) -> int:
    print_lines(load_rules(gather_options(arguments)).to_python().splitlines())
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from isales_rules.cli.export import export_lines

    print_lines(export_lines(arguments.name))
    return 0


def _keywords(arguments: argparse.Namespace) -> int:
    from isales_rules.cli.keywords import FORMATS

    print_lines(FORMATS[arguments.format]())
    return 0


def _completion(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    try:
        import shtab
    except ImportError:
        raise UsageError("completion needs shtab: pip install shtab") from None
    print_lines([shtab.complete(parser, shell=arguments.shell)])
    return 0


COMMANDS: dict[str, tuple[str, str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": (
        "check files",
        "Check JSON files, by default with one request body each.",
        _add_check_arguments,
    ),
    "explain": (
        "explain a result code, a rule or a parameter",
        "Explain a result code, a rule or a parameter.",
        _add_explain_arguments,
    ),
    "rules": ("list all rules", "List all rules, with their sources.", _add_rules_arguments),
    "examples": (
        "print requests that just satisfy and just violate each rule",
        "Print, as NDJSON, minimal requests that just satisfy and just violate each rule, with their expected findings.",
        _add_examples_arguments,
    ),
    "compile": (
        "print the compiled rule set",
        "Print the Python source that the rule set is compiled to.",
        _add_compile_arguments,
    ),
    "ruleset": (
        "check, test and create rule sets",
        "Check, test and create rule sets.",
        _add_ruleset_commands,
    ),
    "export": (
        "print a schema for editors",
        "Print the JSON Schema of rule sets or of settings, for editors.",
        _add_export_arguments,
    ),
    "keywords": (
        "list the keywords of rule sets",
        "List the keywords of rule sets, each with an example.",
        _add_keywords_arguments,
    ),
    "completion": (
        "print a completion script",
        "Print a completion script for a shell. Requires the extra `completion`.",
        _add_completion_arguments,
    ),
}
"""The commands: help, description, and the function that adds their arguments."""
