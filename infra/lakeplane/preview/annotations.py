"""The findings of a preview as workflow commands, by which GitHub shows them beside the changed lines."""

from __future__ import annotations

from collections.abc import Iterator

from lakeplane.diagnostics import Diagnostic, Location, Severity
from lakeplane.preview.model import Preview
from lakeplane.preview.places import place_findings
from lakeplane.preview.told_values import visible

__all__ = ["to_annotations"]

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ORDER = tuple(_COMMANDS)


def to_annotations(preview: Preview) -> str:
    """Write one command a line, the gravest first: GitHub shows ten of each kind for a step."""
    placed = place_findings(preview)
    placed.sort(key=lambda found: (_ORDER.index(found[0].severity), preview.is_new(found[0]) is False))
    return "".join(f"{line}\n" for line in _lines(placed))


def _lines(placed: list[tuple[Diagnostic, Location | None]]) -> Iterator[str]:
    for finding, place in placed:
        properties = {"title": f"{finding.code} {finding.summary}"}
        if place is not None:
            properties |= {"file": place.file, "line": str(place.line), "col": str(place.column)}
        written = ",".join(f"{name}={_property(value)}" for name, value in sorted(properties.items()))
        parts = [
            finding.resource or "",
            finding.detail,
            f"remedy: {finding.remedy}" if finding.remedy else "",
        ]
        message = "\n".join(visible(part) for part in parts if part) or visible(finding.summary)
        yield f"::{_COMMANDS[finding.severity]} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
