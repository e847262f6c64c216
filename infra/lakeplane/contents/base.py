"""What every part of the contents is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from lakeplane.components.group_permissions import WorkspaceGroup
from lakeplane.outputs import FoundationOutputs
from lakeplane.planning import EnvironmentPlan

__all__ = ["Base"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Plan, layer below, and ways into the workspace of one environment's contents.

    Attributes:
        plan: The environment.
        foundation: What the layer below has made.
        workspace_host: Address of the workspace, with its scheme.
        in_catalog: Options of what lives in the metastore, and outlives a workspace.
        in_workspace: Options of what lives in the workspace, and is made anew with it.
        groups: Groups of the account that take part, by name.
        service_principals: Application ids by purpose; each waits until the workspace has the principal.
        run_as: Application id that jobs run as; None where the deployer may not let them.
    """

    plan: EnvironmentPlan
    foundation: FoundationOutputs
    workspace_host: pulumi.Output[str]
    in_catalog: pulumi.ResourceOptions
    in_workspace: pulumi.ResourceOptions
    groups: Mapping[str, WorkspaceGroup]
    service_principals: Mapping[str, pulumi.Output[str]]
    run_as: pulumi.Output[str] | None

    @property
    def protect(self) -> bool:
        """Whether the engine refuses to delete what holds data."""
        return self.plan.spec.tier == "prod"

    @property
    def engineers(self) -> WorkspaceGroup:
        """Who owns schemas, jobs and policies."""
        return self.groups[self.plan.spec.groups.engineers]

    @property
    def scientists(self) -> WorkspaceGroup:
        """Who trains and registers models."""
        return self.groups[self.plan.spec.groups.scientists]

    @property
    def readers(self) -> WorkspaceGroup:
        """Who reads gold."""
        return self.groups[self.plan.spec.groups.readers]
