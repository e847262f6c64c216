"""The Databricks workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import databricks

from lakeplane.components.attachments import attach
from lakeplane.components.databricks_encryption import DatabricksKeys, encryption, root_encryption
from lakeplane.components.diagnostics import DiagnosticTarget, send_logs
from lakeplane.components.encryption_keys import ENCRYPTION_ROLE
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.private_endpoints import PrivateEndpointSettings
from lakeplane.components.role_assignments import RoleGrant, assign_role

__all__ = ["DatabricksWorkspace", "DatabricksWorkspaceArgs"]


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
        storage_account_name: Name of the storage account that Databricks makes for itself, unique in Azure.
        access_connector_id: ARM id of the identity with which Databricks reaches that account behind its
            firewall.
        log_workspace_id: ARM id of the log workspace that keeps the audit log.
        allowed_addresses: Public ranges whose users may open the workspace; with none, its public front door
            is off.
        customer_managed_keys: The keys that it encrypts with; Microsoft's if left out.
        lock: Let Azure refuse to delete it; not if left out.
        diagnostic_settings: Where else its logs are sent; the log workspace alone if left out.
        role_assignments: Rights of others on it as an Azure resource; none if left out. Contributor makes its
            holder an administrator of what is inside.
        private_endpoints: Private ways to it that are made with it; none if left out.
    """

    placement: Placement
    workspace_name: str
    managed_resource_group_id: str
    virtual_network_id: pulumi.Input[str]
    host_subnet_name: pulumi.Input[str]
    container_subnet_name: pulumi.Input[str]
    storage_account_name: str
    access_connector_id: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]
    allowed_addresses: Sequence[IPv4Network] = ()
    customer_managed_keys: DatabricksKeys | None = None
    lock: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()
    role_assignments: Sequence[RoleGrant] = ()
    private_endpoints: Sequence[PrivateEndpointSettings] = ()


class DatabricksWorkspace(pulumi.ComponentResource):
    """Premium workspace in the environment's own network; its nodes have no public addresses.

    Attributes:
        workspace_id: ARM id of the workspace.
        workspace_url: Host of the workspace, such as `adb-….azuredatabricks.net`.
        workspace_number: Number of the workspace in its account, another one whenever it is made anew.
    """

    def __init__(
        self, name: str, args: DatabricksWorkspaceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:databricks:DatabricksWorkspace", name, None, opts)
        keys = args.customer_managed_keys
        rights = [self._let_application_read(name, keys)] if keys else None
        workspace = databricks.Workspace(
            f"{name}-workspace",
            workspace_name=args.workspace_name,
            resource_group_name=args.placement.resource_group_name,
            location=args.placement.location,
            tags=args.placement.tags,
            sku=databricks.SkuArgs(name="premium"),
            compute_mode="Hybrid",
            managed_resource_group_id=args.managed_resource_group_id,
            public_network_access="Enabled" if args.allowed_addresses else "Disabled",
            # Clusters reach the control plane by Private Link, whoever may use the front door.
            required_nsg_rules="NoAzureDatabricksRules",
            default_storage_firewall="Enabled",
            access_connector=databricks.WorkspacePropertiesAccessConnectorArgs(
                id=args.access_connector_id, identity_type="SystemAssigned"
            ),
            encryption=encryption(keys) if keys else None,
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
                storage_account_name=databricks.WorkspaceCustomStringParameterArgs(
                    value=args.storage_account_name
                ),
                prepare_encryption=databricks.WorkspaceCustomBooleanParameterArgs(value=True)
                if keys
                else None,
                encryption=root_encryption(keys) if keys else None,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=rights),
        )
        arm_id = args.placement.arm_id("Microsoft.Databricks/workspaces", args.workspace_name)
        self.workspace_id = known_id(workspace, arm_id)
        if keys:
            self._let_workspace_read(name, args, keys, workspace)
        send_logs(
            f"{name}-audit-log",
            resource_id=self.workspace_id,
            log_workspace_id=args.log_workspace_id,
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
            private_endpoints=args.private_endpoints,
        )
        self.workspace_url: pulumi.Output[str] = workspace.workspace_url
        self.workspace_number: pulumi.Output[str] = workspace.workspace_id
        self.register_outputs({"workspace_id": self.workspace_id, "workspace_url": self.workspace_url})

    def _let_application_read(self, name: str, keys: DatabricksKeys) -> pulumi.Resource:
        """The control plane reads the key of notebooks and queries from the first moment."""
        right: pulumi.Resource = assign_role(
            f"{name}-services-key-role",
            role=ENCRYPTION_ROLE,
            scope_id=keys.services.arm_id,
            scope=keys.services.id,
            principal=f"/applications/AzureDatabricks/{keys.application_principal}",
            principal_id=keys.application_principal,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return right

    def _let_workspace_read(
        self,
        name: str,
        args: DatabricksWorkspaceArgs,
        keys: DatabricksKeys,
        workspace: databricks.Workspace,
    ) -> None:
        """The identities of disks and root storage come with the workspace, and read their keys from then."""
        workspace_id = args.placement.arm_id("Microsoft.Databricks/workspaces", args.workspace_name)
        principals = {
            "disks": (keys.disks, workspace.managed_disk_identity),
            "root": (keys.root, workspace.storage_account_identity),
        }
        for use, (key, identity) in principals.items():
            assign_role(
                f"{name}-{use}-key-role",
                role=ENCRYPTION_ROLE,
                scope_id=key.arm_id,
                scope=key.id,
                principal=f"{workspace_id}/{use}",
                principal_id=identity.apply(lambda found: str(found.principal_id)),
                opts=pulumi.ResourceOptions(parent=self),
            )
