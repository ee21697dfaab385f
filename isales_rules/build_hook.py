"""Hook of the wheel's build: write a module for each shipped rule set.

It has the functions that accept valid documents, and the data of the rule set as JSON, so that the
first valid document needs neither TOML nor the compiler.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta
from os import makedirs, path
from typing import Any


def get_build_hook() -> type:
    """Return the class of the hook, as hatchling asks for it."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class BuildHook(BuildHookInterface[Any]):
        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            if version != "editable":  # there, rule sets are compiled as in a checkout
                build_data["force_include"] |= write_modules(self.root, self.directory)

    return BuildHook


def write_modules(root: str, folder: str) -> dict[str, str]:
    """Write the modules to a folder; return the path of each file in the wheel."""
    sys.path.insert(0, root)
    makedirs(folder, exist_ok=True)
    files = {}
    for name, source in modules(root).items():
        file = path.join(folder, f"built-{name}.py")
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(source)
        files[file] = f"isales_rules/_built/{name}.py"
    return files


def modules(root: str) -> dict[str, str]:
    """Return the source of each module by name."""
    import tomllib

    import isales_rules
    from isales_rules.language.built import checksum, module_name

    folder = path.join(root, "rulesets")
    head = f'"""Written when the package was built."""\n\nCHECKSUM = {checksum(folder)}\n'
    with open(path.join(folder, "catalog.toml"), "rb") as file:
        catalog = json.dumps(tomllib.load(file))
    sources = {"__init__": "", "catalog": f"{head}CONTENT = {catalog!r}\n"}
    for name in isales_rules.names():
        sources[module_name(name)] = head + _rule_set(isales_rules.load(name))
    return sources


def _rule_set(rules: Any) -> str:
    from isales_rules.engine.accept import compile_accept

    root = rules.root("body")
    required_facts = [
        (clause.rule_id, sorted(clause.required_facts))
        for parameter in root.walk()
        for clause in parameter.clauses
    ]
    accept, source = compile_accept(root, "built")
    accept_text, text_source = compile_accept(root, "built", counting=True)
    values = _definitions(accept)
    if values != _definitions(accept_text):
        raise AssertionError("the two functions differ in the values that they use")
    return "\n".join(
        [
            f"CONTENT = {json.dumps(rules._data)!r}",  # noqa: SLF001
            f"ORIGINS = {json.dumps(rules._origins)!r}",  # noqa: SLF001
            f"REQUIRED_FACTS = {required_facts!r}",
            *values,
            source,
            text_source.replace("def accept(", "def accept_text(", 1),
        ]
    )


def _definitions(function: Any) -> list[str]:
    """Write the values that a compiled function refers to by name."""
    return [
        _definition(name, value)
        for name, value in function.__globals__.items()
        if name not in ("__builtins__", "accept")
    ]


def _definition(name: str, value: Any) -> str:
    from isales_rules.language.time_formats import Times
    from isales_rules.language.types import ValueType

    if isinstance(value, Times):
        return f"from isales_rules.language.time_formats import times\n{name} = times({value.formats!r})"
    owner = getattr(value, "__self__", None)
    if isinstance(owner, ValueType):
        method = f"TYPES[{owner.name!r}].{value.__name__}"
        return f"from isales_rules.language.types import TYPES\n{name} = {method}"
    if isinstance(owner, re.Pattern):
        call = f"re.compile({owner.pattern!r}, {owner.flags}).{value.__name__}"
        return f"import re\n{name} = {call}"
    if callable(value):
        return f"from {value.__module__} import {value.__qualname__} as {name}"
    if isinstance(value, frozenset):
        return f"{name} = frozenset({sorted(value)!r})"
    imports = "import datetime\n" if isinstance(value, timedelta) else ""
    return f"{imports}{name} = {value!r}"
