"""What rules are told of the environment: tier, access mode, exceptions and the day."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

__all__ = ["AccessMode", "RuleException", "Settings", "Tier"]

Tier = Literal["dev", "test", "prod"]
AccessMode = Literal["allow_list", "private"]


@dataclass(frozen=True, slots=True)
class RuleException:
    """A rule that needs not hold for some resources, for a reason and for a time.

    Attributes:
        rule: Code of the rule.
        resource: Name of the resource in the program, its URN, or a pattern of either with `*` and `?`.
        reason: Why.
        owner: Who answers for it.
        until: Last day on which it holds.
    """

    rule: str
    resource: str
    reason: str
    owner: str
    until: date

    def covers(self, code: str, urn: str) -> bool:
        """Tell whether it is about a rule and a resource, whatever the day."""
        return self.rule == code and any(
            fnmatch.fnmatchcase(name, self.resource) for name in (urn, urn.rpartition("::")[2])
        )

    def to_dict(self) -> dict[str, str]:
        """Return it as plain data for JSON."""
        return {
            "rule": self.rule,
            "resource": self.resource,
            "reason": self.reason,
            "owner": self.owner,
            "until": self.until.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides how rules judge.

    Attributes:
        tier: How much a broken rule weighs; `prod` if nobody says.
        access_mode: How the front doors are meant to be. While nobody says, each door is judged by how it is:
            shut as `private` wants it, or open as `allow_list` wants it.
        exceptions: Where rules need not hold.
        today: The day of judgement, which ends exceptions and the support of runtimes; what has an end is
            judged as if it never came if left out.
    """

    tier: Tier = "prod"
    access_mode: AccessMode | None = None
    exceptions: tuple[RuleException, ...] = ()
    today: date = date.min

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain data for JSON, without the day, which whoever judges knows."""
        return {
            "tier": self.tier,
            **({"access_mode": self.access_mode} if self.access_mode else {}),
            "exceptions": [one.to_dict() for one in self.exceptions],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], today: date) -> Settings:
        """Read settings as `to_dict` writes them.

        Args:
            data: The settings; what is left out has its default.
            today: The day of judgement.

        Raises:
            ValueError: A value is none that settings may have.
        """
        tier, mode = data.get("tier", "prod"), data.get("access_mode")
        if tier not in get_args(Tier):
            raise ValueError(f"tier is {tier!r}; allowed: {', '.join(get_args(Tier))}")
        if mode is not None and mode not in get_args(AccessMode):
            raise ValueError(f"access_mode is {mode!r}; allowed: {', '.join(get_args(AccessMode))}")
        return cls(tier, mode, _exceptions(data.get("exceptions", ())), today)


def _exceptions(given: Sequence[Mapping[str, Any]]) -> tuple[RuleException, ...]:
    return tuple(
        RuleException(
            rule=str(one["rule"]),
            resource=str(one["resource"]),
            reason=str(one["reason"]),
            owner=str(one["owner"]),
            until=date.fromisoformat(str(one["until"])),
        )
        for one in given
    )
