"""Answers of Azure in the shapes that Microsoft publishes, filled with one environment's names.

Each function says where its shape is from. `Azure/azure-rest-api-specs` holds the REST reference's samples.
"""

from __future__ import annotations

from typing import Any

from services import OBJECT_ID, Answer, Recorded

from lakeplane.azure.preflight import Needs
from lakeplane.roles import BUILT_IN_ROLES

__all__ = [
    "account_answers",
    "assignment",
    "deleted_vault",
    "family",
    "good_answers",
    "permission",
    "sku",
    "virtual_network",
]

_NODE = {"EncryptionAtHostSupported": "True", "EphemeralOSDiskSupported": "True"}


def subscription(needs: Needs, **changes: Any) -> dict[str, Any]:
    """Source: specification/resources/…/stable/2021-04-01/examples/GetSubscription.json."""
    return {
        "id": f"/subscriptions/{needs.subscription_id}",
        "subscriptionId": needs.subscription_id,
        "tenantId": needs.tenant_id,
        "displayName": "Example Subscription",
        "state": "Enabled",
        "subscriptionPolicies": {"quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
        "authorizationSource": "RoleBased",
        **changes,
    }


def permission(actions: list[str], not_actions: list[str] | None = None) -> dict[str, Any]:
    """Source: MicrosoftDocs/azure-docs, "Use Resource Manager authentication API to access subscriptions"."""
    return {"actions": actions, "notActions": not_actions or [], "dataActions": [], "notDataActions": []}


OWNER = permission(["*"])
CONTRIBUTOR = permission(
    ["*"],
    [
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
    ],
)
ROLE_ADMINISTRATOR = permission(
    [
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/delete",
        "*/read",
    ]
)


def assignment(needs: Needs, role: str, condition: str | None = None, **changes: Any) -> dict[str, Any]:
    """Source: specification/authorization/…/stable/2022-04-01, RoleAssignments_ListForScope."""
    return {
        "id": f"/subscriptions/{needs.subscription_id}/providers/Microsoft.Authorization/roleAssignments/r",
        "type": "Microsoft.Authorization/roleAssignments",
        "name": "r",
        "properties": {
            "roleDefinitionId": f"/subscriptions/{needs.subscription_id}/providers/"
            f"Microsoft.Authorization/roleDefinitions/{BUILT_IN_ROLES[role]}",
            "principalId": OBJECT_ID,
            "principalType": "User",
            "scope": f"/subscriptions/{needs.subscription_id}",
            "condition": condition,
            "conditionVersion": "2.0" if condition else None,
            **changes,
        },
    }


def family(name: str, used: int, limit: int, **changes: Any) -> dict[str, Any]:
    """Source: specification/compute/…/ComputeRP, Usage_List.json; Azure ML's: examples/Usage/list.json."""
    return {
        "limit": limit,
        "unit": "Count",
        "currentValue": used,
        "name": {"value": name, "localizedValue": f"{name} vCPUs"},
        **changes,
    }


def learning_family(name: str, used: int, limit: int, kind: str = "Dedicated") -> dict[str, Any]:
    return family(
        f"{name} Cluster {kind} vCPUs",
        used,
        limit,
        type="Microsoft.MachineLearningServices/vmFamily/usages",
    )


def sku(name: str, region: str, zones: tuple[str, ...] = ("1", "2", "3"), **changes: Any) -> dict[str, Any]:
    """Source: …/Skus/stable/2021-07-01/examples/skus/ListAvailableResourceSkusForARegion.json."""
    return {
        "resourceType": "virtualMachines",
        "name": name,
        "tier": "Standard",
        "locations": [region],
        "locationInfo": [{"location": region, "zones": list(zones), "zoneDetails": []}],
        "capabilities": [{"name": name, "value": value} for name, value in _NODE.items()],
        "restrictions": [],
        **changes,
    }


def deleted_vault(needs: Needs, name: str) -> dict[str, Any]:
    """Source: specification/keyvault/…/stable/2023-07-01/examples/listDeletedVaults.json."""
    return {
        "id": f"/subscriptions/{needs.subscription_id}/providers/Microsoft.KeyVault/locations/{needs.region}/"
        f"deletedVaults/{name}",
        "name": "vault-agile-drawer-6404",
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": f"{needs.resource_group_id}/providers/Microsoft.KeyVault/vaults/{name}",
            "location": needs.region,
            "tags": {},
            "deletionDate": "2026-11-01T00:00:59Z",
            "scheduledPurgeDate": "2027-01-30T00:00:59Z",
            "purgeProtectionEnabled": True,
        },
    }


def virtual_network(arm_id: str, prefixes: list[str], region: str, **properties: Any) -> dict[str, Any]:
    """Source: specification/network/…/VirtualNetworkGet.json, with its peerings and subnets."""
    return {
        "id": arm_id,
        "name": arm_id.rpartition("/")[2],
        "type": "Microsoft.Network/virtualNetworks",
        "location": region,
        "properties": {
            "provisioningState": "Succeeded",
            "addressSpace": {"addressPrefixes": prefixes},
            "subnets": [],
            "virtualNetworkPeerings": [],
            **properties,
        },
    }


def good_answers(needs: Needs) -> Recorded:
    """Answer as a subscription does in which nothing is there yet, and nothing is in the way."""
    recorded = Recorded()
    root = f"/subscriptions/{needs.subscription_id}"
    recorded.add("GET", root, Answer(body=subscription(needs)))
    recorded.add(
        "GET", f"{root}/providers/Microsoft.Authorization/permissions", Answer(body={"value": [OWNER]})
    )
    recorded.add(
        "GET",
        f"{root}/providers/Microsoft.Authorization/roleAssignments",
        Answer(body={"value": [assignment(needs, "Owner")]}),
    )
    # Source: specification/resources/…/2021-04-01, Providers_List.
    registered = [{"namespace": one, "registrationState": "Registered"} for one in needs.providers]
    recorded.add("GET", f"{root}/providers", Answer(body={"value": registered}))
    for feature in needs.features:
        namespace, _, name = feature.partition("/")
        # Source: …/Microsoft.Features/stable/2021-07-01/examples/listSubscriptionFeatures.json.
        recorded.add(
            "GET",
            f"{root}/providers/Microsoft.Features/providers/{namespace}/features/{name}",
            Answer(body={"name": feature, "properties": {"state": "Registered"}}),
        )
    machines = [family(one.family, 4, 2000) for one in needs.cores if not one.machine_learning]
    recorded.add(
        "GET",
        f"{root}/providers/Microsoft.Compute/locations/{needs.region}/usages",
        Answer(body={"value": [*machines, family("cores", 10, 5000)]}),
    )
    learning = [
        learning_family(one.family.replace("standard", "Standard ").replace("Family", " Family"), 0, 2000)
        for one in needs.cores
        if one.machine_learning
    ]
    recorded.add(
        "GET",
        f"{root}/providers/Microsoft.MachineLearningServices/locations/{needs.region}/usages",
        Answer(body={"value": learning}),
    )
    sizes = [sku(one.size, needs.region) for one in needs.sizes]
    recorded.add("GET", f"{root}/providers/Microsoft.Compute/skus", Answer(body={"value": sizes}))
    for service in ("Microsoft.Storage", "Microsoft.KeyVault", "Microsoft.ContainerRegistry"):
        # Source: …/stable/2023-05-01/examples/StorageAccountCheckNameAvailability.json and its likes.
        recorded.add(
            "POST", f"{root}/providers/{service}/checkNameAvailability", Answer(body={"nameAvailable": True})
        )
    for one in needs.elsewhere:
        path = f"{one.scope}/providers/Microsoft.Authorization/permissions"
        recorded.add("GET", path, Answer(body={"value": [OWNER]}))
    if needs.hub_network_id:
        hub = virtual_network(needs.hub_network_id, ["10.16.0.0/23"], needs.region)
        recorded.add("GET", needs.hub_network_id, Answer(body=hub))
    return recorded


def account_answers(needs: Needs) -> Recorded:
    """Answer as a Databricks account does that has a metastore in the region."""
    recorded = Recorded()
    account = f"/api/2.0/accounts/{needs.databricks_account_id}"
    # Source: databricks-sdk, `catalog.MetastoreInfo` and `settings.NetworkConnectivityConfiguration`.
    store = needs.metastore_id or "3e7a0000-0000-4000-8000-000000000004"
    recorded.add(
        "GET",
        f"{account}/metastores",
        Answer(body={"metastores": [{"metastore_id": store, "region": needs.region, "name": "here"}]}),
    )
    recorded.add(
        "GET",
        f"{account}/network-connectivity-configs",
        Answer(body={"items": [{"name": needs.connectivity_config, "region": needs.region}]}),
    )
    return recorded
