"""Exceptions that the base lacks: what they cover is seen by nobody who doesn't look for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview.newness import KnownException
from lakeplane.preview.told_values import cut
from lakeplane.spec.documents import read_document
from lakeplane.spec.sections import RuleExceptionSpec

__all__ = ["find_new_exceptions"]


def find_new_exceptions(
    exceptions: Iterable[RuleExceptionSpec], known: Iterable[KnownException], spec_path: Path
) -> Iterator[Diagnostic]:
    """Find exceptions that the base lacks, and those that hold for longer than in the base.

    Args:
        exceptions: The exceptions of the spec.
        known: Those of the base.
        spec_path: The spec's file, for their places.
    """
    ends: dict[tuple[str, str], KnownException] = {}
    for one in known:
        held = ends.get((one.rule, one.resource))
        if held is None or one.until > held.until:
            ends[one.rule, one.resource] = one
    document = None
    for index, exception in enumerate(exceptions):
        before = ends.get((exception.rule, exception.resource))
        if before is not None and exception.until <= before.until:
            continue
        document = document or read_document(spec_path)
        found = _told(exception, index, before)
        yield replace(found, location=document.locate(found.path))


def _told(exception: RuleExceptionSpec, index: int, before: KnownException | None) -> Diagnostic:
    until = f"until {exception.until.isoformat()}"
    was = "" if before is None else f", {before.until.isoformat()} in the base"
    what = "is new" if before is None else "holds for longer"
    return Diagnostic(
        code="PRV017",
        summary=f"an exception from {exception.rule} on {cut(exception.resource, 60)!r} {until} {what}",
        severity=Severity.WARNING,
        detail=f"resource {exception.resource!r}, owner {exception.owner}, {until}{was}; "
        f"reason: {exception.reason}",
        remedy="agree to it by name: what it covers is no error any more; a short time and one resource are "
        "better than a long time and a pattern",
        path=("exceptions", index),
    )
