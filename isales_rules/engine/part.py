"""A part of a rule set, ready to validate documents with one of the engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isales_rules.engine.json_text import JsonSyntaxError
from isales_rules.engine.python_values import to_plain
from isales_rules.engine.values import (
    ABSENT,
    Accept,
    DuplicateKey,
    Engine,
    NonJsonValue,
    RawViolation,
)
from isales_rules.language.model import Parameter

_PLAIN = frozenset(
    map(
        id,
        (
            str,
            int,
            float,
            bool,
            type(None),
            dict,
            list,
            DuplicateKey,
            NonJsonValue,
            JsonSyntaxError,
            type(ABSENT),
        ),
    )
)
"""Types of plain values, by identity: a metaclass may define equality and hash."""


ENGINES = ("compiled", "cerberus")


class PreparedPart:
    """A part of a rule set with an engine. Functions are compiled when they are first called.

    - `accept` and `accept_text` accept plainly valid documents, as `compile_accept` describes.
    - `accepting`: whether they are worth a call. They are not between a document that they declined
      and the next valid one, so that they cost nothing where most documents are invalid.
    - `run`: the engine, which decides about all other documents.
    """

    __slots__ = ("_find_root", "_name", "accept", "accept_text", "accepting", "run")

    def __init__(self, find_root: Callable[[], Parameter], name: str, engine: str) -> None:
        if engine not in ENGINES:
            raise ValueError(f"unknown engine {engine!r}; use one of {', '.join(ENGINES)}")
        compiled = engine == "compiled"
        self._find_root = find_root
        self._name = name
        self.accepting = True
        self.accept: Accept = self._compile_accept if compiled else _decline
        self.accept_text: Accept = self._compile_accept_text if compiled else _decline
        self.run: Engine = self._compile if compiled else self._interpret

    @property
    def root(self) -> Parameter:
        return self._find_root()

    def violations(self, document: object, facts: Mapping[str, Any]) -> list[RawViolation]:
        """Validate a document of Python objects."""
        if self.accepting:
            try:
                if self.accept(document, facts):
                    return []
            except Exception:  # noqa: BLE001, S110  # declined, or raised by a caller's object
                pass
        return self.decide(document, facts)

    def decide(self, document: object, facts: Mapping[str, Any]) -> list[RawViolation]:
        """Validate a document of Python objects that was not accepted.

        Objects that are not plain JSON values cause a violation or an exception; only then are they
        converted.
        """
        raw = self._plain_violations(document, facts)
        if raw is None:
            raw = self.run(to_plain(document, self.root), facts)
        self.accepting = not raw
        return raw

    def _plain_violations(
        self, document: object, facts: Mapping[str, Any]
    ) -> list[RawViolation] | None:
        """Validate a document of plain values; return `None` if it has others."""
        try:
            raw = self.run(document, facts)
            for violation in raw:
                if id(type(violation[1])) not in _PLAIN:
                    return None
        except Exception:  # noqa: BLE001  # a caller's objects; other errors occur again
            return None
        return raw

    def _compile(self, document: Any, facts: Mapping[str, Any]) -> list[RawViolation]:
        from isales_rules.engine.compiler import compile_part

        run = self.run = compile_part(self.root, self._name).function
        return run(document, facts)

    def _interpret(self, document: Any, facts: Mapping[str, Any]) -> list[RawViolation]:
        from isales_rules.engine.cerberus import CerberusEngine

        run = self.run = CerberusEngine(self.root)
        return run(document, facts)

    def _compile_accept(self, document: Any, facts: Mapping[str, Any]) -> int:
        from isales_rules.engine.accept import compile_accept

        accept = self.accept = compile_accept(self.root, self._name)[0]
        return accept(document, facts)

    def _compile_accept_text(self, document: Any, facts: Mapping[str, Any]) -> int:
        from isales_rules.engine.accept import compile_accept

        accept = self.accept_text = compile_accept(self.root, self._name, counting=True)[0]
        return accept(document, facts)


def _decline(document: object, facts: Mapping[str, Any]) -> int:  # noqa: ARG001
    return 0
