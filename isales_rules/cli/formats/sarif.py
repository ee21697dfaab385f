"""Format `sarif`: SARIF 2.1.0 for code scanning."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from isales_rules import __version__
from isales_rules.cli.findings import Finding
from isales_rules.cli.formats.base import FormatterContext, RuleTable, Summary
from isales_rules.cli.formats.json import JsonArrayFormatter
from isales_rules.cli.selection import relative_path

_ROOT = "SRCROOT"


class SarifFormatter(JsonArrayFormatter):
    """Writes one run, with all rules and a result for each finding."""

    def __init__(self, context: FormatterContext) -> None:
        super().__init__(context)
        self._tables = [self._descriptors(table) for table in (context.rules, *context.others)]
        self._references: dict[tuple[str, str], dict[str, Any]] = {}
        for number, (table, rules) in enumerate(
            zip((context.rules, *context.others), self._tables, strict=True)
        ):
            for index, rule in enumerate(rules):
                reference: dict[str, Any] = {"ruleId": rule, "ruleIndex": index}
                if number:
                    component = {"index": number - 1}
                    reference["rule"] = {"index": index, "toolComponent": component}
                self._references[table.name, rule] = reference

    def _descriptors(self, table: RuleTable) -> dict[str, dict[str, Any]]:
        """Return the descriptors of rules by id."""
        descriptors: dict[str, dict[str, Any]] = {}
        locale = self.context.locale
        meanings = table.codes(locale)
        for rule, expected in table.expectations(locale):
            command = f"isales-rules explain {rule.id}" if table.name else rule.source
            if table is not self.context.rules:
                command += f" --ruleset {table.name}"
            descriptor = {
                "id": rule.id,
                "shortDescription": {"text": expected},
                "fullDescription": {"text": f"{expected} ({self.source(rule)})"},
                "help": {"text": f"{meanings[rule.code]}\n\n{command}" if rule.code else command},
                "defaultConfiguration": {"level": rule.severity},
                "properties": {
                    "code": rule.code,
                    "source": rule.source,
                    "tags": [rule.code or rule.severity],
                },
            }
            descriptors.setdefault(rule.id, descriptor)
        return descriptors

    def begin(self) -> Iterable[str]:
        rules, *others = ([*table.values()] for table in self._tables)
        tool: dict[str, Any] = {
            "driver": {"name": "isales-rules", "semanticVersion": __version__, "rules": rules}
        }
        if others:
            tool["extensions"] = [
                {"name": table.name, "rules": rules}
                for table, rules in zip(self.context.others, others, strict=True)
            ]
        return [
            '{"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [{',
            f' "tool": {json.dumps(tool)},',
            ' "columnKind": "unicodeCodePoints", "results": [',
        ]

    def item(self, finding: Finding) -> dict[str, Any]:
        region = {
            "startLine": finding.line,
            "startColumn": finding.column,
            "endLine": finding.end_line,
            "endColumn": finding.end_column,
        }
        return {
            **self._references[finding.ruleset, finding.rule],
            "level": finding.severity,
            "message": {"text": self.describe(finding)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": self._artifact(finding.file),
                        "region": region,
                    },
                    "logicalLocations": [{"fullyQualifiedName": finding.path, "kind": "member"}],
                }
            ],
            # GitHub reads only the second one.
            "partialFingerprints": {
                "isalesRules/v1": finding.fingerprint,
                "primaryLocationLineHash": finding.fingerprint,
            },
        }

    def _artifact(self, file: str) -> dict[str, str]:
        from urllib.parse import quote

        path = quote(os.fsencode(relative_path(file, self.context.root)))
        # A path outside of the folder is not in the repository.
        return (
            {"uri": path}
            if path == "-" or path.startswith(("../", "/"))
            else {"uri": path, "uriBaseId": _ROOT}
        )

    def end(self, summary: Summary) -> Iterable[str]:
        failures = [
            {"level": "error", "message": {"text": failure}} for failure in summary.failures
        ]
        invocation = {"executionSuccessful": not failures, "toolExecutionNotifications": failures}
        return [*super().end(summary), f' ], "invocations": [{json.dumps(invocation)}]', "}]}"]
