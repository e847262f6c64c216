"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lakeplane_policies.settings import Settings, Tier
from lakeplane_policies.stack import Stack

__all__ = [
    "ADVISED_IN_PROD",
    "ADVISORY",
    "ALIKE",
    "BEFORE_PROD",
    "IN_PROD",
    "MANDATORY",
    "Condition",
    "Impact",
    "Level",
    "Path",
    "Rule",
    "StackCondition",
    "Tiers",
    "Violation",
]

Path = tuple[str | int, ...]

ALIKE = "alike in both"
"""What a rule says of access modes that don't matter to it."""


class Impact(StrEnum):
    """How much harm a broken rule may do, in the words of Pulumi's policies."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(StrEnum):
    """What a broken rule does: nothing, a warning, or a stop; in the words of Pulumi's enforcement levels."""

    OFF = "disabled"
    ADVISORY = "advisory"
    MANDATORY = "mandatory"


@dataclass(frozen=True, slots=True)
class Tiers:
    """Level of a rule in each tier."""

    dev: Level
    test: Level
    prod: Level

    def of(self, tier: Tier) -> Level:
        """Return the level in a tier."""
        found: Level = getattr(self, tier)
        return found


MANDATORY = Tiers(Level.MANDATORY, Level.MANDATORY, Level.MANDATORY)
ADVISORY = Tiers(Level.ADVISORY, Level.ADVISORY, Level.ADVISORY)
IN_PROD = Tiers(Level.OFF, Level.OFF, Level.MANDATORY)
"""For what costs money or time that a trial isn't worth."""
BEFORE_PROD = Tiers(Level.ADVISORY, Level.ADVISORY, Level.MANDATORY)
"""For what a trial should have, and prod must."""
ADVISED_IN_PROD = Tiers(Level.OFF, Level.OFF, Level.ADVISORY)
"""For what only some organisations ask of themselves."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a resource breaks a rule, or why nobody can say whether it does.

    Attributes:
        path: Where in the inputs.
        found: What stands there, in words.
        undecidable: The answer hangs on a value that nobody knows before the update.
        urn: The resource, in findings about a whole stack; the stack itself if left out there.
    """

    path: Path
    found: str
    undecidable: bool = False
    urn: str | None = None


Condition = Callable[[Any, Settings], Iterator[Violation]]
"""Finds what is wrong with a resource's inputs, or with a part of them."""

StackCondition = Callable[[Stack, Settings], Iterator[Violation]]
"""Finds what is wrong with a stack as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One thing that no environment may do; the docstring of its file is its page.

    Attributes:
        code: Stable identifier; also the name of the rule's file.
        title: What must hold, in lower case and without a final full stop.
        types: Resource types that the rule is about; `*` for all.
        impact: How much harm a broken rule may do.
        tiers: What a broken rule does in each tier.
        modes: How it judges the two access modes.
        judge: Finds what breaks it in one resource. An absent or unknown value must be judged too, never
            passed over.
        judge_stack: Finds what breaks it in a stack, for what shows in several resources only; a rule has
            this or `judge`.
        remedy: What to write instead.
        sources: Other catalogues' names for the same thing.
        remediation: Values by path that the engine may put in by itself, because they shut nobody out,
            delete nothing and replace nothing; none if left out.
    """

    code: str
    title: str
    types: tuple[str, ...]
    impact: Impact
    tiers: Tiers
    modes: str
    remedy: str
    sources: tuple[str, ...]
    judge: Condition | None = None
    judge_stack: StackCondition | None = None
    remediation: Mapping[str, Any] = field(default_factory=dict)

    def level(self, violation: Violation, tier: Tier) -> Level:
        """Return what a violation does in a tier; one that can't be decided stops nothing before prod."""
        own = self.tiers.of(tier)
        if violation.undecidable and own is Level.MANDATORY and tier != "prod":
            return Level.ADVISORY
        return own
