"""What every part of a hub is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import pulumi
import pulumi_azure_native as azure_native
import pulumi_databricks as databricks

from lakeplane.components.log_workspace import LogWorkspace
from lakeplane.components.placement import Placement
from lakeplane.hub_planning import HubPlan
from lakeplane.spec.regions import has_zones

__all__ = ["HubBase"]


class _Declares(Protocol):
    databricks_provider: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubBase:
    """Plan, place and providers of one hub.

    Attributes:
        plan: The hub.
        placement: Where its resources go.
        opts: Options of every component of Azure's.
        databricks: Databricks' providers by name; `account` is absent without account rights.
        logs: Where all diagnostics go.
    """

    plan: HubPlan
    placement: Placement
    azure: azure_native.Provider
    opts: pulumi.ResourceOptions
    databricks: Mapping[str, databricks.Provider]
    logs: LogWorkspace

    @property
    def zones(self) -> tuple[str, ...]:
        """Availability zones of the region; none where it has none."""
        return ("1", "2", "3") if has_zones(self.plan.spec.region) else ()

    def opts_of(self, component: type[_Declares]) -> pulumi.ResourceOptions:
        """Return the options of a component of Databricks', with the provider that it declares."""
        return pulumi.ResourceOptions(providers=[self.databricks[component.databricks_provider]])
