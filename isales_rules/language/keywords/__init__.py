"""The rule keywords: one class per keyword, with everything that the package knows about it.

A keyword constrains one parameter. It is used in the definition of the parameter, in a clause of a
rule between parameters, or in both. Validation, the compiler, the reference engine, explanations
and generated test data read `KEYWORDS`, so that a new keyword is added here and nowhere else; its
message is in `rulesets/catalog.toml`.
"""

from __future__ import annotations

from isales_rules.language.keywords.base import (
    ALL_TYPES,
    KEYWORDS,
    Bind,
    Comparison,
    Definition,
    Expression,
    Keyword,
    Sample,
    Schema,
    Truth,
    alphabet,
    as_tuple,
)
from isales_rules.language.keywords.comparisons import (
    Eq,
    Ge,
    Gt,
    In,
    Le,
    Lt,
    Max,
    MaxBytes,
    MaxItems,
    MaxLength,
    Min,
    MinItems,
    MinLength,
    MultipleOf,
    NotIn,
)
from isales_rules.language.keywords.strings import (
    AllowedCharacters,
    ForbiddenCharacters,
    Format,
    PartialPattern,
    Prefix,
    Regex,
    parse_expr,
)
from isales_rules.language.keywords.values import Absent, Allowed, Required, Unique

_CLASSES: list[type[Keyword]] = [
    Required, Absent, Min, Max, MultipleOf, MinLength, MaxLength, MaxBytes, MinItems, MaxItems,
    Unique, Allowed, Prefix, AllowedCharacters, ForbiddenCharacters, Regex, Format, PartialPattern,
    Ge, Le, Gt, Lt, Eq, In, NotIn,
]  # fmt: skip

KEYWORDS.update({keyword.name: keyword() for keyword in _CLASSES})

COERCED_TYPES: dict[str, tuple[str, ...]] = {"decimal": ("integer",), "json": ("dict", "list")}
"""What the text of a value may be coerced from, with the types that it is for."""

ATTRIBUTES: dict[str, Schema] = {
    "source": {"type": "string", "required": True, "empty": False},
    "type": {"type": "string", "allowed": sorted(ALL_TYPES)},
    "ref": {"type": "string"},
    "schema": {"type": ["string", "dict"]},
    "coerce": {"type": "string", "allowed": list(COERCED_TYPES)},
    "allow_unknown": {"type": "boolean"},
    "case_insensitive": {"type": "boolean"},
    "secret": {"type": "boolean"},
    "default": {"nullable": False},
    "example": {"type": "string"},
    "allowed_labels": {"type": "dict"},
    "sources": {
        "type": "dict",
        "keysrules": {"type": "string"},
        "valuesrules": {"type": "string", "empty": False},
    },
    "error_codes": {
        "type": "dict",
        "keysrules": {"type": "string"},
        "valuesrules": {"type": "string"},
    },
}
"""What a definition may say beside keywords: the type, and how violations are reported."""


__all__ = [
    "ALL_TYPES",
    "ATTRIBUTES",
    "COERCED_TYPES",
    "KEYWORDS",
    "Bind",
    "Comparison",
    "Definition",
    "Expression",
    "Keyword",
    "Sample",
    "Schema",
    "Truth",
    "alphabet",
    "as_tuple",
    "parse_expr",
]
