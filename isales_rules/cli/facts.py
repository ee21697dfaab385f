"""Facts of the campaign in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def parse_times(
    facts: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Convert the texts of facts that are times. Raise `ValueError` for another text."""
    from isales_rules.language.time_formats import from_iso

    parsed = dict(facts)
    for name, value in facts.items():
        if isinstance(value, str) and declared.get(name, {}).get("type") == "datetime":
            try:
                parsed[name] = from_iso(value)
            except ValueError:
                expected = "an ISO 8601 date or time, such as 2030-09-01T08:00:00Z"
                raise ValueError(f"{name}: must be {expected}, not {value[:64]!r}") from None
    return parsed
