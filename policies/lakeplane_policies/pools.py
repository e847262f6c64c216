"""Node pools of AKS, which are resources of their own or parts of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, every
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import Condition, Violation
from lakeplane_policies.settings import Settings

__all__ = ["every_pool"]


def every_pool(condition: Condition) -> Condition:
    """Demand something of a pool that is a resource, or of each pool inside a cluster.

    A cluster without pools of its own is refused, for AKS makes none without at least one.
    """
    inside = every("agentPoolProfiles", condition, absent=NOT_SET)

    def judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
        own = any(read(inputs, name) is not State.ABSENT for name in ("agentPoolName", "mode", "vmSize"))
        yield from (condition if own else inside)(inputs, settings)

    return judge
