"""What an environment takes of a subscription's quota and of other limits, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["QuotaNeed", "QuotaShare", "Tally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaShare:
    """What one resource takes of a limit.

    Attributes:
        resource: URN of the resource.
        needed: How much it takes at its most.
        how: The arithmetic, such as `4 nodes + 2 for upgrades, 8 vCPUs each`.
    """

    resource: str
    needed: int
    how: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {"resource": self.resource, "needed": self.needed, "how": self.how}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaNeed:
    """How much is needed of one limit, if everything is at its most at the same time.

    Attributes:
        name: The limit, as its service names it, such as `standardDDSv5Family`.
        scope: Where it holds: a region of the subscription, or a virtual network or subnet.
        unit: What is counted.
        by: What each resource takes, the largest first.
        source: Where the limit and the way of counting come from.
        limit: The limit itself, where it is the same for all or stands in the program; absent where only the
            subscription knows it.
    """

    name: str
    scope: str
    unit: str
    by: tuple[QuotaShare, ...]
    source: str
    limit: int | None = None

    @property
    def needed(self) -> int:
        """How much is needed in all."""
        return sum(share.needed for share in self.by)

    @property
    def exceeded(self) -> bool | None:
        """Whether the limit is exceeded; absent where it is not known."""
        return None if self.limit is None else self.needed > self.limit

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {
            "name": self.name,
            "scope": self.scope,
            "needed": self.needed,
            "unit": self.unit,
            "limit": self.limit,
            "exceeded": self.exceeded,
            "by": [share.to_dict() for share in self.by],
            "source": self.source,
        }


@dataclass(slots=True)
class Tally:
    """Collects what is needed, limit by limit."""

    shares: dict[tuple[str, str], list[QuotaShare]] = field(default_factory=dict)
    facts: dict[tuple[str, str], tuple[str, str, int | None]] = field(default_factory=dict)

    def add(
        self,
        name: str,
        scope: str,
        resource: str,
        needed: int,
        *,
        unit: str,
        how: str,
        source: str,
        limit: int | None = None,
    ) -> None:
        """Count what a resource takes of a limit; nothing is counted of what takes nothing."""
        if needed > 0:
            share = QuotaShare(resource=resource, needed=needed, how=how)
            self.shares.setdefault((name, scope), []).append(share)
            self.facts[name, scope] = (unit, source, limit)

    def close(self) -> tuple[QuotaNeed, ...]:
        """Return what was counted, by name and scope."""
        return tuple(
            QuotaNeed(
                name=name,
                scope=scope,
                unit=self.facts[name, scope][0],
                by=tuple(sorted(shares, key=lambda share: (-share.needed, share.resource, share.how))),
                source=self.facts[name, scope][1],
                limit=self.facts[name, scope][2],
            )
            for (name, scope), shares in sorted(self.shares.items())
        )
