"""SARIF 2.1.0, as code-scanning pages read it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from isales_rules import __version__
from isales_rules.cli.findings import Finding
from isales_rules.cli.formats.base import FormatterContext, Summary
from isales_rules.cli.formats.json import JsonArrayFormatter
from isales_rules.cli.selection import relative_path

_ROOT = "SRCROOT"


class SarifFormatter(JsonArrayFormatter):
    """One run, with the rules that were looked at and a result for each finding."""

    def __init__(self, setting: FormatterContext) -> None:
        super().__init__(setting)
        self._rules: dict[str, dict[str, Any]] = {}
        meanings = setting.rules.codes(setting.locale)
        for check, expected in setting.rules.expectations(setting.locale):
            rule = {
                "id": check.id,
                "shortDescription": {"text": expected},
                "fullDescription": {"text": f"{expected} ({check.source})"},
                "help": {"text": f"{meanings[check.code]}\n\nisales-rules explain {check.id}" if check.code else f"isales-rules explain {check.id}"},
                "defaultConfiguration": {"level": check.severity},
                "properties": {"code": check.code, "source": check.source, "tags": [check.code or check.severity]},
            }
            self._rules.setdefault(check.id, rule)
        self._index = {rule: index for index, rule in enumerate(self._rules)}

    def begin(self) -> Iterator[str]:
        tool = {"driver": {"name": "isales-rules", "semanticVersion": __version__, "rules": list(self._rules.values())}}
        yield '{"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [{'
        yield f' "tool": {json.dumps(tool)},'
        yield ' "columnKind": "unicodeCodePoints", "results": ['

    def entry(self, finding: Finding) -> dict[str, Any]:
        region = {"startLine": finding.line, "startColumn": finding.column, "endLine": finding.end_line, "endColumn": finding.end_column}
        return {
            "ruleId": finding.rule,
            "ruleIndex": self._index[finding.rule],
            "level": finding.severity,
            "message": {"text": self.told(finding)},
            "locations": [
                {
                    "physicalLocation": {"artifactLocation": self._artifact(finding.file), "region": region},
                    "logicalLocations": [{"fullyQualifiedName": finding.path, "kind": "member"}],
                }
            ],
            # GitHub looks at the second alone.
            "partialFingerprints": {"isalesRules/v1": finding.fingerprint, "primaryLocationLineHash": finding.fingerprint},
        }

    def _artifact(self, file: str) -> dict[str, str]:
        from urllib.parse import quote

        path = quote(os.fsencode(relative_path(file, self.context.root)))
        # A path that leads out of the folder is no path in the repository.
        return {"uri": path} if path == "-" or path.startswith(("../", "/")) else {"uri": path, "uriBaseId": _ROOT}

    def end(self, summary: Summary) -> Iterator[str]:
        yield from super().end(summary)
        troubles = [{"level": "error", "message": {"text": trouble}} for trouble in summary.failures]
        invocation = {"executionSuccessful": not troubles, "toolExecutionNotifications": troubles}
        yield f' ], "invocations": [{json.dumps(invocation)}]'
        yield "}]}"
