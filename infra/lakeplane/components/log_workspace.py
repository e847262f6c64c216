"""Where logs of the environment's resources are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import operationalinsights

from lakeplane.components.attachments import attach
from lakeplane.components.diagnostics import DiagnosticTarget, send_logs
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.role_assignments import RoleGrant

__all__ = ["LogWorkspace", "LogWorkspaceArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWorkspaceArgs:
    """What a log workspace needs.

    Attributes:
        placement: Where it goes.
        workspace_name: Its name.
        retention_days: Days for which logs are kept; 90 if left out, as in Azure's own audit log.
        daily_quota_gb: Gigabytes a day after which no more is taken in; no limit if left out.
        lock: Let Azure refuse to delete it; not if left out.
        diagnostic_settings: Where else it says who asked what of it; itself alone if left out.
        role_assignments: Rights of others on it; none if left out.
    """

    placement: Placement
    workspace_name: str
    retention_days: int = 90
    daily_quota_gb: float | None = None
    lock: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()
    role_assignments: Sequence[RoleGrant] = ()


class LogWorkspace(pulumi.ComponentResource):
    """Log Analytics workspace that takes Entra identities only, no shared keys.

    Attributes:
        workspace_id: ARM id of the workspace.
    """

    def __init__(self, name: str, args: LogWorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:watch:LogWorkspace", name, None, opts)
        capping = None
        if args.daily_quota_gb is not None:
            capping = operationalinsights.WorkspaceCappingArgs(daily_quota_gb=args.daily_quota_gb)
        workspace = operationalinsights.Workspace(
            f"{name}-workspace",
            workspace_name=args.workspace_name,
            resource_group_name=args.placement.resource_group_name,
            location=args.placement.location,
            tags=args.placement.tags,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=args.retention_days,
            workspace_capping=capping,
            features=operationalinsights.WorkspaceFeaturesArgs(
                disable_local_auth=True,
                enable_log_access_using_only_resource_permissions=True,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        arm_id = args.placement.arm_id("Microsoft.OperationalInsights/workspaces", args.workspace_name)
        self.workspace_id = known_id(workspace, arm_id)
        # Who asked what of the logs.
        send_logs(
            f"{name}-audit-log",
            resource_id=self.workspace_id,
            log_workspace_id=self.workspace_id,
            opts=pulumi.ResourceOptions(parent=self),
            also_to=args.diagnostic_settings,
        )
        attach(
            name,
            arm_id=arm_id,
            resource_id=self.workspace_id,
            parent=self,
            placement=args.placement,
            lock=args.lock,
            role_assignments=args.role_assignments,
        )
        self.register_outputs({"workspace_id": self.workspace_id})
