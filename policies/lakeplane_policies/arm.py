"""Which resource an ARM id is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeplane_policies.reading import read

__all__ = ["NAMES", "behind"]

# By type token: the type in ids, and the input that holds the resource's name.
NAMES: Mapping[str, tuple[str, str]] = {
    "azure-native:app:ManagedEnvironment": ("microsoft.app/managedenvironments", "environmentName"),
    "azure-native:containerregistry:Registry": ("microsoft.containerregistry/registries", "registryName"),
    "azure-native:containerservice:ManagedCluster": (
        "microsoft.containerservice/managedclusters",
        "resourceName",
    ),
    "azure-native:databricks:Workspace": ("microsoft.databricks/workspaces", "workspaceName"),
    "azure-native:keyvault:Vault": ("microsoft.keyvault/vaults", "vaultName"),
    "azure-native:machinelearningservices:OnlineEndpoint": ("onlineendpoints", "endpointName"),
    "azure-native:machinelearningservices:Workspace": (
        "microsoft.machinelearningservices/workspaces",
        "workspaceName",
    ),
    "azure-native:network:AzureFirewall": ("microsoft.network/azurefirewalls", "azureFirewallName"),
    "azure-native:network:NetworkSecurityGroup": (
        "microsoft.network/networksecuritygroups",
        "networkSecurityGroupName",
    ),
    "azure-native:network:Subnet": ("subnets", "subnetName"),
    "azure-native:operationalinsights:Workspace": (
        "microsoft.operationalinsights/workspaces",
        "workspaceName",
    ),
    "azure-native:resources:ResourceGroup": ("resourcegroups", "resourceGroupName"),
    "azure-native:storage:StorageAccount": ("microsoft.storage/storageaccounts", "accountName"),
}


def behind(arm_id: str, type_: str, inputs: Mapping[str, Any]) -> str | None:
    """Return what an id says behind the name of a resource.

    Args:
        arm_id: An ARM id, in any letter case, as Azure takes them.
        type_: Type token of the resource.
        inputs: Its inputs; one that is named by the engine is never recognised.

    Returns:
        Empty for the resource itself, a path such as `blobservices/default` for something inside it; absent
        if the id is about something else.
    """
    name = read(inputs, NAMES[type_][1]) if type_ in NAMES else None
    if not isinstance(name, str):
        return None
    # A nested resource's kind is what its id says before its name; the one around it may be any.
    _, found, rest = f"{arm_id.casefold().rstrip('/')}/".partition(f"/{NAMES[type_][0]}/{name.casefold()}/")
    return rest.rstrip("/") if found else None
