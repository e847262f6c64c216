"""The workspace that owns a region's private browser log-in."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, databricks

from lakeplane.components.diagnostics import send_logs
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.private_endpoints import PrivateEndpoint, PrivateEndpointArgs

__all__ = ["WebAuthentication", "WebAuthenticationArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAuthenticationArgs:
    """What the log-in workspace needs.

    Attributes:
        placement: Where it goes.
        workspace_name: Its name.
        managed_resource_group_id: ARM id of the resource group that Databricks makes for itself.
        virtual_network_id: ARM id of the hub's network.
        host_subnet_name: Name of the delegated host subnet.
        container_subnet_name: Name of the delegated container subnet.
        private_endpoint_name: Name of the endpoint that answers log-ins.
        private_endpoint_subnet_id: ARM id of the endpoint's subnet.
        private_dns_zone_id: ARM id of the zone `privatelink.azuredatabricks.net`.
        log_workspace_id: ARM id of the log workspace.
    """

    placement: Placement
    workspace_name: str
    managed_resource_group_id: str
    virtual_network_id: pulumi.Input[str]
    host_subnet_name: pulumi.Input[str]
    container_subnet_name: pulumi.Input[str]
    private_endpoint_name: str
    private_endpoint_subnet_id: pulumi.Input[str]
    private_dns_zone_id: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]


class WebAuthentication(pulumi.ComponentResource):
    """Workspace that nobody works in: it keeps the endpoint `browser_authentication`, and a lock keeps it.

    Databricks allows one such endpoint for a region and a DNS zone, and log-ins to every private workspace of
    the region end when it goes ("Enable private connectivity", Microsoft Learn); so it belongs to no
    environment. Its subnets have no way out and its public front door is shut: no cluster can start in it.

    Attributes:
        workspace_id: ARM id of the workspace.
    """

    def __init__(
        self, name: str, args: WebAuthenticationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:hub:WebAuthentication", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        placement = args.placement
        workspace = databricks.Workspace(
            f"{name}-workspace",
            workspace_name=args.workspace_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            sku=databricks.SkuArgs(name="premium"),
            compute_mode="Hybrid",
            managed_resource_group_id=args.managed_resource_group_id,
            public_network_access="Disabled",
            required_nsg_rules="NoAzureDatabricksRules",
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
            opts=child,
        )
        self.workspace_id = known_id(
            workspace, placement.arm_id("Microsoft.Databricks/workspaces", args.workspace_name)
        )
        PrivateEndpoint(
            f"{name}-browser-authentication",
            PrivateEndpointArgs(
                placement=placement,
                endpoint_name=args.private_endpoint_name,
                target_id=self.workspace_id,
                group="browser_authentication",
                subnet_id=args.private_endpoint_subnet_id,
                private_dns_zone_ids=[args.private_dns_zone_id],
            ),
            child,
        )
        authorization.ManagementLockByScope(
            f"{name}-lock",
            lock_name="web-authentication",
            scope=self.workspace_id,
            level="CanNotDelete",
            notes="Log-ins to every private workspace of the region end when this workspace goes.",
            opts=child,
        )
        send_logs(
            f"{name}-logs",
            resource_id=self.workspace_id,
            log_workspace_id=args.log_workspace_id,
            opts=child,
        )
        self.register_outputs({"workspace_id": self.workspace_id})
