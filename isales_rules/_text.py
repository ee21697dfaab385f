"""Quote, escape and shorten text for output; suggest names."""

from __future__ import annotations

import json


def nearest(name: object, known: object) -> str:
    """Return the known name nearest to `name`, or `""`."""
    from difflib import get_close_matches

    near = get_close_matches(str(name)[:64], [str(one) for one in known], 1)  # type: ignore[attr-defined]  # any iterable of names
    return near[0] if near else ""


def suggest(name: object, known: object) -> str:
    """Return `; did you mean ...?` with the known name nearest to `name`, or `""`."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else ""


MAX_SHOWN = 60
"""Maximum number of characters shown of a text."""


def quote(text: str) -> str:
    """Return a text as a JSON string, shortened, nonprintable characters escaped."""
    return f'"{escape_json(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")}"'


def escape_json(text: str) -> str:
    """Escape quotation marks, backslashes and nonprintable characters like JSON."""
    plain = text.isprintable() and '"' not in text and "\\" not in text
    return text if plain else escape_nonprintable(json.dumps(text, ensure_ascii=False)[1:-1])


def escape_nonprintable(text: str) -> str:
    """Escape only nonprintable characters."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else json.dumps(character)[1:-1] for character in text
    )
