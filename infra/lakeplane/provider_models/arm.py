"""Azure Resource Manager's ids and type names, worked out from a resource's inputs alone.

An id in ARM is the path of names that the deployer chose, so it is certain before the resource exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.provider_models.wire import has_unknown

__all__ = ["ARM_TYPES", "ArmType", "arm_id"]


@dataclass(frozen=True, slots=True)
class ArmType:
    """How ARM names a resource type.

    Attributes:
        namespace: Resource provider, such as `Microsoft.Storage`.
        path: Pairs of ARM collection and where its name comes from: the wire name of an input, or a fixed
            name written as `=default`. The last pair is the resource itself.
    """

    namespace: str
    path: tuple[tuple[str, str], ...]

    @property
    def type_name(self) -> str:
        """ARM's full type, such as `Microsoft.Storage/storageAccounts/blobServices`."""
        return "/".join([self.namespace, *(collection for collection, _ in self.path)])

    @property
    def name_input(self) -> str:
        """Wire name of the input that holds the resource's own name, or `=<name>` where it is fixed."""
        return self.path[-1][1]


def _top(namespace: str, collection: str, name_input: str) -> ArmType:
    return ArmType(namespace, ((collection, name_input),))


_STORAGE = ("storageAccounts", "accountName")

# Sources: the resource reference of each provider in Azure's REST specifications (path templates), and the
# names of the inputs in azure-native 3.29.0.
ARM_TYPES: Mapping[str, ArmType] = {
    "azure-native:applicationinsights:Component": _top("Microsoft.Insights", "components", "resourceName"),
    "azure-native:authorization:RoleAssignment": _top(
        "Microsoft.Authorization", "roleAssignments", "roleAssignmentName"
    ),
    "azure-native:containerregistry:Registry": _top(
        "Microsoft.ContainerRegistry", "registries", "registryName"
    ),
    "azure-native:containerservice:AgentPool": ArmType(
        "Microsoft.ContainerService",
        (("managedClusters", "resourceName"), ("agentPools", "agentPoolName")),
    ),
    "azure-native:containerservice:ManagedCluster": _top(
        "Microsoft.ContainerService", "managedClusters", "resourceName"
    ),
    "azure-native:databricks:AccessConnector": _top(
        "Microsoft.Databricks", "accessConnectors", "connectorName"
    ),
    "azure-native:databricks:Workspace": _top("Microsoft.Databricks", "workspaces", "workspaceName"),
    "azure-native:keyvault:Vault": _top("Microsoft.KeyVault", "vaults", "vaultName"),
    "azure-native:machinelearningservices:Workspace": _top(
        "Microsoft.MachineLearningServices", "workspaces", "workspaceName"
    ),
    "azure-native:managedidentity:FederatedIdentityCredential": ArmType(
        "Microsoft.ManagedIdentity",
        (
            ("userAssignedIdentities", "resourceName"),
            ("federatedIdentityCredentials", "federatedIdentityCredentialResourceName"),
        ),
    ),
    "azure-native:managedidentity:UserAssignedIdentity": _top(
        "Microsoft.ManagedIdentity", "userAssignedIdentities", "resourceName"
    ),
    "azure-native:monitor:DiagnosticSetting": _top("Microsoft.Insights", "diagnosticSettings", "name"),
    "azure-native:network:NatGateway": _top("Microsoft.Network", "natGateways", "natGatewayName"),
    "azure-native:network:NetworkSecurityGroup": _top(
        "Microsoft.Network", "networkSecurityGroups", "networkSecurityGroupName"
    ),
    "azure-native:network:PublicIPAddress": _top(
        "Microsoft.Network", "publicIPAddresses", "publicIpAddressName"
    ),
    "azure-native:network:Subnet": ArmType(
        "Microsoft.Network", (("virtualNetworks", "virtualNetworkName"), ("subnets", "subnetName"))
    ),
    "azure-native:network:VirtualNetwork": _top("Microsoft.Network", "virtualNetworks", "virtualNetworkName"),
    "azure-native:operationalinsights:Workspace": _top(
        "Microsoft.OperationalInsights", "workspaces", "workspaceName"
    ),
    "azure-native:resources:ResourceGroup": _top(
        "Microsoft.Resources", "resourceGroups", "resourceGroupName"
    ),
    "azure-native:storage:BlobContainer": ArmType(
        "Microsoft.Storage", (_STORAGE, ("blobServices", "=default"), ("containers", "containerName"))
    ),
    "azure-native:storage:BlobServiceProperties": ArmType(
        "Microsoft.Storage", (_STORAGE, ("blobServices", "=default"))
    ),
    "azure-native:storage:StorageAccount": _top("Microsoft.Storage", *_STORAGE),
}

# Types that hang on the resource named by one of their inputs, instead of on a resource group.
_SCOPED_BY: Mapping[str, str] = {
    "azure-native:authorization:RoleAssignment": "scope",
    "azure-native:monitor:DiagnosticSetting": "resourceUri",
}


def arm_id(token: str, inputs: Mapping[str, Any], subscription_id: str) -> str | None:
    """Work out a resource's id.

    Args:
        token: Pulumi's type, such as `azure-native:storage:StorageAccount`.
        inputs: The resource's inputs on the wire.
        subscription_id: The subscription that the provider deploys to.

    Returns:
        The id, or nothing if the type isn't listed or a name in the path is unknown or missing.
    """
    arm_type = ARM_TYPES.get(token)
    if arm_type is None:
        return None
    names = [source[1:] if source.startswith("=") else inputs.get(source) for _, source in arm_type.path]
    if any(name is None or has_unknown(name) for name in names):
        return None
    if arm_type.namespace == "Microsoft.Resources":
        return f"/subscriptions/{subscription_id}/resourceGroups/{names[0]}"
    scope = inputs.get(_SCOPED_BY.get(token, "resourceGroupName"))
    if scope is None or has_unknown(scope):
        return None
    if token not in _SCOPED_BY:
        scope = f"/subscriptions/{subscription_id}/resourceGroups/{scope}"
    path = "/".join(
        f"{collection}/{name}" for (collection, _), name in zip(arm_type.path, names, strict=True)
    )
    return f"{scope}/providers/{arm_type.namespace}/{path}"
