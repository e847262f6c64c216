"""What each component closes unless it is told otherwise, as the provider would receive it."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from lakeplane.components.container_registry import ContainerRegistry, ContainerRegistryArgs
from lakeplane.components.databricks_workspace import DatabricksWorkspace, DatabricksWorkspaceArgs
from lakeplane.components.key_vault import KeyVault, KeyVaultArgs
from lakeplane.components.log_workspace import LogWorkspace, LogWorkspaceArgs

OFFICE = [IPv4Network("203.0.113.0/24")]
VAULT = "azure-native:keyvault:Vault"
REGISTRY = "azure-native:containerregistry:Registry"
WORKSPACE = "azure-native:databricks:Workspace"
CLUSTER = "azure-native:containerservice:ManagedCluster"


def vault(placement, **more) -> KeyVaultArgs:
    return KeyVaultArgs(placement=placement, vault_name="kv", tenant_id="t", log_workspace_id="/log", **more)


def workspace(placement, **more) -> DatabricksWorkspaceArgs:
    return DatabricksWorkspaceArgs(
        placement=placement,
        workspace_name="dbw",
        managed_resource_group_id="/managed",
        virtual_network_id="/vnet",
        host_subnet_name="host",
        container_subnet_name="container",
        storage_account_name="stdbw",
        access_connector_id="/connector",
        log_workspace_id="/log",
        **more,
    )


def test_vault_knows_roles_only_and_cannot_be_purged(placement, inputs_of) -> None:
    properties = inputs_of(KeyVault, vault(placement), VAULT)["properties"]
    assert properties == {
        "enablePurgeProtection": True,
        "enableRbacAuthorization": True,
        "enableSoftDelete": True,
        "enabledForDeployment": False,
        "enabledForDiskEncryption": False,
        "enabledForTemplateDeployment": False,
        "networkAcls": {
            "bypass": "AzureServices",
            "defaultAction": "Deny",
            "ipRules": [],
        },
        "publicNetworkAccess": "Disabled",
        "sku": {"family": "A", "name": "standard"},
        "softDeleteRetentionInDays": 90,
        "tenantId": "t",
    }


def test_vault_with_an_allow_list_still_denies_the_rest(placement, inputs_of) -> None:
    properties = inputs_of(KeyVault, vault(placement, allowed_addresses=OFFICE), VAULT)["properties"]
    assert properties["publicNetworkAccess"] == "Enabled"
    assert properties["networkAcls"]["defaultAction"] == "Deny"
    assert properties["networkAcls"]["ipRules"] == [{"value": "203.0.113.0/24"}]


def test_vault_keeps_an_audit_log(placement, inputs_of) -> None:
    setting = inputs_of(KeyVault, vault(placement), "azure-native:monitor:DiagnosticSetting")
    assert setting["logs"] == [{"categoryGroup": "allLogs", "enabled": True}]
    assert setting["workspaceId"] == "/log"


def test_registry_is_private_and_has_no_admin(placement, inputs_of) -> None:
    args = ContainerRegistryArgs(placement=placement, registry_name="cr", log_workspace_id="/log")
    found = inputs_of(ContainerRegistry, args, REGISTRY)
    assert found["adminUserEnabled"] is False
    assert found["anonymousPullEnabled"] is False
    assert found["publicNetworkAccess"] == "Disabled"
    assert found["networkRuleSet"] == {"defaultAction": "Deny", "ipRules": []}
    assert found["sku"] == {"name": "Premium"}


def test_registry_opens_to_the_allow_list_alone(placement, inputs_of) -> None:
    """The environment's own nodes come by its private endpoint."""
    args = ContainerRegistryArgs(
        placement=placement, registry_name="cr", log_workspace_id="/log", allowed_addresses=OFFICE
    )
    found = inputs_of(ContainerRegistry, args, REGISTRY)
    assert [rule["iPAddressOrRange"] for rule in found["networkRuleSet"]["ipRules"]] == ["203.0.113.0/24"]
    assert found["policies"]["exportPolicy"] == {"status": "enabled"}, "the service asks for it"


def test_databricks_nodes_have_no_public_address(placement, inputs_of) -> None:
    found = inputs_of(DatabricksWorkspace, workspace(placement), WORKSPACE)
    assert found["sku"] == {"name": "premium"}
    assert found["parameters"] == {
        "customPrivateSubnetName": {"value": "container"},
        "customPublicSubnetName": {"value": "host"},
        "customVirtualNetworkId": {"value": "/vnet"},
        "enableNoPublicIp": {"value": True},
        "requireInfrastructureEncryption": {"value": True},
        "storageAccountName": {"value": "stdbw"},
    }
    assert found["defaultStorageFirewall"] == "Enabled"
    assert found["accessConnector"] == {"id": "/connector", "identityType": "SystemAssigned"}


@pytest.mark.parametrize(
    ("addresses", "access", "rules"),
    [([], "Disabled", "NoAzureDatabricksRules"), (OFFICE, "Enabled", "NoAzureDatabricksRules")],
)
def test_databricks_front_door_follows_the_allow_list(placement, inputs_of, addresses, access, rules) -> None:
    found = inputs_of(DatabricksWorkspace, workspace(placement, allowed_addresses=addresses), WORKSPACE)
    assert (found["publicNetworkAccess"], found["requiredNsgRules"]) == (access, rules)


def test_log_workspace_takes_no_shared_keys(placement, inputs_of) -> None:
    args = LogWorkspaceArgs(placement=placement, workspace_name="log")
    found = inputs_of(LogWorkspace, args, "azure-native:operationalinsights:Workspace")
    assert found["features"]["disableLocalAuth"] is True
    assert found["retentionInDays"] == 90
    assert "workspaceCapping" not in found


def test_network_lets_nobody_in_and_has_one_way_out(local) -> None:
    foundation = local["foundation"]
    for group in foundation.of_type("azure-native:network:NetworkSecurityGroup"):
        for rule in group.inputs.get("securityRules", []):
            assert rule["direction"] == "Outbound"
            assert rule["access"] == "Deny"
    subnets = {found.name: found.inputs for found in foundation.of_type("azure-native:network:Subnet")}
    assert len(subnets) == 5
    for name, subnet in subnets.items():
        assert subnet["networkSecurityGroup"]["id"], name
        assert subnet["defaultOutboundAccess"] is False
    delegated = {
        name: s["delegations"][0]["serviceName"] for name, s in subnets.items() if "delegations" in s
    }
    assert delegated == {
        "network-databricks-host-subnet": "Microsoft.Databricks/workspaces",
        "network-databricks-container-subnet": "Microsoft.Databricks/workspaces",
        "network-aks-api-server-subnet": "Microsoft.ContainerService/managedClusters",
    }
    with_way_out = {name for name, subnet in subnets.items() if "natGateway" in subnet}
    assert with_way_out == {
        "network-databricks-host-subnet",
        "network-databricks-container-subnet",
        "network-aks-nodes-subnet",
    }


def test_subnets_are_changed_one_after_the_other(local) -> None:
    """Azure refuses two changes of one network at a time."""
    subnets = [found.urn for found in local["foundation"].of_type("azure-native:network:Subnet")]
    before = {
        found.urn: {urn for urn in found.dependencies if urn in subnets}
        for found in local["foundation"].of_type("azure-native:network:Subnet")
    }
    assert sorted(len(earlier) for earlier in before.values()) == [0, 1, 1, 1, 1]
    assert len(set().union(*before.values())) == 4


def test_aks_is_hardened(local) -> None:
    cluster = local["foundation"].one(CLUSTER).inputs
    assert cluster["disableLocalAccounts"] is True
    assert cluster["enableRBAC"] is True
    assert cluster["aadProfile"]["enableAzureRBAC"] is True
    assert cluster["apiServerAccessProfile"] == {
        "authorizedIPRanges": ["203.0.113.0/24"],
        "disableRunCommand": True,
        "enablePrivateCluster": False,
        "enableVnetIntegration": True,
        "subnetId": cluster["apiServerAccessProfile"]["subnetId"],
    }
    assert cluster["networkProfile"]["networkPolicy"] == "cilium"
    assert cluster["networkProfile"]["networkPluginMode"] == "overlay"
    assert cluster["networkProfile"]["outboundType"] == "userAssignedNATGateway"
    assert cluster["oidcIssuerProfile"] == {"enabled": True}
    assert cluster["securityProfile"]["workloadIdentity"] == {"enabled": True}
    assert cluster["securityProfile"]["imageCleaner"] == {"enabled": True, "intervalHours": 120}
    assert cluster["securityProfile"]["defender"]["securityMonitoring"] == {"enabled": True}
    assert cluster["addonProfiles"]["azurepolicy"] == {"enabled": True}
    assert (
        cluster["addonProfiles"]["azureKeyvaultSecretsProvider"]["config"]["enableSecretRotation"] == "true"
    )
    assert cluster["autoUpgradeProfile"] == {"nodeOSUpgradeChannel": "NodeImage", "upgradeChannel": "stable"}
    assert cluster["nodeResourceGroupProfile"] == {"restrictionLevel": "ReadOnly"}


def test_aks_pools_are_hardened_and_the_workloads_pool_is_its_own(local) -> None:
    system = local["foundation"].one(CLUSTER).inputs["agentPoolProfiles"]
    assert [pool["nodeTaints"] for pool in system] == [["CriticalAddonsOnly=true:NoSchedule"]]
    workload = local["foundation"].one("azure-native:containerservice:AgentPool")
    assert workload.ignore_changes == ("count", "orchestratorVersion")
    for pool in (system[0], workload.inputs):
        assert pool["enableNodePublicIP"] is False
        assert pool["enableEncryptionAtHost"] is True
        assert pool["osDiskType"] == "Ephemeral"
        assert pool["osSKU"] == "AzureLinux"
        assert pool["availabilityZones"] == ["1", "2", "3"]


def test_aks_without_an_allow_list_has_no_public_api_server(render_layers, project, tmp_path) -> None:
    spec = tmp_path / "closed.yaml"
    text = (project.environments / "local.yaml").read_text()
    start, end = text.index("access:"), text.index("# In the order")
    text = text[:start] + "access: {mode: private}\n\n" + text[end:]
    spec.write_text(text.replace("name: local", "name: closed"))
    foundation = render_layers(spec)["foundation"]
    api = foundation.one(CLUSTER).inputs["apiServerAccessProfile"]
    assert api["enablePrivateCluster"] is True
    assert api["enablePrivateClusterPublicFQDN"] is False
    assert "authorizedIPRanges" not in api
    assert foundation.one(WORKSPACE).inputs["publicNetworkAccess"] == "Disabled"
    assert foundation.one(REGISTRY).inputs["publicNetworkAccess"] == "Disabled"
