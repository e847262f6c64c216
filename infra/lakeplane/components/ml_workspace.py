"""The Azure Machine Learning workspace, a target for serving models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import applicationinsights, machinelearningservices, storage

from lakeplane.components.attachments import attach
from lakeplane.components.diagnostics import DiagnosticTarget, send_logs, send_storage_logs
from lakeplane.components.encryption_keys import CustomerManagedKey
from lakeplane.components.identities import Identity
from lakeplane.components.locks import lock_against_deletion
from lakeplane.components.managed_identities import ManagedIdentities, kind_of_identity, user_assigned
from lakeplane.components.placement import Placement, firewall_addresses, known_id
from lakeplane.components.private_endpoints import PrivateEndpointSettings
from lakeplane.components.role_assignments import RoleGrant, assign_role
from lakeplane.components.storage_encryption import account_identity, encryption

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
        replication: Azure's replication kind of its storage account, such as `ZRS`; `ZRS` if left out.
        allowed_addresses: Public ranges that may reach its storage account. The workspace itself takes no
            ranges: with any, its public endpoint is on and Entra alone keeps strangers out; with none it is
            off.
        allowed_hosts: Hosts on the internet that its managed network may reach; none if left out.
        image_build_compute: Name of the cluster that builds images; needed while the registry answers no
            service of Azure's, and then the cluster may come later. The registry builds if left out.
        customer_managed_key: The key that its storage account is encrypted with; Microsoft's if left out.
        soft_delete_days: Days for which deleted blobs can be restored; 7 if left out.
        lock: Let Azure refuse to delete its storage account; not if left out. The workspace itself takes no
            lock, for its deployments and clusters, which come and go, would inherit it.
        managed_identities: Identities of the workspace beside its own; none if left out.
        diagnostic_settings: Where else its logs are sent, and those of its storage account; the log workspace
            alone if left out.
        role_assignments: Rights of others on the workspace; none if left out.
        private_endpoints: Private ways to the workspace that are made with it; none if left out.
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
    replication: str = "ZRS"
    allowed_addresses: Sequence[IPv4Network] = ()
    allowed_hosts: Sequence[str] = ()
    image_build_compute: str | None = None
    customer_managed_key: CustomerManagedKey | None = None
    soft_delete_days: int = 7
    lock: bool = False
    managed_identities: ManagedIdentities = field(default_factory=ManagedIdentities)
    diagnostic_settings: Sequence[DiagnosticTarget] = ()
    role_assignments: Sequence[RoleGrant] = ()
    private_endpoints: Sequence[PrivateEndpointSettings] = ()


class MlWorkspace(pulumi.ComponentResource):
    """Workspace with a managed network and identities in the place of keys.

    Attributes:
        workspace_id: ARM id of the workspace.
        workspace_name: Name of the workspace; waits for it, and for the hosts that it may reach.
        storage_account_id: ARM id of its own storage account.
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
            identity=_identities(args),
            primary_user_assigned_identity=args.identity.id,
            storage_account=scopes["storage"][1],
            key_vault=args.key_vault,
            container_registry=args.container_registry,
            application_insights=scopes["insights"][1],
            system_datastores_auth_mode="Identity",
            public_network_access="Enabled" if args.allowed_addresses else "Disabled",
            v1_legacy_mode=False,
            image_build_compute=args.image_build_compute,
            # In this mode the service adds private endpoints to workspace, storage, vault and registry by
            # itself (Azure Machine Learning documentation, "Workspace managed virtual network isolation").
            managed_network=machinelearningservices.ManagedNetworkSettingsArgs(
                isolation_mode="AllowOnlyApprovedOutbound"
            ),
            # Otherwise the first cluster makes the network, and may time out over it.
            provision_network_now=True,
            # The service checks on creation that its identity can reach what it is given.
            opts=pulumi.ResourceOptions(parent=self, depends_on=assignments),
        )
        arm_id = placement.arm_id("Microsoft.MachineLearningServices/workspaces", args.workspace_name)
        self.workspace_id = known_id(workspace, arm_id)
        self._send_logs(name, args)
        attach(
            name,
            arm_id=arm_id,
            resource_id=self.workspace_id,
            parent=self,
            placement=placement,
            role_assignments=args.role_assignments,
            private_endpoints=args.private_endpoints,
        )
        self._let_identity_manage(name, args)
        rules = self._allow_hosts(name, args, workspace)
        self.workspace_name: pulumi.Output[str] = pulumi.Output.all(
            workspace.name, *(rule.name for rule in rules)
        ).apply(_first)
        self.storage_account_id = scopes["storage"][1]
        self.storage_account_name: pulumi.Output[str] = account.name
        self.register_outputs(
            {"workspace_id": self.workspace_id, "storage_account_name": self.storage_account_name}
        )

    def _send_logs(self, name: str, args: MlWorkspaceArgs) -> None:
        send_logs(
            f"{name}-log",
            resource_id=self.workspace_id,
            log_workspace_id=args.log_workspace_id,
            opts=pulumi.ResourceOptions(parent=self),
            also_to=args.diagnostic_settings,
        )

    def _let_identity_manage(self, name: str, args: MlWorkspaceArgs) -> None:
        """Let the workspace's identity manage the workspace, its managed network above all."""
        workspace_id = args.placement.arm_id(
            "Microsoft.MachineLearningServices/workspaces", args.workspace_name
        )
        assign_role(
            f"{name}-workspace-contributor-role",
            role="Contributor",
            scope_id=workspace_id,
            scope=self.workspace_id,
            principal=args.identity.arm_id,
            principal_id=args.identity.principal_id,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _allow_hosts(
        self, name: str, args: MlWorkspaceArgs, workspace: machinelearningservices.Workspace
    ) -> list[machinelearningservices.ManagedNetworkSettingsRule]:
        """Let the managed network reach hosts; it takes one change at a time."""
        rules: list[machinelearningservices.ManagedNetworkSettingsRule] = []
        for host in args.allowed_hosts:
            rule_name = host.replace("*", "any").replace(".", "-")
            rules.append(
                machinelearningservices.ManagedNetworkSettingsRule(
                    f"{name}-{rule_name}-rule",
                    rule_name=rule_name,
                    workspace_name=workspace.name,
                    resource_group_name=args.placement.resource_group_name,
                    properties=machinelearningservices.FqdnOutboundRuleArgs(
                        type="FQDN", category="UserDefined", destination=host
                    ),
                    opts=pulumi.ResourceOptions(parent=self, depends_on=rules[-1:]),
                )
            )
        return rules

    def _add_storage_account(self, name: str, args: MlWorkspaceArgs) -> storage.StorageAccount:
        placement = args.placement
        account = storage.StorageAccount(
            f"{name}-account",
            account_name=args.storage_account_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="StorageV2",
            sku=storage.SkuArgs(name=f"Standard_{args.replication}"),
            is_hns_enabled=False,
            enable_https_traffic_only=True,
            minimum_tls_version="TLS1_2",
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            is_local_user_enabled=False,
            identity=account_identity(args.customer_managed_key),
            encryption=encryption(args.customer_managed_key),
            # Trusted services and private endpoints get in either way.
            public_network_access="Enabled" if args.allowed_addresses else "Disabled",
            network_rule_set=storage.NetworkRuleSetArgs(
                default_action="Deny",
                # The service itself reaches the account as a trusted service, with the workspace's identity.
                bypass="AzureServices",
                ip_rules=[
                    storage.IPRuleArgs(i_p_address_or_range=address, action="Allow")
                    for address in firewall_addresses(args.allowed_addresses)
                ],
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.customer_managed_key.right] if args.customer_managed_key else None,
            ),
        )
        account_id = placement.arm_id("Microsoft.Storage/storageAccounts", args.storage_account_name)
        if args.lock:
            lock_against_deletion(
                f"{name}-storage-lock",
                resource_id=known_id(account, account_id),
                opts=pulumi.ResourceOptions(parent=self),
            )
        blob_service = storage.BlobServiceProperties(
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
        send_storage_logs(
            name,
            account_id=known_id(account, account_id),
            blob_service_id=known_id(blob_service, f"{account_id}/blobServices/default"),
            log_workspace_id=args.log_workspace_id,
            opts=pulumi.ResourceOptions(parent=self),
            also_to=args.diagnostic_settings,
        )
        return account


# Azure Machine Learning documentation, "Set up authentication between Azure Machine Learning and other
# services" (2025-06-10), table of a workspace with a user-assigned identity; its row of the workspace itself
# is above. For an account without keys, "Disable shared key access for your workspace's storage account"
# (2024-08-08): the two data roles. The managed network's private endpoints need to be approved as well, which
# Contributor includes (there, "Azure AI Enterprise Network Connection Approver").
_RIGHTS = (
    ("storage", "Contributor"),
    ("storage", "Storage Blob Data Contributor"),
    ("storage", "Storage File Data Privileged Contributor"),
    ("vault", "Contributor"),
    ("vault", "Key Vault Administrator"),
    ("registry", "Contributor"),
    ("insights", "Contributor"),
)


def _identities(args: MlWorkspaceArgs) -> machinelearningservices.ManagedServiceIdentityArgs:
    users = user_assigned(args.managed_identities, args.identity)
    return machinelearningservices.ManagedServiceIdentityArgs(
        type=kind_of_identity(args.managed_identities, users) or "UserAssigned",
        user_assigned_identities=[one.id for one in users],
    )


def _first(values: Sequence[str]) -> str:
    return values[0]
