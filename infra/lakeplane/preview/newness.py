"""Which findings a base has already: by what a finding is known again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from lakeplane.diagnostics import Diagnostic

__all__ = [
    "FindingKey",
    "Known",
    "KnownException",
    "covered_key",
    "find_new",
    "finding_key",
    "known_exceptions",
]

FindingKey = tuple[str, str | None, str, str]
"""Code, resource, the value's path, and what else tells two findings apart."""

_INDEX = re.compile(r"\[\d+\]")


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
        findings: Its findings, each as often as it was found.
        covered: What its exceptions cover.
        exceptions: Its exceptions.
    """

    findings: tuple[FindingKey, ...] | None = None
    covered: frozenset[FindingKey] | None = None
    exceptions: tuple[KnownException, ...] | None = None


def finding_key(finding: Diagnostic) -> FindingKey:
    """Return what a finding is known by.

    Rule, resource and path tell most of them apart. What the rules say of exceptions and of themselves is
    about no resource: there the text does.
    """
    text = f"{finding.summary}: {finding.detail}" if finding.code.startswith("POL") else ""
    return finding.code, finding.resource, finding.dotted_path, text


def covered_key(finding: Diagnostic) -> FindingKey:
    """Return what a covered finding is known by: an exception for a resource may cover one value and more."""
    return finding.code, finding.resource, finding.dotted_path, ""


def find_new(findings: Iterable[Diagnostic], known: Iterable[FindingKey]) -> frozenset[Diagnostic]:
    """Find what a base does not have: each of its findings accounts for one, and no more.

    First come those that stand where they stood. An item of a list moves when another is put before it, so of
    the rest one at another index of the same list is taken for what is left of the base.

    Args:
        findings: What is found now.
        known: What the base has, each as often as it was found.
    """
    left = Counter(known)
    rest = []
    for one in dict.fromkeys(findings):
        key = finding_key(one)
        if left[key]:
            left[key] -= 1
        else:
            rest.append(one)
    moved: Counter[FindingKey] = Counter()
    for key, count in left.items():
        moved[_anywhere(key)] += count
    new = []
    for one in rest:
        key = _anywhere(finding_key(one))
        if moved[key]:
            moved[key] -= 1
        else:
            new.append(one)
    return frozenset(new)


def _anywhere(key: FindingKey) -> FindingKey:
    """Return a key for any index of the lists that its path leads through."""
    code, resource, path, text = key
    return code, resource, _INDEX.sub("[]", path), text


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
