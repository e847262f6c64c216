"""The Azure Machine Learning workspace, a target for serving models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import applicationinsights, machinelearningservices, storage

from lakeplane.components.identities import Identity
from lakeplane.components.placement import Placement, firewall_addresses, known_id
from lakeplane.components.role_assignments import assign_role

__all__ = ["MlWorkspace", "MlWorkspaceArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MlWorkspaceArgs:
    """What a workspace needs.

    Attributes:
        placement: Where it goes.
        workspace_name: Its name.
        storage_account_name: Name of its own storage account; the lake can't serve, for the service refuses
            accounts with a hierarchical namespace.
        application_insights_name: Name of the telemetry store of its endpoints.
        identity: The workspace's identity.
        key_vault_id: ARM id of the vault that keeps its secrets.
        key_vault: The same id, as a value that waits for the vault.
        container_registry_id: ARM id of the registry that keeps its images.
        container_registry: The same id, as a value that waits for the registry.
        log_workspace_id: ARM id of the log workspace under Application Insights.
        allowed_addresses: Public ranges that may open the workspace; with none, its public endpoint is off.
        soft_delete_days: Days for which deleted blobs can be restored; 7 if left out.
        protect: Let the engine refuse to delete workspace and account; not if left out.
    """

    placement: Placement
    workspace_name: str
    storage_account_name: str
    application_insights_name: str
    identity: Identity
    key_vault_id: str
    key_vault: pulumi.Input[str]
    container_registry_id: str
    container_registry: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]
    allowed_addresses: Sequence[IPv4Network] = ()
    soft_delete_days: int = 7
    protect: bool = False


class MlWorkspace(pulumi.ComponentResource):
    """Workspace with a managed network and identities in the place of keys.

    Attributes:
        workspace_id: ARM id of the workspace.
        storage_account_name: Name of its own storage account; waits for it.
    """

    def __init__(self, name: str, args: MlWorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:ml:MlWorkspace", name, None, opts)
        placement = args.placement
        account = self._add_storage_account(name, args)
        account_id = placement.arm_id("Microsoft.Storage/storageAccounts", args.storage_account_name)
        insights = applicationinsights.Component(
            f"{name}-insights",
            resource_name_=args.application_insights_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="web",
            application_type="web",
            ingestion_mode="LogAnalytics",
            workspace_resource_id=args.log_workspace_id,
            disable_local_auth=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        insights_id = placement.arm_id("Microsoft.Insights/components", args.application_insights_name)
        scopes = {
            "storage": (account_id, known_id(account, account_id)),
            "vault": (args.key_vault_id, args.key_vault),
            "registry": (args.container_registry_id, args.container_registry),
            "insights": (insights_id, known_id(insights, insights_id)),
        }
        assignments = [
            assign_role(
                f"{name}-{key}-{role.lower().replace(' ', '-')}-role",
                role=role,
                scope_id=scopes[key][0],
                scope=scopes[key][1],
                principal=args.identity.arm_id,
                principal_id=args.identity.principal_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for key, role in _RIGHTS
        ]
        workspace = machinelearningservices.Workspace(
            f"{name}-workspace",
            workspace_name=args.workspace_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="Default",
            sku=machinelearningservices.SkuArgs(name="Basic", tier="Basic"),
            identity=machinelearningservices.ManagedServiceIdentityArgs(
                type="UserAssigned", user_assigned_identities=[args.identity.id]
            ),
            primary_user_assigned_identity=args.identity.id,
            storage_account=scopes["storage"][1],
            key_vault=args.key_vault,
            container_registry=args.container_registry,
            application_insights=scopes["insights"][1],
            system_datastores_auth_mode="Identity",
            public_network_access="Enabled" if args.allowed_addresses else "Disabled",
            v1_legacy_mode=False,
            managed_network=machinelearningservices.ManagedNetworkSettingsArgs(
                isolation_mode="AllowOnlyApprovedOutbound"
            ),
            # The service checks on creation that its identity can reach what it is given.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=assignments),
        )
        self.workspace_id = known_id(
            workspace,
            placement.arm_id("Microsoft.MachineLearningServices/workspaces", args.workspace_name),
        )
        self.storage_account_name: pulumi.Output[str] = account.name
        self.register_outputs(
            {"workspace_id": self.workspace_id, "storage_account_name": self.storage_account_name}
        )

    def _add_storage_account(self, name: str, args: MlWorkspaceArgs) -> storage.StorageAccount:
        placement = args.placement
        account = storage.StorageAccount(
            f"{name}-account",
            account_name=args.storage_account_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="StorageV2",
            sku=storage.SkuArgs(name="Standard_LRS"),
            is_hns_enabled=False,
            enable_https_traffic_only=True,
            minimum_tls_version="TLS1_2",
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            is_local_user_enabled=False,
            public_network_access="Enabled",
            network_rule_set=storage.NetworkRuleSetArgs(
                default_action="Deny",
                # The service itself reaches the account as a trusted service, with the workspace's identity.
                bypass="AzureServices",
                ip_rules=[
                    storage.IPRuleArgs(i_p_address_or_range=address, action="Allow")
                    for address in firewall_addresses(args.allowed_addresses)
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        storage.BlobServiceProperties(
            f"{name}-blob-service",
            account_name=account.name,
            blob_services_name="default",
            resource_group_name=placement.resource_group_name,
            delete_retention_policy=storage.DeleteRetentionPolicyArgs(
                enabled=True, days=args.soft_delete_days
            ),
            container_delete_retention_policy=storage.DeleteRetentionPolicyArgs(
                enabled=True, days=args.soft_delete_days
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return account


# Microsoft Learn, "Set up authentication between Azure Machine Learning and other services", user-assigned
# identity: what the workspace's identity must be allowed on each resource that it is given.
_RIGHTS = (
    ("storage", "Contributor"),
    ("storage", "Storage Blob Data Contributor"),
    ("storage", "Storage File Data Privileged Contributor"),
    ("vault", "Contributor"),
    ("vault", "Key Vault Administrator"),
    ("registry", "Contributor"),
    ("insights", "Contributor"),
)
