"""What every part of the foundation is given."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure_native

from lakeplane.components.log_workspace import LogWorkspace
from lakeplane.components.placement import Placement
from lakeplane.planning import EnvironmentPlan
from lakeplane.spec.regions import has_zones

__all__ = ["Base"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Plan, place and provider of one environment's foundation.

    Attributes:
        plan: The environment.
        placement: Where its resources go.
        azure: The provider; `opts` names it.
        opts: Options of every component.
        logs: Where all diagnostics go.
    """

    plan: EnvironmentPlan
    placement: Placement
    azure: azure_native.Provider
    opts: pulumi.ResourceOptions
    logs: LogWorkspace

    @property
    def protect(self) -> bool:
        """Whether engine and Azure refuse to delete what holds data."""
        return self.plan.spec.tier == "prod"

    @property
    def zones(self) -> tuple[str, ...]:
        """Availability zones of the region; none where it has none."""
        return ("1", "2", "3") if has_zones(self.plan.spec.region) else ()
