"""What the simulated Azure refuses of private endpoints, their names, and keys of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ACCOUNT, GROUP, SUBSCRIPTION, VAULT

if TYPE_CHECKING:
    from .conftest import Cloud

RG = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test"
NETWORK, ENDPOINT = "azure-native:network", "azure-native:network:PrivateEndpoint"
ACCOUNT_ID = f"{RG}/providers/Microsoft.Storage/storageAccounts/sttest"
ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"


def endpoint(group: str, subnet: str = "s") -> dict[str, Any]:
    return {
        "resourceGroupName": "rg-test",
        "privateEndpointName": "pep-test",
        "subnet": {"id": f"{RG}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/{subnet}"},
        "privateLinkServiceConnections": [
            {"name": "x", "privateLinkServiceId": ACCOUNT_ID, "groupIds": [group]}
        ],
    }


@pytest.fixture
def network(cloud: Cloud) -> Cloud:
    cloud.create("azure-native:resources:ResourceGroup", "group", GROUP)
    where = {"resourceGroupName": "rg-test", "virtualNetworkName": "vnet"}
    cloud.create(f"{NETWORK}:VirtualNetwork", "vnet", {**where, "location": "westeurope"})
    cloud.create(f"{NETWORK}:Subnet", "s", {**where, "subnetName": "s", "addressPrefix": "10.0.0.0/24"})
    delegated = {"name": "d", "serviceName": "Microsoft.Databricks/workspaces"}
    taken = {**where, "subnetName": "d", "addressPrefix": "10.0.1.0/24", "delegations": [delegated]}
    cloud.create(f"{NETWORK}:Subnet", "d", taken)
    cloud.create("azure-native:storage:StorageAccount", "lake", ACCOUNT)
    return cloud


@pytest.mark.parametrize("group", ["vault", "databricks_ui_api", "Blob"])
def test_endpoint_rejects_a_group_that_its_target_lacks(cloud: Cloud, group: str) -> None:
    assert cloud.check(ENDPOINT, "e", endpoint("dfs"))[1] == {}
    (path,) = cloud.check(ENDPOINT, "e", endpoint(group))[1]
    assert path == "privateLinkServiceConnections[0].groupIds"


def test_endpoint_rejects_a_delegated_subnet(network: Cloud, refused: Callable[..., str]) -> None:
    refused(lambda: network.create(ENDPOINT, "e", endpoint("blob", "d")), "delegated")
    assert network.create(ENDPOINT, "e", endpoint("blob"))[0]


def test_names_are_registered_in_the_groups_own_zone(network: Cloud, refused: Callable[..., str]) -> None:
    network.create(ENDPOINT, "e", endpoint("blob"))
    zones = {}
    for kind in ("blob", "dfs"):
        zone = {"resourceGroupName": "rg-test", "privateZoneName": f"privatelink.{kind}.core.windows.net"}
        zones[kind] = network.create("azure-native:privatedns:PrivateZone", kind, zone)[0]

    def register(kind: str) -> str:
        group = {
            "resourceGroupName": "rg-test",
            "privateEndpointName": "pep-test",
            "privateDnsZoneGroupName": "default",
            "privateDnsZoneConfigs": [{"name": "z", "privateDnsZoneId": zones[kind]}],
        }
        return network.create(f"{NETWORK}:PrivateDnsZoneGroup", "names", group)[0]

    refused(lambda: register("dfs"), "holds no names of blob")
    assert register("blob")


def test_key_needs_a_right_and_purge_protection_first(network: Cloud, refused: Callable[..., str]) -> None:
    identity, known = network.create(
        "azure-native:managedidentity:UserAssignedIdentity",
        "id",
        {"resourceGroupName": "rg-test", "resourceName": "id-test", "location": "westeurope"},
    )
    vault, _ = network.create("azure-native:keyvault:Vault", "vault", VAULT)
    account = {
        **ACCOUNT,
        "accountName": "stkey",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]},
        "encryption": {
            "keySource": "Microsoft.Keyvault",
            "encryptionIdentity": {"encryptionUserAssignedIdentity": identity},
            "keyVaultProperties": {"keyName": "k", "keyVaultUri": "https://kv-test.vault.azure.net/"},
        },
    }

    def create() -> str:
        return network.create("azure-native:storage:StorageAccount", "keyed", account)[0]

    refused(create, "lets keys be purged")
    network.delete("azure-native:keyvault:Vault", "vault", vault)
    protected = {**VAULT, "properties": {**VAULT["properties"], "enablePurgeProtection": True}}
    network.create("azure-native:keyvault:Vault", "vault", protected)
    refused(create, "No right to wrap and unwrap")
    right = {
        "scope": vault,
        "roleAssignmentName": "00000000-0000-4000-8000-000000000001",
        "roleDefinitionId": f"{RG}/providers/Microsoft.Authorization/roleDefinitions/{ENCRYPTION_USER}",
        "principalId": known["principalId"],
        "principalType": "ServicePrincipal",
    }
    network.create("azure-native:authorization:RoleAssignment", "right", right)
    assert create().endswith("/stkey")


def test_registry_keeps_exports_on_while_it_is_public(cloud: Cloud) -> None:
    registry = {
        "resourceGroupName": "rg-test",
        "registryName": "crtest",
        "location": "westeurope",
        "sku": {"name": "Premium"},
        "publicNetworkAccess": "Enabled",
        "policies": {"exportPolicy": {"status": "disabled"}},
    }
    token = "azure-native:containerregistry:Registry"
    assert set(cloud.check(token, "r", registry)[1]) == {"policies.exportPolicy"}
    assert cloud.check(token, "r", {**registry, "publicNetworkAccess": "Disabled"})[1] == {}


def test_what_stands_outside_this_cloud_is_taken_at_its_word(network: Cloud) -> None:
    elsewhere = endpoint("blob")
    brought = RG.replace("rg-test", "rg-network")
    elsewhere["subnet"] = {"id": f"{brought}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"}
    assert network.create(ENDPOINT, "e", elsewhere)[0]
