"""Findings as data: what is wrong, where it stands and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Check", "Diagnostic", "Location", "Severity", "has_errors", "to_text"]


class Severity(StrEnum):
    """How much a finding weighs: an `error` stops the command, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a text file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: Stable identifier, `<AREA><NNN>`, never used twice.
        summary: What is wrong, in lower case and without a final full stop.
        severity: Weight of the finding; an error if left out.
        detail: What was found and what is allowed; empty if the summary says it all.
        remedy: What the user should do; empty only where there is nothing to do.
        path: Keys and indexes that lead to the value in the document.
        location: Where the value stands in its file; absent for findings about no file.
        resource: URN or name of the resource that the finding is about, if it is about one.
    """

    code: str
    summary: str
    severity: Severity = Severity.ERROR
    detail: str = ""
    remedy: str = ""
    path: tuple[str | int, ...] = ()
    location: Location | None = None
    resource: str | None = None

    @property
    def dotted_path(self) -> str:
        """The path as people write it, such as `access.addresses[0]`."""
        text = ""
        for part in self.path:
            if isinstance(part, int):
                text += f"[{part}]"
            else:
                text += f".{part}" if text else part
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data for JSON."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "resource": self.resource,
            "path": self.dotted_path or None,
            "location": str(self.location) if self.location else None,
            "message": f"{self.summary}: {self.detail}" if self.detail else self.summary,
            "remedy": self.remedy or None,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that lakeplane needs.

    Attributes:
        name: What is needed.
        ok: Whether it is there, or will be brought by itself when it is needed.
        found: What was found, in a few words.
        remedy: What to do where it is lacking; empty if it is not.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""


def has_errors(findings: Iterable[Diagnostic]) -> bool:
    """Tell whether any finding is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def to_text(findings: Iterable[Diagnostic]) -> str:
    """Render findings for people, in the order given, followed by a count."""
    lines: list[str] = []
    counts: dict[Severity, int] = {}
    for finding in findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
        lines.append(f"{finding.severity.value}[{finding.code}]: {finding.summary}")
        if finding.location or finding.path:
            at = " at ".join(part for part in (str(finding.location or ""), finding.dotted_path) if part)
            lines.append(f"  in {at}" if finding.location else f"  at {at}")
        if finding.resource:
            lines.append(f"  resource: {finding.resource}")
        if finding.detail:
            lines.append(f"  {finding.detail}")
        if finding.remedy:
            lines.append(f"  remedy: {finding.remedy}")
    tally = [f"{count} {severity.value}{'s' if count > 1 else ''}" for severity, count in counts.items()]
    return "\n".join([*lines, ", ".join(tally)]) if lines else ""
