"""Read rule-set files, and the files that they extend."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from os import listdir, path
from typing import Any

from isales_rules._text import escape_nonprintable, suggest
from isales_rules.errors import IsalesRulesError
from isales_rules.language.catalog import shipped_path
from isales_rules.language.model import Problem
from isales_rules.language.overlays import Layer

MAX_SHOWN = 500
"""Maximum length of a location and of a reason in the text of an error."""

MAX_LAYERS = 16
"""Maximum number of rule sets that extend one another."""

MAX_FILE_SIZE = 10_000_000
"""Maximum size of a rule-set file in bytes."""


class RuleSetError(IsalesRulesError, ValueError):
    """Raised for an invalid rule set, with all its problems.

    `file` is the file or name of the rule set. `problems` is a tuple of pairs: the location in the
    rule set, such as `tables.body.name.maxlength`, and the reason. `files` has for each problem the
    file or name of the rule set in which the location is: `file`, or one that it extends. The text
    of the error has one line for each problem, escaped and shortened.
    """

    def __init__(self, file: str, problems: Sequence[Problem], files: Sequence[str] = ()) -> None:
        self.file = file
        self.problems = tuple(problems)
        self.files = tuple(files) or (file,) * len(problems)
        super().__init__(file, problems, files)

    def __str__(self) -> str:
        return "\n".join(
            ": ".join([escape_nonprintable(file), *(_shortened(text) for text in problem if text)])
            for file, problem in zip(self.files, self.problems, strict=True)
        )


def _shortened(text: str) -> str:
    half = MAX_SHOWN // 2
    return escape_nonprintable(text if len(text) <= MAX_SHOWN else f"{text[:half]}…{text[-half:]}")


def is_path(name: str) -> bool:
    """Return whether a name is the path of a file, and not the name of a shipped rule set."""
    return name.endswith(".toml") or bool(path.dirname(name))


@cache
def shipped_names() -> list[str]:
    """Return the names of all shipped rule-set files, sorted."""
    folder = path.dirname(shipped_path("catalog.toml"))
    return sorted(
        file.removesuffix(".toml")
        for file in listdir(folder)
        if file.endswith(".toml") and file != "catalog.toml"
    )


def shipped_file(name: str) -> str:
    """Return the path of a shipped rule set; raise `ValueError` with the reason if it is unknown."""
    known = shipped_names()
    if name not in known:
        raise ValueError(
            f"unknown rule set{suggest(name, known)}; use one of {', '.join(known)}, or the path of a .toml file"
        )
    return shipped_path(f"{name}.toml")


def read_layer(name: str, file: str) -> Layer:
    """Read a rule-set file; `name` is used in errors."""
    try:
        with open(file, "rb") as opened:
            content = opened.read(MAX_FILE_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RuleSetError(name, [("", f"cannot be read: {reason}")]) from None
    if len(content) > MAX_FILE_SIZE:
        raise RuleSetError(name, [("", f"is larger than {MAX_FILE_SIZE:,} bytes")])
    return parse_layer(name, content)


def parse_layer(name: str, text: str | bytes) -> Layer:
    """Parse TOML text; `name` is used in errors."""
    import tomllib

    try:
        return Layer(name, tomllib.loads(text if isinstance(text, str) else text.decode()))
    except (ValueError, RecursionError) as error:
        raise RuleSetError(name, [("", f"is not TOML: {error}")]) from None


def read_layers(layer: Layer, file: str | None) -> list[Layer]:
    """Return a rule set after those that it extends, the lowest first.

    `file` is its path, or `None` if it does not come from a file.
    """
    layers, files = [layer], [file and path.realpath(file)]
    while "extends" in layer.data:
        from_user = file is None or is_path(layer.name)
        try:
            name, file = _base(layer.data["extends"], layer.name, file)
            files.append(path.realpath(file))
            _check_chain(layers, files, name)
        except ValueError as error:
            raise RuleSetError(layers[0].name, [("extends", str(error))], [layer.name]) from None
        base = read_layer(name, file)
        # The files that a shipped rule set consists of are one to its users.
        layer = base if from_user else base._replace(name=layer.name)
        layers.append(layer)
    return layers[::-1]


def _base(extends: Any, name: str, file: str | None) -> tuple[str, str]:
    """Return the name and the path of the rule set that another one extends."""
    if not isinstance(extends, str):
        raise ValueError("must be of string type")  # noqa: TRY004  # a problem of the rule set
    if not is_path(extends):
        return extends, shipped_file(extends)
    if not path.isabs(extends) and file is None:
        raise ValueError("must be absolute, because the rule set is not read from a file")
    return path.join(path.dirname(name), extends), path.join(path.dirname(file or ""), extends)


def _check_chain(layers: list[Layer], files: list[str | None], name: str) -> None:
    """Raise `ValueError` if the last file, called *name*, cannot be extended by the layers."""
    file = str(files[-1])
    if file in files[:-1]:
        chain = [layer.name for layer in layers[files.index(file) :]]
        raise ValueError(f"the rule set extends itself: {' -> '.join([*chain, name])}")
    if len(layers) == MAX_LAYERS:
        raise ValueError(f"more than {MAX_LAYERS} rule sets extend one another")
    if not path.isfile(file):
        raise ValueError(f"{name!r} {'is not a file' if path.exists(file) else 'does not exist'}")
