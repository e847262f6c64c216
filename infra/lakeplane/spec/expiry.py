"""Until when an environment is needed: what its `expiry` means on a day, and what may be removed by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.errors import SpecError
from lakeplane.spec.hub import is_hub
from lakeplane.spec.loader import load_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lakeplane.layout import ProjectLayout
    from lakeplane.spec.models import EnvironmentSpec

__all__ = ["SOON_DAYS", "Lifetime", "Need", "expired", "find_lifetimes", "lifetime_of", "today"]

SOON_DAYS = 7
"""How many days ahead an end is told: a week's notice for whoever is asked to give it more time."""

_KEPT_TIERS = ("prod",)


class Need(StrEnum):
    """Whether an environment is needed on a day."""

    EXPIRED = "expired"
    SOON = "soon"
    LATER = "later"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long an environment is needed.

    Attributes:
        name: What verbs take: the spec's name, or its path if it doesn't lie among the environments.
        spec: Path of the spec.
        tier: Its tier.
        owner: Whom to ask.
        expiry: Last day on which it is needed; absent if the spec names none.
        days_left: Days from today to that one, below zero once it is past; absent if there is none.
    """

    name: str
    spec: str
    tier: str
    owner: str
    expiry: date | None
    days_left: int | None

    @property
    def need(self) -> Need:
        """Whether it is needed today; its last day counts."""
        if self.days_left is None:
            return Need.UNLIMITED
        if self.days_left < 0:
            return Need.EXPIRED
        return Need.SOON if self.days_left <= SOON_DAYS else Need.LATER

    @property
    def is_removable(self) -> bool:
        """Whether a pipeline may remove it by its expiry alone; in prod a date does no more than remind."""
        return self.need is Need.EXPIRED and self.tier not in _KEPT_TIERS

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {
            "name": self.name,
            "spec": self.spec,
            "tier": self.tier,
            "owner": self.owner,
            "expiry": self.expiry.isoformat() if self.expiry else None,
            "days_left": self.days_left,
            "state": self.need.value,
            "removable": self.is_removable,
        }


def today() -> date:
    """Return the day it is, in UTC, as everything here counts it."""
    return datetime.now(UTC).date()


def lifetime_of(spec: EnvironmentSpec, name: str, path: str, day: date) -> Lifetime:
    """Return how long an environment is needed, seen from a day.

    Args:
        spec: The spec.
        name: What verbs take.
        path: Path of the spec, as it is shown.
        day: The day to look from.
    """
    left = (spec.expiry - day).days if spec.expiry else None
    return Lifetime(name, path, spec.tier, spec.owner, spec.expiry, left)


def find_lifetimes(
    project: ProjectLayout, paths: Iterable[Path], day: date
) -> tuple[tuple[Lifetime, ...], tuple[Diagnostic, ...]]:
    """Find how long environments are needed, those that end first before the others.

    Hubs are left out: they have no expiry, for others stand behind them.

    Args:
        project: The project, for the names that verbs take.
        paths: Specs, and directories of specs, in which those of examples lie a level deeper and don't count.
        day: The day to look from.

    Returns:
        The environments, and what is wrong with specs that can't be read: of those nobody knows.
    """
    found: dict[Path, Lifetime] = {}
    wrong: dict[Diagnostic, None] = {}
    for path in paths:
        for one in sorted(path.glob("*.yaml")) if path.is_dir() else (path,):
            if is_hub(one):
                continue
            try:
                found[one] = lifetime_of(load_spec(one), _name(project, one), str(one), day)
            except SpecError as error:
                wrong |= dict.fromkeys(error.findings)
    return tuple(sorted(found.values(), key=_order)), tuple(wrong)


def expired(spec: EnvironmentSpec, day: date) -> Iterator[Diagnostic]:
    """Warn of an environment that nobody needs any more by its own word."""
    lifetime = lifetime_of(spec, spec.name, "", day)
    if lifetime.need is not Need.EXPIRED:
        return
    until = f"it was needed until {spec.expiry}"
    kept = "; tier prod is never removed by that, and costs until somebody removes it"
    yield Diagnostic(
        code="EXP001",
        summary="the environment has expired",
        severity=Severity.WARNING,
        detail=until if lifetime.is_removable else until + kept,
        remedy="give it more time in expiry, or remove it with `lakeplane destroy`, then remove its spec",
        path=("expiry",),
    )


def _name(project: ProjectLayout, path: Path) -> str:
    return path.stem if path.resolve().parent == project.environments.resolve() else str(path)


def _order(one: Lifetime) -> tuple[bool, int, str]:
    return one.days_left is None, one.days_left or 0, one.name
