"""The lake: one ADLS Gen2 account, a container for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import storage

from lakeplane.components.attachments import attach
from lakeplane.components.diagnostics import DiagnosticTarget, send_storage_logs
from lakeplane.components.encryption_keys import CustomerManagedKey
from lakeplane.components.lake_lifecycle import Ages, lifecycle_rules
from lakeplane.components.managed_identities import ManagedIdentities
from lakeplane.components.placement import Placement, firewall_addresses, known_id
from lakeplane.components.private_endpoints import PrivateEndpointSettings
from lakeplane.components.role_assignments import RoleGrant, assign_role, refuse_stored_data
from lakeplane.components.storage_encryption import account_identity, encryption

__all__ = ["CONTAINERS", "DataLake", "DataLakeArgs"]

CONTAINERS = ("landing", "bronze", "silver", "gold", "checkpoints", "models")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLakeArgs:
    """What a lake needs.

    Attributes:
        placement: Where it goes.
        account_name: Name of the storage account.
        tenant_id: Entra tenant of the access connector.
        access_connector_id: ARM id of Databricks' identity, known before it exists; the only principal that
            gets a right on the data.
        access_connector: The same id, as a value that waits for the connector.
        access_connector_principal_id: Object id of the connector's identity.
        log_workspace_id: ARM id of the log workspace.
        replication: Azure's replication kind, such as `ZRS`; `ZRS` if left out.
        ages: Days after which raw files move to cheaper tiers; cool at 30 and cold at 90 if left out.
        allowed_addresses: Public ranges that may reach the account; with none, its public endpoint is off,
            and private endpoints and the access connector are the only ways in.
        customer_managed_key: The key that it is encrypted with; Microsoft's if left out.
        soft_delete_days: Days for which deleted blobs and containers can be restored; 14 if left out.
        managed_identities: Identities beside the one that reads its key; none if left out.
        lock: Let Azure refuse to delete the account; not if left out.
        diagnostic_settings: Where else its logs are sent; the log workspace alone if left out.
        role_assignments: Rights of others on it, none of which leads to its data; none if left out.
        private_endpoints: Private ways to it that are made with it; none if left out.
    """

    placement: Placement
    account_name: str
    tenant_id: str
    access_connector_id: str
    access_connector: pulumi.Input[str]
    access_connector_principal_id: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]
    replication: str = "ZRS"
    ages: Ages = field(default_factory=Ages)
    allowed_addresses: Sequence[IPv4Network] = ()
    customer_managed_key: CustomerManagedKey | None = None
    soft_delete_days: int = 14
    managed_identities: ManagedIdentities = field(default_factory=ManagedIdentities)
    lock: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()
    role_assignments: Sequence[RoleGrant] = ()
    private_endpoints: Sequence[PrivateEndpointSettings] = ()


class DataLake(pulumi.ComponentResource):
    """ADLS Gen2 account without shared keys or anonymous access, closed but for what the arguments name.

    Attributes:
        account_id: ARM id of the account.
        account_name: Name of the account; waits for it.
        container_names: Names of the containers by layer; each waits for its container.
    """

    def __init__(self, name: str, args: DataLakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:lake:DataLake", name, None, opts)
        refuse_stored_data(name, args.role_assignments)
        child = pulumi.ResourceOptions(parent=self)
        placement = args.placement
        key = args.customer_managed_key
        account = storage.StorageAccount(
            f"{name}-account",
            account_name=args.account_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="StorageV2",
            sku=storage.SkuArgs(name=f"Standard_{args.replication}"),
            is_hns_enabled=True,
            access_tier="Hot",
            enable_https_traffic_only=True,
            minimum_tls_version="TLS1_2",
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            is_local_user_enabled=False,
            is_sftp_enabled=False,
            identity=account_identity(key, args.managed_identities),
            encryption=encryption(key),
            # With ranges the rules below decide; without, nothing enters but by private endpoints and, as a
            # resource rule is no public access, the access connector.
            public_network_access="Enabled" if args.allowed_addresses else "Disabled",
            network_rule_set=_firewall(args),
            opts=pulumi.ResourceOptions.merge(
                child, pulumi.ResourceOptions(depends_on=[key.right] if key else None)
            ),
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
        containers = {
            container: storage.BlobContainer(
                f"{name}-{container}",
                container_name=container,
                account_name=account.name,
                resource_group_name=placement.resource_group_name,
                public_access="None",
                opts=child,
            )
            for container in CONTAINERS
        }
        account_id = placement.arm_id("Microsoft.Storage/storageAccounts", args.account_name)
        self.account_id = known_id(account, account_id)
        storage.ManagementPolicy(
            f"{name}-lifecycle",
            management_policy_name="default",
            account_name=account.name,
            resource_group_name=placement.resource_group_name,
            policy=storage.ManagementPolicySchemaArgs(rules=lifecycle_rules(args.ages)),
            # Both write settings of the same service.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[blob_service, *containers.values()]),
        )
        send_storage_logs(
            name,
            account_id=self.account_id,
            blob_service_id=known_id(blob_service, f"{account_id}/blobServices/default"),
            log_workspace_id=args.log_workspace_id,
            opts=pulumi.ResourceOptions(parent=self),
            also_to=args.diagnostic_settings,
        )
        attach(
            name,
            arm_id=account_id,
            resource_id=self.account_id,
            parent=self,
            placement=placement,
            lock=args.lock,
            role_assignments=args.role_assignments,
            private_endpoints=args.private_endpoints,
        )
        assign_role(
            f"{name}-connector-role",
            role="Storage Blob Data Contributor",
            scope_id=account_id,
            scope=self.account_id,
            principal=args.access_connector_id,
            principal_id=args.access_connector_principal_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.account_name: pulumi.Output[str] = account.name
        self.container_names: dict[str, pulumi.Output[str]] = {
            layer: container.name for layer, container in containers.items()
        }
        self.register_outputs({"account_id": self.account_id, "account_name": self.account_name})


def _firewall(args: DataLakeArgs) -> storage.NetworkRuleSetArgs:
    return storage.NetworkRuleSetArgs(
        default_action="Deny",
        bypass="None",
        ip_rules=[
            storage.IPRuleArgs(i_p_address_or_range=address, action="Allow")
            for address in firewall_addresses(args.allowed_addresses)
        ],
        resource_access_rules=[
            storage.ResourceAccessRuleArgs(resource_id=args.access_connector, tenant_id=args.tenant_id)
        ],
    )
