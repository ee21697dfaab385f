"""The result codes and the kinds of mistake, from `rulesets/catalog.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from os import path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from isales_rules._types import Locale

LOCALES: tuple[Locale, ...] = ("en_US", "zh_CN")

_LOCALE_TAGS: dict[str, Locale] = {
    tag: locale for locale in LOCALES for tag in (locale.lower(), locale[:2])
}

_HERE = path.dirname(path.dirname(path.abspath(__file__)))


class MessageTemplate(NamedTuple):
    """A kind of mistake: the code it gives by default (`None`: none), its texts by locale.

    What is shown of the found value.
    """

    code: str | None
    texts: Mapping[str, str]
    shows: str


class Catalog(NamedTuple):
    """What `rulesets/catalog.toml` holds. `meanings` and `words` are by locale first."""

    success: str
    meanings: Mapping[str, Mapping[str, str]]
    messages: Mapping[str, MessageTemplate]
    phrases: Mapping[str, Mapping[str, str]]

    def __reduce__(self) -> tuple[Any, ...]:
        return load_catalog, ()


def resolve_locale(tag: str) -> Locale:
    """Return the locale that a tag names: `zh_CN`, `zh-CN` and `zh` are one.

    Raise `ValueError` for any other tag.
    """
    if tag in LOCALES:  # the usual case, twice for each finding
        return tag
    locale = _LOCALE_TAGS.get(str(tag).replace("-", "_").lower())
    if locale is None:
        raise ValueError(f"unknown locale {str(tag)[:64]!r}; use one of {', '.join(LOCALES)}")
    return locale


def frozen(value: Any) -> Any:
    """Return a read-only view of nested dicts and lists."""
    if isinstance(value, dict):
        return MappingProxyType({key: frozen(one) for key, one in value.items()})
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def shipped_path(name: str) -> str:
    """Return the path of a file under `rulesets/`.

    Inside the package in a wheel, beside it in a checkout.
    """
    inside = path.join(_HERE, "rulesets", name)
    return inside if path.exists(inside) else path.join(path.dirname(_HERE), "rulesets", name)


@cache
def load_catalog() -> Catalog:
    """Read the shipped `catalog.toml`, once."""
    data = _read_catalog()
    return Catalog(
        success=data["success"],
        meanings=frozen(
            {
                locale: {code: texts[locale] for code, texts in data["codes"].items()}
                for locale in LOCALES
            }
        ),
        messages=MappingProxyType(
            {
                name: MessageTemplate(
                    kind.get("code"),
                    {locale: kind[locale] for locale in LOCALES},
                    kind.get("shows", "value"),
                )
                for name, kind in data["messages"].items()
            }
        ),
        phrases=MappingProxyType(data["phrases"]),
    )


@cache
def _read_catalog() -> dict[str, Any]:
    import tomllib

    with open(shipped_path("catalog.toml"), "rb") as file:
        return tomllib.load(file)


def default_ruleset() -> str:
    """Return the name of the rule set that the command uses by default."""
    return str(_read_catalog()["default_ruleset"])
