"""Text that is shown to people: quoted, escaped, shortened; and suggestions."""

from __future__ import annotations

import json


def suggest(name: object, known: object) -> str:
    """Suggest the nearest of the known names, as the end of a sentence."""
    from difflib import get_close_matches

    near = get_close_matches(str(name)[:64], [str(one) for one in known], 1)  # type: ignore[attr-defined]  # any iterable of names
    return f"; did you mean {near[0]!r}?" if near else ""


MAX_SHOWN = 60
"""So many characters of a text are shown."""


def quote(text: str) -> str:
    """Show a text as JSON has it, shortened, with everything escaped that does not print."""
    return f'"{escape_json(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")}"'


def escape_json(text: str) -> str:
    """Show a text with everything escaped that does not print."""
    plain = text.isprintable() and '"' not in text and "\\" not in text
    return text if plain else escape_nonprintable(json.dumps(text, ensure_ascii=False)[1:-1])


def escape_nonprintable(text: str) -> str:
    """Show a text that may stand as it is but for what does not print."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)
