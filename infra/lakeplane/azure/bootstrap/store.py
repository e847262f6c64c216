"""Where the stacks keep their state, and the key of its secrets: closed accounts that know Entra only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.addressing import firewall_addresses
from lakeplane.azure.bootstrap.names import BootstrapNames
from lakeplane.azure.bootstrap.steps import Step, az_command, fixed
from lakeplane.azure.bootstrap.subject import PrivateLanding, Subject

__all__ = ["StoreIds", "store_steps"]

_GROUPS_API = "2021-04-01"
_STORAGE_API = "2023-05-01"
_VAULTS_API = "2023-07-01"
_NETWORK_API = "2024-05-01"
_SOFT_DELETE_DAYS = 30
_VAULT_SOFT_DELETE_DAYS = 90
# Pulumi wraps each stack's data key with it, by RSA-OAEP-256 (gocloud.dev, secrets/azurekeyvault).
_KEY_OPERATIONS = ["decrypt", "encrypt"]


@dataclass(frozen=True, slots=True)
class StoreIds:
    """ARM ids of the store.

    Attributes:
        group: Resource group.
        account: Storage account.
        container: Blob container of the state.
        vault: Key vault.
        key: Key of the stacks' secrets.
    """

    group: str
    account: str
    container: str
    vault: str
    key: str

    @classmethod
    def of(cls, subscription_id: str, names: BootstrapNames) -> StoreIds:
        """Work the ids out from names."""
        group = f"/subscriptions/{subscription_id}/resourceGroups/{names.resource_group}"
        account = f"{group}/providers/Microsoft.Storage/storageAccounts/{names.state_account}"
        vault = f"{group}/providers/Microsoft.KeyVault/vaults/{names.key_vault}"
        return cls(
            group=group,
            account=account,
            container=f"{account}/blobServices/default/containers/{names.container}",
            vault=vault,
            key=f"{vault}/keys/{names.key}",
        )


def store_steps(subject: Subject, names: BootstrapNames, ids: StoreIds) -> Iterator[Step]:
    """List the steps of group, account, container, vault and key, and of their private endpoints."""
    region, tags = subject.named.region, dict(subject.tags)
    yield Step(
        key="group",
        title=f"resource group {names.resource_group}",
        path=ids.group,
        api_version=_GROUPS_API,
        body=fixed({"location": region, "tags": tags}),
        pulumi_type="azure-native:resources:ResourceGroup",
        why="holds what outlives the environment",
        command=lambda _: az_command(
            "group",
            "create",
            name=names.resource_group,
            location=region,
            subscription=subject.named.subscription,
        ),
    )
    yield Step(
        key="account",
        title=f"storage account {names.state_account}",
        path=ids.account,
        api_version=_STORAGE_API,
        body=fixed(_account(subject)),
        after=("group", "provider Microsoft.Storage"),
        pulumi_type="azure-native:storage:StorageAccount",
        why="state of the stacks; Entra only, no shared keys, closed but for the ranges named",
    )
    yield Step(
        key="blobs",
        title="versions and soft delete of blobs",
        path=f"{ids.account}/blobServices/default",
        api_version=_STORAGE_API,
        body=fixed(_blobs()),
        after=("account",),
        pulumi_type="azure-native:storage:BlobServiceProperties",
        why="a state that was overwritten or deleted comes back",
    )
    yield Step(
        key="container",
        title=f"container {names.container}",
        path=ids.container,
        api_version=_STORAGE_API,
        body=fixed({"properties": {"publicAccess": "None"}}),
        after=("blobs",),
        pulumi_type="azure-native:storage:BlobContainer",
        why="the backend's root",
    )
    yield Step(
        key="vault",
        title=f"key vault {names.key_vault}",
        path=ids.vault,
        api_version=_VAULTS_API,
        body=fixed(_vault(subject)),
        after=("group", "provider Microsoft.KeyVault"),
        pulumi_type="azure-native:keyvault:Vault",
        why="roles only, no purge, closed but for the ranges named",
    )
    yield Step(
        key="key",
        title=f"key {names.key}",
        path=ids.key,
        api_version=_VAULTS_API,
        body=fixed({"properties": {"kty": "RSA", "keySize": 3072, "keyOps": _KEY_OPERATIONS}}),
        after=("vault",),
        pulumi_type="azure-native:keyvault:Key",
        why="encrypts the secrets in the state",
        # Written again, Azure would leave it as it is; a key of other properties is still the one in use.
        create_only=True,
    )
    if subject.landing is not None:
        yield from _endpoints(subject, subject.landing, ids)


def _acls(subject: Subject) -> dict[str, Any]:
    rules = [{"value": address} for address in firewall_addresses(subject.addresses)]
    return {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": rules}


def _account(subject: Subject) -> Mapping[str, Any]:
    return {
        "location": subject.named.region,
        "tags": dict(subject.tags),
        "kind": "StorageV2",
        "sku": {"name": "Standard_ZRS" if subject.zone_redundant else "Standard_GRS"},
        "properties": {
            "accessTier": "Hot",
            "allowBlobPublicAccess": False,
            "allowCrossTenantReplication": False,
            "allowSharedKeyAccess": False,
            "defaultToOAuthAuthentication": True,
            "minimumTlsVersion": "TLS1_2",
            "networkAcls": _acls(subject),
            "publicNetworkAccess": "Enabled" if subject.addresses else "Disabled",
            "supportsHttpsTrafficOnly": True,
            "encryption": {
                "keySource": "Microsoft.Storage",
                "requireInfrastructureEncryption": True,
                "services": {"blob": {"enabled": True, "keyType": "Account"}},
            },
        },
    }


def _blobs() -> Mapping[str, Any]:
    retention = {"enabled": True, "days": _SOFT_DELETE_DAYS}
    return {
        "properties": {
            "isVersioningEnabled": True,
            "deleteRetentionPolicy": {**retention, "allowPermanentDelete": False},
            "containerDeleteRetentionPolicy": retention,
        }
    }


def _vault(subject: Subject) -> Mapping[str, Any]:
    return {
        "location": subject.named.region,
        "tags": dict(subject.tags),
        "properties": {
            "tenantId": subject.tenant_id,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "enablePurgeProtection": True,
            "softDeleteRetentionInDays": _VAULT_SOFT_DELETE_DAYS,
            "publicNetworkAccess": "Enabled" if subject.addresses else "Disabled",
            "networkAcls": _acls(subject),
        },
    }


def _endpoints(subject: Subject, landing: PrivateLanding, ids: StoreIds) -> Iterator[Step]:
    """List the private endpoints by which a runner inside reaches state and key."""
    zones = {
        "blob": (ids.account, "account", "privatelink.blob.core.windows.net"),
        "vault": (ids.vault, "vault", "privatelink.vaultcore.azure.net"),
    }
    for group, (target, after, zone) in zones.items():
        name = f"pep-{target.rpartition('/')[2]}-{group}"
        path = f"{ids.group}/providers/Microsoft.Network/privateEndpoints/{name}"
        connection = {
            "name": group,
            "properties": {"privateLinkServiceId": target, "groupIds": [group]},
        }
        endpoint = {
            "location": subject.named.region,
            "tags": dict(subject.tags),
            "properties": {
                "subnet": {"id": landing.subnet_id},
                "privateLinkServiceConnections": [connection],
            },
        }
        zone_id = f"{landing.zones_group_id}/providers/Microsoft.Network/privateDnsZones/{zone}"
        config = {"name": group, "properties": {"privateDnsZoneId": zone_id}}
        yield Step(
            key=f"endpoint {group}",
            title=f"private endpoint {name}",
            path=path,
            api_version=_NETWORK_API,
            body=fixed(endpoint),
            after=(after, "provider Microsoft.Network"),
            awaits=landing.subnet_id,
            awaits_api=_NETWORK_API,
            pulumi_type="azure-native:network:PrivateEndpoint",
            why="a runner inside the network reaches the state",
        )
        yield Step(
            key=f"zone {group}",
            title=f"{zone} of {name}",
            path=f"{path}/privateDnsZoneGroups/default",
            api_version=_NETWORK_API,
            body=fixed({"properties": {"privateDnsZoneConfigs": [config]}}),
            after=(f"endpoint {group}",),
            awaits=zone_id,
            awaits_api="2020-06-01",
            pulumi_type="azure-native:network:PrivateDnsZoneGroup",
            why="its name resolves to the private address",
        )
