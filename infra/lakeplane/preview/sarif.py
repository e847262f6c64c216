"""The findings of a preview as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lakeplane import __version__
from lakeplane.diagnostics import Diagnostic, Location
from lakeplane.preview.model import Preview
from lakeplane.preview.places import place_findings

__all__ = ["to_sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"


def to_sarif(preview: Preview) -> dict[str, Any]:
    """Write the findings as one run; with a base, each says whether the base has it already."""
    placed = place_findings(preview)
    rules: dict[str, Diagnostic] = {}
    for finding, _ in placed:
        rules.setdefault(finding.code, finding)
    order = {code: place for place, code in enumerate(sorted(rules))}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "lakeplane",
                        "semanticVersion": __version__,
                        "rules": [_rule(rules[code]) for code in order],
                    }
                },
                "automationDetails": {"id": f"lakeplane/preview/{preview.environment}/"},
                "columnKind": "unicodeCodePoints",
                "results": [_result(preview, finding, place, order) for finding, place in placed],
            }
        ],
    }


def _rule(finding: Diagnostic) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": finding.code,
        "shortDescription": {"text": finding.summary},
        "defaultConfiguration": {"level": finding.severity.value},
    }
    return {**rule, "help": {"text": finding.remedy}} if finding.remedy else rule


def _result(
    preview: Preview, finding: Diagnostic, place: Location | None, order: Mapping[str, int]
) -> dict[str, Any]:
    text = f"{finding.summary}: {finding.detail}" if finding.detail else finding.summary
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": order[finding.code],
        "level": finding.severity.value,
        "message": {"text": f"{text}. Remedy: {finding.remedy}" if finding.remedy else text},
        "partialFingerprints": {"lakeplane/v1": _fingerprint(preview, finding)},
    }
    location: dict[str, Any] = {}
    if place is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(place.file), "uriBaseId": _ROOT},
            "region": {"startLine": max(place.line, 1), "startColumn": max(place.column, 1)},
        }
    if finding.resource:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.resource, "kind": "resource"}]
    if location:
        result["locations"] = [location]
    if (is_new := preview.is_new(finding)) is not None:
        result["baselineState"] = "new" if is_new else "unchanged"
    return result


def _fingerprint(preview: Preview, finding: Diagnostic) -> str:
    """Name a finding apart from the line that it stands in, so that it is known again when lines move."""
    parts = (preview.environment, finding.code, finding.resource or "", finding.dotted_path)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
