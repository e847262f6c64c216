"""Which findings a base has already: by what a finding is known again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lakeplane.diagnostics import Diagnostic

__all__ = ["FindingKey", "Known", "KnownException", "covered_key", "finding_key", "known_exceptions"]

FindingKey = tuple[str, str | None, str]
"""Code, resource, and what else tells two findings apart."""


@dataclass(frozen=True, slots=True)
class KnownException:
    """An exception, by what makes it another one.

    Attributes:
        rule: Code of the rule.
        resource: Name or pattern of what it covers.
        until: Last day on which it holds.
    """

    rule: str
    resource: str
    until: date


@dataclass(frozen=True, slots=True)
class Known:
    """What a base has already; each is absent if nobody looked.

    Attributes:
        findings: Its findings.
        covered: What its exceptions cover.
        exceptions: Its exceptions.
    """

    findings: frozenset[FindingKey] | None = None
    covered: frozenset[FindingKey] | None = None
    exceptions: tuple[KnownException, ...] | None = None


def finding_key(finding: Diagnostic) -> FindingKey:
    """Return what a finding is known by.

    Rules and resources tell most of them apart. What the rules say of exceptions and of themselves is about
    no resource: there the text does.
    """
    text = f"{finding.summary}: {finding.detail}" if finding.code.startswith("POL") else ""
    return finding.code, finding.resource, text


def covered_key(finding: Diagnostic) -> FindingKey:
    """Return what a covered finding is known by: an exception for a resource may cover one value and more."""
    return finding.code, finding.resource, finding.dotted_path


def known_exceptions(documents: Sequence[object]) -> tuple[KnownException, ...]:
    """Read the exceptions of a spec that may be of another age; what is none is passed over."""
    found = []
    for one in documents:
        if isinstance(one, dict):
            try:
                until = date.fromisoformat(str(one.get("until")))
            except ValueError:
                continue
            found.append(KnownException(str(one.get("rule")), str(one.get("resource")), until))
    return tuple(found)
