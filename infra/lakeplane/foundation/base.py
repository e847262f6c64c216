"""What every part of the foundation is given."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure_native

from lakeplane.components.diagnostics import DiagnosticTarget
from lakeplane.components.log_workspace import LogWorkspace
from lakeplane.components.placement import Placement
from lakeplane.components.role_assignments import RoleGrant
from lakeplane.planning import EnvironmentPlan
from lakeplane.spec.regions import has_zones
from lakeplane.spec.sections import Service

__all__ = ["Base", "more_targets"]


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
    def diagnostic_settings(self) -> tuple[DiagnosticTarget, ...]:
        """Where every service's logs go beside the environment's own log workspace."""
        return more_targets(self.plan)

    def rights_on(self, service: Service) -> tuple[RoleGrant, ...]:
        """Return the rights of others on a service."""
        return tuple(
            RoleGrant(role=one.role, principal_id=one.principal_id, principal_type=one.principal_type)
            for one in self.plan.spec.role_assignments
            if one.service == service
        )

    @property
    def zones(self) -> tuple[str, ...]:
        """Availability zones of the region; none where it has none."""
        return ("1", "2", "3") if has_zones(self.plan.spec.region) else ()


def more_targets(plan: EnvironmentPlan) -> tuple[DiagnosticTarget, ...]:
    """Return where logs go beside the environment's own log workspace."""
    return tuple(
        DiagnosticTarget(name=one.name, log_workspace_id=one.log_workspace)
        for one in plan.spec.diagnostic_settings
    )
