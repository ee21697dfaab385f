"""Reports of a command: their formats, files and writers."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from typing import NamedTuple

from isales_rules._text import suggest
from isales_rules.cli.baseline import BaselineFormatter
from isales_rules.cli.errors import UsageError, print_error
from isales_rules.cli.formats import FORMATS, make_formatter
from isales_rules.cli.formats.base import FormatterContext, Summary
from isales_rules.cli.output import OutputFile, ReportWriter


class Output(NamedTuple):
    """File to write, and its format: one of `FORMATS`, or `baseline`."""

    format: str
    file: str


def parse_outputs(arguments: argparse.Namespace) -> list[Output]:
    """Return the files to write."""
    outputs = []
    for argument in arguments.output or ():
        name, equals, file = argument.partition("=")
        if not equals or not file:
            raise UsageError(f"--output must be FORMAT=FILE, not {argument!r}")
        if name not in FORMATS:
            formats = ", ".join(FORMATS)
            raise UsageError(
                f"--output: unknown format {name!r}{suggest(name, FORMATS)}; the formats are {formats}"
            )
        if file == "-":
            raise UsageError(
                f"--output {argument}: cannot be standard output; use --format {name}, or ./- for a file of this name"
            )
        outputs.append(Output(name, file))
    return outputs


def open_writers(
    arguments: argparse.Namespace,
    printed: str,
    context: FormatterContext,
    outputs: list[Output],
    stack: ExitStack,
) -> list[ReportWriter]:
    """Open all outputs, so that errors occur before the check.

    `printed` is the format of standard output.
    """
    shown = context._replace(colour=_use_color(arguments.color), quiet=arguments.quiet)
    writers = [ReportWriter(make_formatter(printed, shown))]
    for output in outputs:
        try:
            file = stack.enter_context(OutputFile(output.file))
        except OSError as error:
            raise UsageError("unwritable", file=output.file, reason=str(error.strerror)) from None
        if output.format == "baseline":
            writers.append(ReportWriter(BaselineFormatter(context), file, complete_only=True))
        else:
            writers.append(ReportWriter(make_formatter(output.format, context), file))
    return writers


def finish(writers: list[ReportWriter], summary: Summary, locale: str) -> None:
    """Write the ends of all reports, and print which ones could not be written."""
    for writer in writers:
        writer.finish(summary)
    for writer in writers:
        if writer.error:
            print_error(writer.error.message(locale))


def _use_color(color: str) -> bool:
    """Decide by NO_COLOR, then FORCE_COLOR, then the terminal, as Python does."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (
        sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    )
