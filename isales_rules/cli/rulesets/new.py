"""The command `ruleset new`."""

from __future__ import annotations

import argparse
import os

from isales_rules.cli.errors import UsageError
from isales_rules.cli.output import print_lines

_TEMPLATE = os.path.join(os.path.dirname(__file__), "template.toml")


def run_ruleset_new(arguments: argparse.Namespace) -> int:
    """Write a valid rule set with comments, and print the name of the file."""
    name = arguments.name.removesuffix(".toml")
    file = f"{name}.toml"
    title = os.path.basename(name)
    if not title.isprintable() or '"' in title or "\\" in title:
        raise UsageError(f"{title!r} cannot be the name of a rule set")
    with open(_TEMPLATE, encoding="utf-8") as opened:
        text = opened.read().replace("NAME", title, 1)
    try:
        with open(file, "x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        raise UsageError(f"{file}: exists already") from None
    except OSError as error:
        raise UsageError("unwritable", file=file, reason=str(error.strerror)) from None
    print_lines([file])
    return 0
