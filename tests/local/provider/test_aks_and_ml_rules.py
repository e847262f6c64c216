"""What the simulated AKS and Azure Machine Learning refuse, input by input; a right input passes first."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

AKS = "azure-native:containerservice"
ML = "azure-native:machinelearningservices"
MONITOR = "azure-native:monitor"
IDENTITY = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
SUBNET = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
POOL = {
    "name": "system",
    "mode": "System",
    "vmSize": "Standard_D4ds_v5",
    "count": 2,
    "minCount": 2,
    "maxCount": 3,
    "enableAutoScaling": True,
    "osType": "Linux",
    "osSKU": "AzureLinux",
    "osDiskType": "Ephemeral",
    "osDiskSizeGB": 128,
    "maxPods": 110,
    "nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"],
    "availabilityZones": ["1"],
    "vnetSubnetID": SUBNET,
    "upgradeSettings": {"maxSurge": "33%"},
}
CLUSTER = {
    "resourceGroupName": "rg",
    "resourceName": "aks-test",
    "location": "westeurope",
    "enableRBAC": True,
    "disableLocalAccounts": True,
    "aadProfile": {"managed": True, "enableAzureRBAC": True},
    "oidcIssuerProfile": {"enabled": True},
    "identity": {"type": "UserAssigned", "userAssignedIdentities": [IDENTITY]},
    "identityProfile": {"kubeletidentity": {"resourceId": IDENTITY}},
    "agentPoolProfiles": [POOL],
    "apiServerAccessProfile": {
        "enableVnetIntegration": True,
        "subnetId": SUBNET,
        "enablePrivateCluster": False,
        "authorizedIPRanges": ["203.0.113.0/24"],
    },
    "networkProfile": {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkDataplane": "cilium",
        "networkPolicy": "cilium",
        "podCidr": "10.244.0.0/16",
        "serviceCidr": "10.0.0.0/16",
        "dnsServiceIP": "10.0.0.10",
        "outboundType": "userAssignedNATGateway",
    },
    "securityProfile": {
        "workloadIdentity": {"enabled": True},
        "imageCleaner": {"enabled": True, "intervalHours": 120},
        "azureKeyVaultKms": {
            "enabled": True,
            "keyId": "https://kv.vault.azure.net/keys/k/0123",
            "keyVaultNetworkAccess": "Private",
            "keyVaultResourceId": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
        },
    },
}
AGENT_POOL = {
    **{key: value for key, value in POOL.items() if key not in ("name", "nodeTaints")},
    "mode": "User",
    "agentPoolName": "work1",
    "resourceName": "aks-test",
    "resourceGroupName": "rg",
}
WINDOW = {
    "configName": "default",
    "resourceName": "aks-test",
    "resourceGroupName": "rg",
    "maintenanceWindow": {
        "durationHours": 4,
        "startTime": "01:00",
        "utcOffset": "+00:00",
        "schedule": {"weekly": {"intervalWeeks": 1, "dayOfWeek": "Sunday"}},
    },
}
COMPUTE = {
    "computeName": "cpu-cluster",
    "workspaceName": "mlw-test",
    "resourceGroupName": "rg",
    "location": "westeurope",
    "identity": {"type": "SystemAssigned"},
    "properties": {
        "computeType": "AmlCompute",
        "disableLocalAuth": True,
        "properties": {
            "vmSize": "Standard_DS3_v2",
            "enableNodePublicIp": False,
            "remoteLoginPortPublicAccess": "Disabled",
            "scaleSettings": {
                "minNodeCount": 0,
                "maxNodeCount": 2,
                "nodeIdleTimeBeforeScaleDown": "PT15M",
            },
        },
    },
}
ENDPOINT = {
    "endpointName": "mle-test",
    "workspaceName": "mlw-test",
    "resourceGroupName": "rg",
    "location": "westeurope",
    "identity": {"type": "SystemAssigned"},
    "properties": {"authMode": "AADToken", "traffic": {"version-1": 100}},
}
DEPLOYMENT = {
    "deploymentName": "version-1",
    "endpointName": "mle-test",
    "workspaceName": "mlw-test",
    "resourceGroupName": "rg",
    "location": "westeurope",
    "sku": {"name": "Default", "capacity": 1},
    "properties": {
        "endpointComputeType": "Managed",
        "instanceType": "Standard_DS3_v2",
        "model": "azureml:m:1",
    },
}
HOST = {
    "ruleName": "packages",
    "workspaceName": "mlw-test",
    "resourceGroupName": "rg",
    "properties": {"type": "FQDN", "destination": "packages.contoso.example"},
}
ASSOCIATION = {"resourceUri": SUBNET, "associationName": "metrics", "dataCollectionRuleId": "/rule"}
COLLECTION = {
    "dataCollectionRuleName": "dcr-test",
    "resourceGroupName": "rg",
    "location": "westeurope",
    "dataCollectionEndpointId": "/endpoint",
    "dataSources": {"prometheusForwarder": [{"name": "p", "streams": ["Microsoft-PrometheusMetrics"]}]},
    "destinations": {"monitoringAccounts": [{"name": "metrics", "accountResourceId": "/account"}]},
    "dataFlows": [{"streams": ["Microsoft-PrometheusMetrics"], "destinations": ["metrics"]}],
}
RIGHT = {
    f"{AKS}:ManagedCluster": CLUSTER,
    f"{AKS}:AgentPool": AGENT_POOL,
    f"{AKS}:MaintenanceConfiguration": WINDOW,
    f"{ML}:Compute": COMPUTE,
    f"{ML}:OnlineEndpoint": ENDPOINT,
    f"{ML}:OnlineDeployment": DEPLOYMENT,
    f"{ML}:ManagedNetworkSettingsRule": HOST,
    f"{MONITOR}:DataCollectionRuleAssociation": ASSOCIATION,
    f"{MONITOR}:DataCollectionRule": COLLECTION,
}
LEFT_OUT = object()


def changed(inputs: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Copy inputs with one value put elsewhere or left out."""
    copied = copy.deepcopy(inputs)
    *way, last = path.replace("[0]", ".0").split(".")
    place: Any = copied
    for key in way:
        place = place[int(key)] if key.isdigit() else place[key]
    if value is LEFT_OUT:
        del place[last]
    else:
        place[last] = value
    return copied


@pytest.mark.parametrize("token", RIGHT)
def test_right_inputs_pass(cloud: Cloud, token: str) -> None:
    assert cloud.check(token, "x", RIGHT[token])[1] == {}


@pytest.mark.parametrize(
    ("token", "change", "value", "path"),
    [
        ("ManagedCluster", "agentPoolProfiles[0].name", "System", "agentPoolProfiles[0].name"),
        ("ManagedCluster", "agentPoolProfiles[0].mode", "User", "agentPoolProfiles"),
        ("ManagedCluster", "agentPoolProfiles[0].vmSize", "Standard_D2ds_v5", "agentPoolProfiles[0].vmSize"),
        ("ManagedCluster", "agentPoolProfiles[0].minCount", 0, "agentPoolProfiles[0].minCount"),
        (
            "ManagedCluster",
            "agentPoolProfiles[0].scaleSetPriority",
            "Spot",
            "agentPoolProfiles[0].scaleSetPriority",
        ),
        ("ManagedCluster", "networkProfile.networkPolicy", "calico", "networkProfile.networkPolicy"),
        ("ManagedCluster", "networkProfile.networkDataplane", "azure", "networkProfile.networkPolicy"),
        ("ManagedCluster", "networkProfile.networkPlugin", "kubenet", "networkProfile.networkDataplane"),
        ("ManagedCluster", "networkProfile.networkPlugin", "none", "networkProfile.networkPluginMode"),
        ("ManagedCluster", "networkProfile.podCidr", "10.0.0.0/8", "networkProfile.podCidr"),
        ("ManagedCluster", "networkProfile.dnsServiceIP", "10.1.0.10", "networkProfile.dnsServiceIP"),
        ("ManagedCluster", "agentPoolProfiles[0].vnetSubnetID", LEFT_OUT, "networkProfile.outboundType"),
        (
            "ManagedCluster",
            "apiServerAccessProfile.enablePrivateCluster",
            True,
            "apiServerAccessProfile.authorizedIPRanges",
        ),
        ("ManagedCluster", "apiServerAccessProfile.subnetId", LEFT_OUT, "apiServerAccessProfile.subnetId"),
        ("ManagedCluster", "aadProfile", LEFT_OUT, "disableLocalAccounts"),
        ("ManagedCluster", "enableRBAC", False, "aadProfile.enableAzureRBAC"),
        ("ManagedCluster", "oidcIssuerProfile.enabled", False, "securityProfile.workloadIdentity.enabled"),
        ("ManagedCluster", "identity", {"type": "SystemAssigned"}, "identityProfile.kubeletidentity"),
        ("ManagedCluster", "identity", {"type": "SystemAssigned"}, "identity.type"),
        (
            "ManagedCluster",
            "securityProfile.imageCleaner.intervalHours",
            12,
            "securityProfile.imageCleaner.intervalHours",
        ),
        (
            "ManagedCluster",
            "securityProfile.azureKeyVaultKms.keyId",
            LEFT_OUT,
            "securityProfile.azureKeyVaultKms.keyId",
        ),
        (
            "ManagedCluster",
            "securityProfile.azureKeyVaultKms.keyId",
            "https://kv.vault.azure.net/keys/k",
            "securityProfile.azureKeyVaultKms.keyId",
        ),
        (
            "ManagedCluster",
            "securityProfile.azureKeyVaultKms.keyVaultResourceId",
            LEFT_OUT,
            "securityProfile.azureKeyVaultKms.keyVaultResourceId",
        ),
        (
            "ManagedCluster",
            "securityProfile.azureKeyVaultKms.keyVaultNetworkAccess",
            "Public",
            "securityProfile.azureKeyVaultKms.keyVaultResourceId",
        ),
        (
            "ManagedCluster",
            "apiServerAccessProfile.enableVnetIntegration",
            False,
            "securityProfile.azureKeyVaultKms.keyVaultNetworkAccess",
        ),
        ("AgentPool", "agentPoolName", "toolongforapool", "agentPoolName"),
        ("AgentPool", "minCount", 4, "minCount"),
        ("AgentPool", "count", 9, "count"),
        ("AgentPool", "enableAutoScaling", False, "minCount"),
        ("AgentPool", "maxCount", LEFT_OUT, "enableAutoScaling"),
        ("AgentPool", "osDiskSizeGB", 151, "osDiskSizeGB"),
        ("AgentPool", "osDiskSizeGB", 8, "osDiskSizeGB"),
        ("AgentPool", "vmSize", "Standard_D4s_v5", "osDiskType"),
        ("AgentPool", "gpuProfile", {"driver": "Install"}, "gpuProfile"),
        ("AgentPool", "osType", "Windows", "osSKU"),
        ("AgentPool", "maxPods", 251, "maxPods"),
        ("AgentPool", "nodeTaints", ["sku=gpu"], "nodeTaints"),
        ("AgentPool", "availabilityZones", ["4"], "availabilityZones"),
        ("AgentPool", "upgradeSettings.maxSurge", "a third", "upgradeSettings.maxSurge"),
        ("MaintenanceConfiguration", "configName", "weekly", "configName"),
        ("MaintenanceConfiguration", "maintenanceWindow.durationHours", 3, "maintenanceWindow.durationHours"),
        ("MaintenanceConfiguration", "maintenanceWindow.startTime", "24:00", "maintenanceWindow.startTime"),
        ("MaintenanceConfiguration", "maintenanceWindow.utcOffset", "CET", "maintenanceWindow.utcOffset"),
        ("MaintenanceConfiguration", "maintenanceWindow.schedule", {}, "maintenanceWindow.schedule"),
        (
            "MaintenanceConfiguration",
            "maintenanceWindow.schedule",
            {"daily": {"intervalDays": 1}},
            "maintenanceWindow.schedule",
        ),
        ("Compute", "computeName", "ab", "computeName"),
        (
            "Compute",
            "identity",
            {"type": "SystemAssigned", "userAssignedIdentities": [IDENTITY]},
            "identity.type",
        ),
        ("Compute", "properties.properties.vmSize", "Standard_X1", "properties.properties.vmSize"),
        (
            "Compute",
            "properties.properties.scaleSettings.minNodeCount",
            3,
            "properties.properties.scaleSettings.minNodeCount",
        ),
        (
            "Compute",
            "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown",
            "15m",
            "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown",
        ),
        (
            "Compute",
            "properties.properties.userAccountCredentials",
            {"adminUserName": "x"},
            "properties.properties.userAccountCredentials",
        ),
        (
            "Compute",
            "properties.properties.remoteLoginPortPublicAccess",
            "Enabled",
            "properties.properties.userAccountCredentials",
        ),
        ("OnlineEndpoint", "endpointName", "1-starts-with-a-digit", "endpointName"),
        ("OnlineEndpoint", "properties.traffic", {"version-1": 60}, "properties.traffic"),
        ("OnlineEndpoint", "properties.keys", {"primaryKey": "x"}, "properties.keys"),
        ("OnlineEndpoint", "properties.mirrorTraffic", {"version-1": 51}, "properties.mirrorTraffic"),
        ("OnlineDeployment", "deploymentName", "v1", "deploymentName"),
        ("OnlineDeployment", "properties.instanceType", "Standard_D4ds_v5", "properties.instanceType"),
        ("OnlineDeployment", "properties.model", LEFT_OUT, "properties.model"),
        ("OnlineDeployment", "sku.capacity", 0, "sku.capacity"),
        (
            "ManagedNetworkSettingsRule",
            "properties.destination",
            "https://packages.contoso.example/",
            "properties.destination",
        ),
        ("DataCollectionRuleAssociation", "dataCollectionEndpointId", "/endpoint", "dataCollectionRuleId"),
        (
            "DataCollectionRuleAssociation",
            "associationName",
            "configurationAccessEndpoint",
            "associationName",
        ),
        ("DataCollectionRule", "dataCollectionEndpointId", LEFT_OUT, "dataCollectionEndpointId"),
        (
            "DataCollectionRule",
            "dataFlows",
            [{"streams": ["Microsoft-Perf"], "destinations": ["x"]}],
            "dataFlows[0].destinations",
        ),
    ],
)
def test_wrong_inputs_are_refused(cloud: Cloud, token: str, change: str, value: Any, path: str) -> None:
    (whole,) = [each for each in RIGHT if each.endswith(f":{token}")]
    assert path in cloud.check(whole, "x", changed(RIGHT[whole], change, value))[1]


def test_a_key_by_private_link_lies_in_a_vault_without_a_public_door(
    cloud: Cloud, refused: Callable[..., str]
) -> None:
    group, token = {"resourceGroupName": "rg", "location": "westeurope"}, f"{AKS}:ManagedCluster"
    cloud.create("azure-native:resources:ResourceGroup", "group", group)
    properties = {"tenantId": "t", "sku": {"family": "A", "name": "standard"}}
    for access, name in (("Enabled", "kv-open"), ("Disabled", "kv-shut")):
        vault = {**group, "vaultName": name, "properties": {**properties, "publicNetworkAccess": access}}
        vault_id, _ = cloud.create("azure-native:keyvault:Vault", name, vault)
        cluster = copy.deepcopy(CLUSTER)
        del cluster["identity"], cluster["identityProfile"]
        cluster["agentPoolProfiles"], cluster["apiServerAccessProfile"] = [], {}
        cluster["securityProfile"]["azureKeyVaultKms"]["keyVaultResourceId"] = vault_id
        if access == "Enabled":
            refused(lambda given=cluster: cloud.create(token, "aks", given), "public network access")
        else:
            cloud.create(token, "aks", cluster)
