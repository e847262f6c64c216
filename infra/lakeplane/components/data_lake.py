"""The lake: one ADLS Gen2 account, a container for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import storage

from lakeplane.components.placement import Placement, firewall_addresses, known_id
from lakeplane.components.role_assignments import assign_role

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
        replication: Azure's replication kind, such as `ZRS`; `ZRS` if left out.
        subnet_ids: Subnets that may reach the account; none if left out.
        allowed_addresses: Public ranges that may reach the account; none if left out.
        soft_delete_days: Days for which deleted blobs and containers can be restored; 14 if left out.
        protect: Let the engine refuse to delete the account and its containers; not if left out.
    """

    placement: Placement
    account_name: str
    tenant_id: str
    access_connector_id: str
    access_connector: pulumi.Input[str]
    access_connector_principal_id: pulumi.Input[str]
    replication: str = "ZRS"
    subnet_ids: Sequence[pulumi.Input[str]] = ()
    allowed_addresses: Sequence[IPv4Network] = ()
    soft_delete_days: int = 14
    protect: bool = False


class DataLake(pulumi.ComponentResource):
    """ADLS Gen2 account without shared keys or anonymous access, closed but for what the arguments name.

    Attributes:
        account_id: ARM id of the account.
        account_name: Name of the account; waits for it.
        container_names: Names of the containers by layer; each waits for its container.
    """

    def __init__(self, name: str, args: DataLakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:lake:DataLake", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        placement = args.placement
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
            encryption=_encryption(),
            # "Enabled" lets the rules below decide; rules for a resource don't work with "Disabled".
            public_network_access="Enabled",
            network_rule_set=_firewall(args),
            opts=child,
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
        virtual_network_rules=[
            storage.VirtualNetworkRuleArgs(virtual_network_resource_id=subnet, action="Allow")
            for subnet in args.subnet_ids
        ],
    )


def _encryption() -> storage.EncryptionArgs:
    return storage.EncryptionArgs(
        key_source="Microsoft.Storage",
        require_infrastructure_encryption=True,
        services=storage.EncryptionServicesArgs(
            blob=storage.EncryptionServiceArgs(enabled=True, key_type="Account"),
            file=storage.EncryptionServiceArgs(enabled=True, key_type="Account"),
        ),
    )
