"""Azure Resource Manager's ids, type names and rules for names, worked out from a resource's inputs alone.

An id in ARM is the path of names that the deployer chose, so it is certain before the resource exists. Types
that do not stand here are unknown to the simulated cloud, which refuses them, and have no certain id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.provider_models.wire import has_unknown

__all__ = ["ARM_TYPES", "ArmType", "Naming", "arm_id"]


@dataclass(frozen=True, slots=True)
class Naming:
    """A service's rule for a name: the pattern and the rule in words."""

    pattern: re.Pattern[str]
    rule: str


def _naming(pattern: str, rule: str) -> Naming:
    return Naming(re.compile(pattern), rule)


# Azure's published naming rules ("Naming rules and restrictions for Azure resources").
_GROUP = _naming(r"[\w.()-]{0,89}[\w()-]", "1-90 letters, digits, _ - . ( ), not ending with a full stop")
_NETWORK = _naming(
    r"[A-Za-z0-9]([\w.-]{0,78}[\w])?", "1-80 letters, digits, . _ -, starting with a letter or digit"
)
_VNET = _naming(r"[A-Za-z0-9][\w.-]{0,62}\w", "2-64 letters, digits, . _ -, starting with a letter or digit")
_STORAGE = _naming(r"[a-z0-9]{3,24}", "3-24 lower-case letters and digits")
_CONTAINER = _naming(
    r"[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]|\$root|\$web",
    "3-63 lower-case letters, digits and single hyphens",
)
_VAULT = _naming(
    r"[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]",
    "3-24 letters, digits and single hyphens, starting with a letter",
)
_SECRET = _naming(r"[A-Za-z0-9-]{1,127}", "1-127 letters, digits and hyphens")
_REGISTRY = _naming(r"[A-Za-z0-9]{5,50}", "5-50 letters and digits")
_DATABRICKS = _naming(r"[\w-]{3,64}", "3-64 letters, digits, _ and -")
_AKS = _naming(r"[A-Za-z0-9]([\w-]{0,61}[A-Za-z0-9])?", "1-63 letters, digits, _ and -")
_POOL = _naming(r"[a-z][a-z0-9]{0,11}", "1-12 lower-case letters and digits, starting with a letter")
_ML = _naming(r"[A-Za-z0-9][\w-]{2,32}", "3-33 letters, digits, _ and -")
_ML_COMPUTE = _naming(
    r"[A-Za-z](?!.*-\d+$)[A-Za-z0-9-]{1,30}[A-Za-z0-9]",
    "3-32 letters, digits and hyphens, starting with a letter, not ending with a hyphen and digits",
)
_ML_ENDPOINT = _naming(
    r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]", "3-32 letters, digits and hyphens, starting with a letter"
)
_COLLECTION = _naming(r"[A-Za-z0-9][A-Za-z0-9-]{1,62}[A-Za-z0-9]", "3-64 letters, digits and hyphens")
_COLLECTION_ENDPOINT = _naming(
    r"[A-Za-z0-9][A-Za-z0-9-]{1,42}[A-Za-z0-9]", "3-44 letters, digits and hyphens"
)
_IDENTITY = _naming(r"[A-Za-z0-9][\w-]{2,127}", "3-128 letters, digits, _ and -")
_LOGS = _naming(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]", "4-63 letters, digits and hyphens")
_ANY = _naming(r"[^%&\\?/]{0,259}[^%&\\?/ .]", "1-260 characters without % & \\ ? /")
_GUID = _naming(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "a GUID")
_ZONE = _naming(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", "at least two labels joined by full stops")
_APPS = _naming(r"[a-z]([a-z0-9-]{0,58}[a-z0-9])?", "1-60 lower-case letters, digits and hyphens")
_JOB = _naming(
    r"[a-z](?!.*--)([a-z0-9-]{0,30}[a-z0-9])?", "1-32 lower-case letters, digits and single hyphens"
)
_FIREWALL = _naming(r"[A-Za-z0-9]([\w.-]{0,54}\w)?", "1-56 letters, digits, . _ -")


@dataclass(frozen=True, slots=True)
class ArmType:
    """One ARM resource type.

    Attributes:
        path: What follows `/providers/` in its id (or, for a resource group, the subscription), with the
            inputs that name it in braces.
        naming: The rule for the last of those inputs.
        scope: The input that holds the id it extends; empty if it lives in a resource group.
        is_global: Whether no two in the world may have the same name.
    """

    path: str
    naming: Naming
    scope: str = ""
    is_global: bool = False

    @property
    def name_inputs(self) -> tuple[str, ...]:
        """The inputs that make up the id, outermost first, without the resource group."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def in_resource_group(self) -> bool:
        """Whether the input `resourceGroupName` is part of the id."""
        return not self.scope and not self.path.startswith("resourceGroups/")

    @property
    def resource_type(self) -> str:
        """The type in ARM's own words, such as `Microsoft.Storage/storageAccounts/blobServices`."""
        if self.path.startswith("resourceGroups/"):
            return "Microsoft.Resources/resourceGroups"
        namespace, *pairs = self.path.split("/")
        return "/".join([namespace, *pairs[::2]])

    def resource_id(self, subscription: str, inputs: Mapping[str, Any]) -> str:
        """Build the ARM id from inputs that are all known."""
        path = self.path.format_map(inputs)
        if self.scope:
            return f"/{str(inputs[self.scope]).strip('/')}/providers/{path}"
        if self.path.startswith("resourceGroups/"):
            return f"/subscriptions/{subscription}/{path}"
        return f"/subscriptions/{subscription}/resourceGroups/{inputs['resourceGroupName']}/providers/{path}"


# Sources of the paths: each provider's resource reference in Azure's REST specifications, and the names of
# the inputs in azure-native 3.29.0.
_N = "Microsoft.Network"
_POLICY = f"{_N}/firewallPolicies/{{firewallPolicyName}}"
_S = "Microsoft.Storage/storageAccounts/{accountName}"
_K = "Microsoft.KeyVault/vaults/{vaultName}"
_ML_PATH = "Microsoft.MachineLearningServices/workspaces/{workspaceName}"
_I = "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
_A = "Microsoft.ContainerService/managedClusters/{resourceName}"

ARM_TYPES: Mapping[str, ArmType] = {
    f"azure-native:{token}": arm
    for token, arm in {
        "authorization:ManagementLockByScope": ArmType(
            "Microsoft.Authorization/locks/{lockName}", _ANY, "scope"
        ),
        "authorization:RoleAssignment": ArmType(
            "Microsoft.Authorization/roleAssignments/{roleAssignmentName}", _GUID, "scope"
        ),
        "app:Job": ArmType("Microsoft.App/jobs/{jobName}", _JOB),
        "app:ManagedEnvironment": ArmType("Microsoft.App/managedEnvironments/{environmentName}", _APPS),
        "applicationinsights:Component": ArmType("Microsoft.Insights/components/{resourceName}", _ANY),
        "consumption:Budget": ArmType("Microsoft.Consumption/budgets/{budgetName}", _DATABRICKS, "scope"),
        "containerregistry:Registry": ArmType(
            "Microsoft.ContainerRegistry/registries/{registryName}", _REGISTRY, is_global=True
        ),
        "containerservice:AgentPool": ArmType(f"{_A}/agentPools/{{agentPoolName}}", _POOL),
        "containerservice:MaintenanceConfiguration": ArmType(
            f"{_A}/maintenanceConfigurations/{{configName}}", _ANY
        ),
        "containerservice:ManagedCluster": ArmType(_A, _AKS),
        "databricks:AccessConnector": ArmType(
            "Microsoft.Databricks/accessConnectors/{connectorName}", _DATABRICKS
        ),
        "databricks:Workspace": ArmType("Microsoft.Databricks/workspaces/{workspaceName}", _DATABRICKS),
        "keyvault:Key": ArmType(f"{_K}/keys/{{keyName}}", _SECRET),
        "keyvault:Secret": ArmType(f"{_K}/secrets/{{secretName}}", _SECRET),
        "keyvault:Vault": ArmType(_K, _VAULT, is_global=True),
        "machinelearningservices:Compute": ArmType(f"{_ML_PATH}/computes/{{computeName}}", _ML_COMPUTE),
        "machinelearningservices:Datastore": ArmType(f"{_ML_PATH}/datastores/{{name}}", _ANY),
        "machinelearningservices:ManagedNetworkSettingsRule": ArmType(
            f"{_ML_PATH}/outboundRules/{{ruleName}}", _ANY
        ),
        "machinelearningservices:OnlineDeployment": ArmType(
            f"{_ML_PATH}/onlineEndpoints/{{endpointName}}/deployments/{{deploymentName}}", _ML_ENDPOINT
        ),
        "machinelearningservices:OnlineEndpoint": ArmType(
            f"{_ML_PATH}/onlineEndpoints/{{endpointName}}", _ML_ENDPOINT
        ),
        "machinelearningservices:Workspace": ArmType(_ML_PATH, _ML),
        "managedidentity:FederatedIdentityCredential": ArmType(
            f"{_I}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}", _IDENTITY
        ),
        "managedidentity:UserAssignedIdentity": ArmType(_I, _IDENTITY),
        "monitor:ActionGroup": ArmType("Microsoft.Insights/actionGroups/{actionGroupName}", _ANY),
        "monitor:AzureMonitorWorkspace": ArmType(
            "Microsoft.Monitor/accounts/{azureMonitorWorkspaceName}", _COLLECTION_ENDPOINT
        ),
        "monitor:DataCollectionEndpoint": ArmType(
            "Microsoft.Insights/dataCollectionEndpoints/{dataCollectionEndpointName}", _COLLECTION_ENDPOINT
        ),
        "monitor:DataCollectionRule": ArmType(
            "Microsoft.Insights/dataCollectionRules/{dataCollectionRuleName}", _COLLECTION
        ),
        "monitor:DataCollectionRuleAssociation": ArmType(
            "Microsoft.Insights/dataCollectionRuleAssociations/{associationName}", _ANY, "resourceUri"
        ),
        "monitor:DiagnosticSetting": ArmType(
            "Microsoft.Insights/diagnosticSettings/{name}", _ANY, "resourceUri"
        ),
        "monitor:ScheduledQueryRule": ArmType("Microsoft.Insights/scheduledQueryRules/{ruleName}", _ANY),
        "monitor:MetricAlert": ArmType("Microsoft.Insights/metricAlerts/{ruleName}", _ANY),
        "network:AzureFirewall": ArmType(f"{_N}/azureFirewalls/{{azureFirewallName}}", _FIREWALL),
        "network:FirewallPolicy": ArmType(_POLICY, _NETWORK),
        "network:FirewallPolicyRuleCollectionGroup": ArmType(
            f"{_POLICY}/ruleCollectionGroups/{{ruleCollectionGroupName}}", _NETWORK
        ),
        "network:NatGateway": ArmType(f"{_N}/natGateways/{{natGatewayName}}", _NETWORK),
        "network:NetworkSecurityGroup": ArmType(
            f"{_N}/networkSecurityGroups/{{networkSecurityGroupName}}", _NETWORK
        ),
        "network:PrivateDnsZoneGroup": ArmType(
            f"{_N}/privateEndpoints/{{privateEndpointName}}/privateDnsZoneGroups/{{privateDnsZoneGroupName}}",
            _NETWORK,
        ),
        "network:PrivateEndpoint": ArmType(f"{_N}/privateEndpoints/{{privateEndpointName}}", _VNET),
        "network:PublicIPAddress": ArmType(f"{_N}/publicIPAddresses/{{publicIpAddressName}}", _NETWORK),
        "network:RouteTable": ArmType(f"{_N}/routeTables/{{routeTableName}}", _NETWORK),
        "network:SecurityRule": ArmType(
            f"{_N}/networkSecurityGroups/{{networkSecurityGroupName}}/securityRules/{{securityRuleName}}",
            _NETWORK,
        ),
        "network:Subnet": ArmType(
            f"{_N}/virtualNetworks/{{virtualNetworkName}}/subnets/{{subnetName}}", _NETWORK
        ),
        "network:VirtualNetwork": ArmType(f"{_N}/virtualNetworks/{{virtualNetworkName}}", _VNET),
        "network:VirtualNetworkPeering": ArmType(
            f"{_N}/virtualNetworks/{{virtualNetworkName}}/virtualNetworkPeerings/{{virtualNetworkPeeringName}}",
            _NETWORK,
        ),
        "operationalinsights:Workspace": ArmType(
            "Microsoft.OperationalInsights/workspaces/{workspaceName}", _LOGS
        ),
        "privatedns:PrivateZone": ArmType(f"{_N}/privateDnsZones/{{privateZoneName}}", _ZONE),
        "privatedns:VirtualNetworkLink": ArmType(
            f"{_N}/privateDnsZones/{{privateZoneName}}/virtualNetworkLinks/{{virtualNetworkLinkName}}",
            _NETWORK,
        ),
        "resources:ResourceGroup": ArmType("resourceGroups/{resourceGroupName}", _GROUP),
        "storage:BlobContainer": ArmType(
            f"{_S}/blobServices/default/containers/{{containerName}}", _CONTAINER
        ),
        "storage:BlobServiceProperties": ArmType(f"{_S}/blobServices/{{blobServicesName}}", _ANY),
        "storage:ManagementPolicy": ArmType(f"{_S}/managementPolicies/{{managementPolicyName}}", _ANY),
        "storage:StorageAccount": ArmType(_S, _STORAGE, is_global=True),
    }.items()
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
    needed = [*arm_type.name_inputs]
    if arm_type.scope:
        needed.append(arm_type.scope)
    elif arm_type.in_resource_group:
        needed.append("resourceGroupName")
    if any(inputs.get(name) is None or has_unknown(inputs[name]) for name in needed):
        return None
    return arm_type.resource_id(subscription_id, inputs)
