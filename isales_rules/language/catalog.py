"""Result codes, message templates and phrases, from `rulesets/catalog.toml` and a rule set."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from os import path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from isales_rules.language.built import built_module

if TYPE_CHECKING:
    from isales_rules._types import Locale

LOCALES: tuple[Locale, ...] = ("en_US", "zh_CN")
"""Locales of the shipped texts. A rule set may add more, each with its phrases."""

LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}")

OTHER_CODES = "*"
"""Key of the fallback of codes that the catalog does not name."""

_OWN = ("codes", "shared_codes", "messages", "phrases")
"""Tables of a rule set that extend the catalog."""

_HERE = path.dirname(path.dirname(path.abspath(__file__)))


class MessageTemplate(NamedTuple):
    """A template of messages, by locale.

    `code` is the default code of its violations; `None` for warnings. `shows` is what the message
    shows of the found value.
    """

    name: str
    code: str | None
    texts: Mapping[str, str]
    shows: str


class Catalog(NamedTuple):
    """The texts and codes of an interface. `meanings` and `phrases` are by locale first.

    `response` has what each member of the service's answer contains, and `fallback` the code that
    replaces a default code that the interface does not list. `own` is what a rule set adds, as
    JSON.
    """

    success: str
    response: Mapping[str, str]
    fallback: Mapping[str, str]
    meanings: Mapping[str, Mapping[str, str]]
    messages: Mapping[str, MessageTemplate]
    phrases: Mapping[str, Mapping[str, str]]
    own: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.own,)

    @property
    def locales(self) -> tuple[Locale, ...]:
        return tuple(self.phrases)  # type: ignore[arg-type]  # of a rule set, more than the literals

    @property
    def error_codes(self) -> list[str]:
        """The codes that the interface lists, except success."""
        return [code for code in self.meanings[LOCALES[0]] if code != self.success]

    @property
    def code_member(self) -> str:
        """The member of the service's answer that has the result code."""
        return next(name for name, content in self.response.items() if content == "code")

    def extended(self, data: Mapping[str, Any]) -> Catalog:
        """Return the catalog of a rule set: the shared one with the rule set's own entries."""
        own = {key: data[key] for key in _OWN if key in data}
        return _extended(self, own) if own else self


def _extended(shared: Catalog, own: Mapping[str, Any]) -> Catalog:
    first = LOCALES[0]
    more = own.get("phrases", {})
    phrases = {
        locale: {**shared.phrases.get(locale, shared.phrases[first]), **more.get(locale, {})}
        for locale in dict.fromkeys((*shared.phrases, *more))
    }
    listed = {shared.success, shared.fallback[OTHER_CODES], *own.get("codes", {})}
    selected = own.get("shared_codes", shared.meanings[first])
    listed.update(code for code in selected if code in shared.meanings[first])
    meanings: dict[str, dict[str, str]] = {locale: {} for locale in phrases}
    for code in sorted(listed, key=lambda code: (len(code), code)):
        texts = {
            locale: known[code] for locale, known in shared.meanings.items() if code in known
        } | own.get("codes", {}).get(code, {})
        for locale, known in meanings.items():
            known[code] = localized(texts, locale)
    messages = {}
    for name, template in shared.messages.items():
        change = own.get("messages", {}).get(name, {})
        code = change.get("code", template.code)
        while code is not None and code not in listed:
            code = shared.fallback.get(code, shared.fallback[OTHER_CODES])
        texts = {locale: text for locale, text in change.items() if locale in phrases}
        messages[name] = template
        if texts or code != template.code:
            messages[name] = template._replace(code=code, texts={**template.texts, **texts})
    return shared._replace(
        meanings=frozen(meanings),
        messages=MappingProxyType(messages),
        phrases=frozen(phrases),
        own=json.dumps(own, default=dict),
    )


@lru_cache(32)
def _restored(own: str) -> Catalog:
    return _extended(load_catalog(), json.loads(own)) if own else load_catalog()


def localized(texts: Mapping[str, Any], locale: str) -> Any:
    """Return the text in a locale, or, if it is missing, in the first other one."""
    if locale in texts:
        return texts[locale]
    return next(texts[one] for one in (*LOCALES, *filter(LOCALE.fullmatch, texts)) if one in texts)


def resolve_locale(tag: str, locales: Iterable[Locale] = LOCALES) -> Locale:
    """Return the locale that a tag names: `zh_CN`, `zh-CN` and `zh` are one.

    Raise `ValueError` for any other tag.
    """
    known = tuple(locales)
    if tag in known:  # the usual case, twice for each finding
        return tag
    wanted = str(tag).replace("-", "_").lower()
    for locale in known:
        if wanted in (locale.lower(), locale[:2]):
            return locale
    raise ValueError(f"unknown locale {str(tag)[:64]!r}; use one of {', '.join(known)}")


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
        response=frozen(data["response"]),
        fallback=frozen(data["fallback"]),
        meanings=frozen(
            {
                locale: {code: texts[locale] for code, texts in data["codes"].items()}
                for locale in LOCALES
            }
        ),
        messages=MappingProxyType(
            {
                name: MessageTemplate(
                    name,
                    template.get("code"),
                    {locale: template[locale] for locale in LOCALES},
                    template.get("shows", "value"),
                )
                for name, template in data["messages"].items()
            }
        ),
        phrases=frozen(data["phrases"]),
    )


@cache
def _read_catalog() -> dict[str, Any]:
    file = shipped_path("catalog.toml")
    if (built := built_module("catalog", path.dirname(file))) is not None:
        data: dict[str, Any] = json.loads(built.CONTENT)
        return data
    import tomllib

    with open(file, "rb") as opened:
        return tomllib.load(opened)


def default_ruleset() -> str:
    """Return the name of the rule set that the command uses by default."""
    return str(_read_catalog()["default_ruleset"])
