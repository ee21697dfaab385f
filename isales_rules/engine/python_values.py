"""Any Python object as a plain JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isales_rules.engine.json_text import JsonSyntaxError, is_text
from isales_rules.engine.values import DuplicateKey, NonJsonValue
from isales_rules.language.model import Parameter

# Types are compared by identity, because a metaclass may define equality.
_PLAIN_TYPES = frozenset(map(id, (type(None), str, int, float, bool, JsonSyntaxError)))


def to_plain(value: object, parameter: Parameter) -> Any:
    """Copy a value as plain JSON, as far as a rule reads it.

    A mapping becomes a `dict`, an instance of a subclass its base type, and anything else a
    `NonJsonValue`. A key that is equal to a documented name counts as that name. Exceptions of the
    object's own methods are caught. Raises `RecursionError` if the caller is close to the recursion
    limit.
    """
    if id(type(value)) in _PLAIN_TYPES:
        return value
    try:
        return _convert(value, parameter)
    except RecursionError:
        _require_stack()
    except Exception:  # noqa: BLE001, S110  # an object that raises is not a JSON value
        pass
    return NonJsonValue(value)


def _convert(value: object, parameter: Parameter) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, Mapping):
        return _members(value, parameter)
    if isinstance(value, list | tuple):
        return [to_plain(one, parameter.item) if parameter.item else None for one in value]
    return NonJsonValue(value)


def _require_stack(levels: int = 100) -> None:
    """Raise `RecursionError` unless this many levels are left.

    A recursion further down is then one of the methods of the object.
    """
    if levels:
        _require_stack(levels - 1)


def _members(value: Mapping[Any, Any], parameter: Parameter) -> dict[Any, Any]:
    documented = {name: name for name in parameter.members}
    any_case = (
        {name.lower(): name for name in parameter.members}
        if parameter.definition.get("case_insensitive")
        else {}
    )
    members = {}
    for key in value if parameter.has_members else ():
        spelled = documented.get(key) or _key(key)
        name = any_case.get(spelled.lower(), spelled) if type(spelled) is str else None
        member = parameter.members.get(name) if name is not None else None
        members[spelled] = None if member is None else to_plain(value[key], member)
    return members


def _key(key: object) -> Any:
    kind = type(key)
    if issubclass(kind, str):
        return key if kind is DuplicateKey else str.__str__(key)
    return key if key is None or kind is int or kind is float or kind is bool else NonJsonValue(key)


def header_fields(headers: Any) -> Any:
    """Return the headers of any framework as a dict of text; return anything else unchanged.

    `headers` is an object with `items()`, such as a mapping, or an iterable of pairs. Names and
    values are `str` or `bytes`. A header that is repeated, in any case, has its values joined by
    commas, which is what RFC 9110, section 5.2, defines as its value.
    """
    fields: dict[Any, tuple[Any, Any]] = {}
    try:
        for pair in headers.items() if hasattr(headers, "items") else headers:
            if not isinstance(pair, tuple | list) or type(pair[0]) is DuplicateKey:
                return headers  # of a JSON text, whose duplicate keys are reported
            name, value = map(_header_text, pair)
            key = name.lower() if type(name) is str else name
            if key in fields:
                name, before = fields[key]
                value = _join(before, value)
            fields[key] = name, value
    except Exception:  # noqa: BLE001  # an object that raises has no headers
        return headers
    return dict(fields.values()) if fields or not is_text(headers) else headers


def _join(first: Any, second: Any) -> Any:
    """Join two values of a header; a value that is not text is kept, so that it is reported."""
    if type(first) is type(second) is str:
        return f"{first}, {second}"
    return second if type(first) is str else first


def _header_text(value: Any) -> Any:
    if type(value) is str:
        return value
    if issubclass(type(value), bytes):
        return bytes.decode(value, "latin-1")
    return str.__str__(value) if issubclass(type(value), str) else value
