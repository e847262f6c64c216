"""The Databricks workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import databricks, monitor

from lakeplane.components.placement import Placement, known_id

__all__ = ["DatabricksWorkspace", "DatabricksWorkspaceArgs"]

# Microsoft Learn, "Diagnostic log reference" of Azure Databricks: what an audit asks for first.
_AUDIT_CATEGORIES = (
    "accounts",
    "clusterPolicies",
    "clusters",
    "instancePools",
    "jobs",
    "notebook",
    "secrets",
    "sqlPermissions",
    "unityCatalog",
    "workspace",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabricksWorkspaceArgs:
    """What a workspace needs.

    Attributes:
        placement: Where it goes.
        workspace_name: Its name.
        managed_resource_group_id: ARM id of the resource group that Databricks makes for itself.
        virtual_network_id: ARM id of the virtual network that clusters run in.
        host_subnet_name: Name of the delegated host ("public") subnet.
        container_subnet_name: Name of the delegated container ("private") subnet.
        log_workspace_id: ARM id of the log workspace that keeps the audit log.
        allowed_addresses: Public ranges whose users may open the workspace; with none, its public front door
            is off.
        protect: Let the engine refuse to delete it; not if left out.
    """

    placement: Placement
    workspace_name: str
    managed_resource_group_id: str
    virtual_network_id: pulumi.Input[str]
    host_subnet_name: pulumi.Input[str]
    container_subnet_name: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]
    allowed_addresses: Sequence[IPv4Network] = ()
    protect: bool = False


class DatabricksWorkspace(pulumi.ComponentResource):
    """Premium workspace in the environment's own network; its nodes have no public addresses.

    Attributes:
        workspace_id: ARM id of the workspace.
        workspace_url: Host of the workspace, such as `adb-….azuredatabricks.net`.
    """

    def __init__(
        self, name: str, args: DatabricksWorkspaceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:databricks:DatabricksWorkspace", name, None, opts)
        public = bool(args.allowed_addresses)
        workspace = databricks.Workspace(
            f"{name}-workspace",
            workspace_name=args.workspace_name,
            resource_group_name=args.placement.resource_group_name,
            location=args.placement.location,
            tags=args.placement.tags,
            sku=databricks.SkuArgs(name="premium"),
            compute_mode="Hybrid",
            managed_resource_group_id=args.managed_resource_group_id,
            public_network_access="Enabled" if public else "Disabled",
            # Without back-end Private Link the workspace writes the rules that its control plane needs.
            required_nsg_rules="AllRules" if public else "NoAzureDatabricksRules",
            default_catalog=databricks.DefaultCatalogPropertiesArgs(initial_type="UnityCatalog"),
            parameters=databricks.WorkspaceCustomParametersArgs(
                custom_virtual_network_id=databricks.WorkspaceCustomStringParameterArgs(
                    value=args.virtual_network_id
                ),
                custom_public_subnet_name=databricks.WorkspaceCustomStringParameterArgs(
                    value=args.host_subnet_name
                ),
                custom_private_subnet_name=databricks.WorkspaceCustomStringParameterArgs(
                    value=args.container_subnet_name
                ),
                enable_no_public_ip=databricks.WorkspaceNoPublicIPBooleanParameterArgs(value=True),
                require_infrastructure_encryption=databricks.WorkspaceCustomBooleanParameterArgs(value=True),
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.workspace_id = known_id(
            workspace, args.placement.arm_id("Microsoft.Databricks/workspaces", args.workspace_name)
        )
        monitor.DiagnosticSetting(
            f"{name}-audit-log",
            name="audit",
            resource_uri=self.workspace_id,
            workspace_id=args.log_workspace_id,
            logs=[
                monitor.DiagnosticsLogSettingsArgs(category=each, enabled=True) for each in _AUDIT_CATEGORIES
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.workspace_url: pulumi.Output[str] = workspace.workspace_url
        self.register_outputs({"workspace_id": self.workspace_id, "workspace_url": self.workspace_url})
