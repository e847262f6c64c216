"""What an environment needs of limits, beside what its base needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from lakeplane.costs import QuotaNeed
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview.model import Preview

__all__ = ["QuotaRow", "find_growth", "quota_before", "quota_rows"]

_CORES = "vCPUs"
_TIMES = 2


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """What is needed of one limit, in words.

    Attributes:
        name: The limit, as its service names it.
        scope: Where it holds.
        needed: How much of it, and of how much where that is known.
        before: How much of it the base needs; empty where that is the same or nobody looked.
        exceeded: Whether that is too much; false where nobody knows the limit.
    """

    name: str
    scope: str
    needed: str
    before: str
    exceeded: bool


def quota_before(preview: Preview, need: QuotaNeed) -> int | None:
    """Return how much of a limit the base needs; absent if nobody looked."""
    if preview.base_quota is None:
        return None
    return _by_limit(preview.base_quota).get((need.name, need.scope), 0)


def quota_rows(preview: Preview) -> list[QuotaRow]:
    """Return what is needed of each limit: exceeded ones first, then what grows most."""
    rows = []
    for need in sorted(preview.quota, key=lambda one: (one.exceeded is not True, -_times(preview, one))):
        before = quota_before(preview, need)
        rows.append(
            QuotaRow(
                need.name,
                need.scope.rpartition("/")[2],
                _needed(need.needed, need.limit, need.unit),
                "" if before is None or before == need.needed else f"{before:,} before",
                need.exceeded is True,
            )
        )
    return rows


def find_growth(needs: Sequence[QuotaNeed], before: Sequence[QuotaNeed]) -> Iterator[Diagnostic]:
    """Find cores that may have to be asked for: more than twice what the base needs, of a limit unknown here.

    Azure grants cores to a subscription by family of machines, so no file can tell how many there are. A base
    that needs nothing is an environment that isn't there yet: all of it is new, and nothing has grown.
    """
    known = _by_limit(before)
    grown = [
        (need, known.get((need.name, need.scope), 0))
        for need in needs
        if need.unit == _CORES
        and need.limit is None
        and need.needed > _TIMES * known.get((need.name, need.scope), 0)
    ]
    if not grown or not before:
        return
    told = [
        f"{need.name} in {need.scope.rpartition('/')[2]}: {need.needed:,}, {was:,} before"
        for need, was in grown
    ]
    yield Diagnostic(
        code="PRV016",
        summary="more than twice as many cores may be needed",
        severity=Severity.WARNING,
        detail="; ".join(told),
        remedy="check that the growth is meant; `lakeplane preflight` asks Azure how many are granted",
        resource=grown[0][0].by[0].resource,
    )


def _times(preview: Preview, need: QuotaNeed) -> float:
    before = quota_before(preview, need)
    return 1 if before is None else need.needed / before if before else inf


def _by_limit(needs: Sequence[QuotaNeed]) -> dict[tuple[str, str], int]:
    return {(need.name, need.scope): need.needed for need in needs}


def _needed(needed: int, limit: int | None, unit: str) -> str:
    return f"{needed:,} of {limit:,} {unit}" if limit is not None else f"{needed:,} {unit}"
