"""What the simulated Databricks account takes and refuses, and what a hub's own resources ask of Azure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.runtime.proto import provider_pb2

from lakeplane.provider_models.wire import decode_struct, encode_struct

from .conftest import GROUP, SUBSCRIPTION, WORKSPACE_ID

if TYPE_CHECKING:
    from .conftest import Cloud

D = "databricks:index/"
METASTORE = f"{D}metastore:Metastore"
CONFIG = f"{D}mwsNetworkConnectivityConfig:MwsNetworkConnectivityConfig"
RULE = f"{D}mwsNccPrivateEndpointRule:MwsNccPrivateEndpointRule"
ASSIGNMENT = f"{D}metastoreAssignment:MetastoreAssignment"
BINDING = f"{D}mwsNccBinding:MwsNccBinding"
BUDGET = f"{D}budget:Budget"
ACCOUNT = "ac000000-0000-4000-8000-000000000003"
FOREIGN_METASTORE = "3e7a0000-0000-4000-8000-000000000004"
RG = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test"
LAKE = f"{RG}/providers/Microsoft.Storage/storageAccounts/sttest"
NETWORK = "azure-native:network"


@pytest.fixture
def account(cloud: Cloud) -> Cloud:
    """Let the cloud's Databricks provider speak to the account, as a hub's does."""
    host = "https://accounts.azuredatabricks.net"
    cloud.databricks = cloud.instance({"accountId": ACCOUNT, "host": host})
    return cloud


def config(account: Cloud, name: str = "ncc-hub", region: str = "westeurope") -> str:
    _, outputs = account.create(CONFIG, name, {"name": name, "region": region})
    return str(outputs["networkConnectivityConfigId"])


def rule(config_id: str, group: str = "dfs") -> dict[str, str]:
    return {"networkConnectivityConfigId": config_id, "resourceId": LAKE, "groupId": group}


def workspace(account: Cloud, region: str = "westeurope") -> str:
    account.create("azure-native:resources:ResourceGroup", "group", GROUP)
    inputs = {
        "resourceGroupName": "rg-test",
        "workspaceName": "dbw-test",
        "location": region,
        "sku": {"name": "premium"},
        "managedResourceGroupId": "x",
        "computeMode": "Hybrid",
    }
    return str(account.create("azure-native:databricks:Workspace", "workspace", inputs)[1]["workspaceId"])


def invoke(cloud: Cloud, function: str, **arguments: Any) -> dict[str, Any]:
    token = f"{D}{function}:{function}"
    request = provider_pb2.InvokeRequest(tok=token, args=encode_struct(arguments))
    return decode_struct(getattr(cloud.databricks.Invoke(request), "return"))


def test_an_accounts_objects_need_an_account(cloud: Cloud, refused: Callable[..., str]) -> None:
    refused(lambda: config(cloud), "account_id", "https://accounts.azuredatabricks.net")
    refused(lambda: invoke(cloud, "getMetastore", name="westeurope"), "account_id")


@pytest.mark.parametrize(
    ("token", "inputs", "path"),
    [
        (CONFIG, {"name": "a b", "region": "westeurope"}, "name"),
        (CONFIG, {"name": "x" * 31, "region": "westeurope"}, "name"),
        (METASTORE, {"name": "west/europe", "region": "westeurope"}, "name"),
        (METASTORE, {"name": "westeurope"}, "region"),
        (RULE, {**rule("c"), "resourceId": "sttest"}, "resourceId"),
        (RULE, {"networkConnectivityConfigId": "c", "groupId": "dfs"}, "resourceId"),
        (RULE, {"networkConnectivityConfigId": "c", "resourceId": LAKE}, "groupId"),
    ],
)
def test_wrong_inputs_are_refused_by_their_path(
    account: Cloud, token: str, inputs: dict[str, Any], path: str
) -> None:
    assert list(account.check(token, "x", inputs)[1]) == [path]


def test_a_region_has_one_metastore(account: Cloud, refused: Callable[..., str]) -> None:
    def create(name: str, region: str) -> str:
        return account.create(METASTORE, name, {"name": name, "region": region})[0]

    first = create("one", "westeurope")
    refused(lambda: create("two", "westeurope"), f"westeurope has the metastore {first} already")
    assert create("three", "northeurope") != first


def test_a_region_has_ten_configs_at_most_each_with_a_name_of_its_own(
    account: Cloud, refused: Callable[..., str]
) -> None:
    for number in range(10):
        config(account, f"ncc-{number}")
    refused(lambda: config(account, "ncc-10"), "10 configs already")
    assert config(account, "ncc-11", "northeurope")
    refused(
        lambda: account.create(CONFIG, "again", {"name": "ncc-11", "region": "uksouth"}),
        "the name 'ncc-11' is taken",
    )


def test_private_endpoints_of_serverless_compute_wait_for_their_owner(
    account: Cloud, refused: Callable[..., str]
) -> None:
    here = config(account)
    _, made = account.create(RULE, "dfs", rule(here))
    assert made["connectionState"] == "PENDING"
    refused(lambda: account.create(RULE, "again", rule(here)), "already")
    assert account.create(RULE, "blob", rule(here, "blob"))[0]
    refused(
        lambda: account.create(RULE, "lost", rule("00000000-0000-5000-8000-000000000009")),
        "there is no network connectivity config",
    )


def test_a_config_in_use_is_not_deleted(account: Cloud, refused: Callable[..., str]) -> None:
    here = config(account)
    made, _ = account.create(RULE, "dfs", rule(here))
    refused(lambda: account.delete(CONFIG, "ncc-hub", f"{ACCOUNT}/{here}"), "in use by", made)
    account.delete(RULE, "dfs", made)
    account.delete(CONFIG, "ncc-hub", f"{ACCOUNT}/{here}")


def test_a_workspace_has_one_metastore_and_one_config_of_its_region(
    account: Cloud, refused: Callable[..., str]
) -> None:
    number = workspace(account)
    abroad = config(account, "ncc-abroad", "northeurope")

    def bind(config_id: str, name: str = "binding", workspace_id: str = number) -> str:
        inputs = {"networkConnectivityConfigId": config_id, "workspaceId": workspace_id}
        return account.create(BINDING, name, inputs)[0]

    refused(lambda: bind(abroad), "the workspace is in westeurope, not in northeurope")
    refused(lambda: bind(abroad, workspace_id="7"), "there is no workspace 7")
    here = config(account)
    assert bind(here)
    second = config(account, "ncc-second")
    refused(lambda: bind(second, "second"), "bound to one network connectivity config")
    assigned = {"metastoreId": FOREIGN_METASTORE, "workspaceId": number}
    assert account.create(ASSIGNMENT, "metastore", assigned)[0] == f"{number}|{FOREIGN_METASTORE}"
    other = {**assigned, "metastoreId": "00000000-0000-4000-8000-00000000000f"}
    refused(lambda: account.create(ASSIGNMENT, "another", other), "has the metastore of")


def test_serverless_egress_is_restricted_by_names(account: Cloud, refused: Callable[..., str]) -> None:
    policy = f"{D}accountNetworkPolicy:AccountNetworkPolicy"

    def inputs(mode: str, kind: str = "DNS_NAME") -> dict[str, Any]:
        destination = {"destination": "packages.contoso.example", "internetDestinationType": kind}
        access = {"restrictionMode": mode, "allowedInternetDestinations": [destination]}
        return {"networkPolicyId": "np-hub", "egress": {"networkAccess": access}}

    path = "egress.networkAccess"
    place = f"{path}.allowedInternetDestinations[0]"
    assert account.check(policy, "p", inputs("RESTRICTED_ACCESS"))[1] == {}
    assert set(account.check(policy, "p", inputs("CLOSED"))[1]) == {f"{path}.restrictionMode"}
    assert set(account.check(policy, "p", inputs("FULL_ACCESS"))[1]) == {place}
    assert set(account.check(policy, "p", inputs("RESTRICTED_ACCESS", "IP_RANGE"))[1]) == {place}
    option = {"networkPolicyId": "np-hub", "workspaceId": "7"}
    token = f"{D}workspaceNetworkOption:WorkspaceNetworkOption"
    refused(lambda: account.create(token, "option", option), "there is no workspace 7")
    number = workspace(account)
    assert account.create(token, "option", {**option, "workspaceId": number})[0] == number


def test_budget_counts_a_workspace_of_the_account_and_tells_somebody(
    account: Cloud, refused: Callable[..., str]
) -> None:
    mail = {"actionType": "EMAIL_NOTIFICATION", "target": "data-platform@contoso.example"}
    alert = {"quantityThreshold": "5000", "actionConfigurations": [mail]}

    def inputs(*alerts: dict[str, Any], workspace_id: int = 7) -> dict[str, Any]:
        counted = {"workspaceId": {"operator": "IN", "values": [workspace_id]}}
        return {"displayName": "budget-x", "alertConfigurations": list(alerts), "filter": counted}

    place = "alertConfigurations"
    assert account.check(BUDGET, "b", inputs(alert))[1] == {}
    assert set(account.check(BUDGET, "b", inputs())[1]) == {place}
    assert set(account.check(BUDGET, "b", inputs(alert, alert))[1]) == {place}
    blocking = {**alert, "actionConfigurations": [{**mail, "actionType": "BLOCK_USAGE"}]}
    assert set(account.check(BUDGET, "b", inputs(blocking))[1]) == {f"{place}[0].actionConfigurations"}
    silent = {"quantityThreshold": "a lot"}
    assert set(account.check(BUDGET, "b", inputs(silent))[1]) == {
        f"{place}[0].quantityThreshold",
        f"{place}[0].actionConfigurations",
    }
    refused(lambda: account.create(BUDGET, "b", inputs(alert)), "the account has no workspace 7")
    number = workspace(account)
    made, outputs = account.create(BUDGET, "b", inputs(alert, workspace_id=int(number)))
    assert made == f"{ACCOUNT}|{outputs['budgetConfigurationId']}"


def test_what_is_bound_goes_with_its_workspace(account: Cloud) -> None:
    number = workspace(account)
    account.create(ASSIGNMENT, "metastore", {"metastoreId": FOREIGN_METASTORE, "workspaceId": number})
    account.delete("azure-native:databricks:Workspace", "workspace", WORKSPACE_ID)
    assert not account.resources.of_type(ASSIGNMENT)


def test_what_others_made_of_the_account_is_found_by_its_name(account: Cloud) -> None:
    own = config(account)
    found = invoke(account, "getMwsNetworkConnectivityConfig", name="ncc-hub")
    assert (found["networkConnectivityConfigId"], found["accountId"]) == (own, ACCOUNT)
    foreign = invoke(account, "getMwsNetworkConnectivityConfig", name="ncc-of-others")
    again = invoke(account, "getMwsNetworkConnectivityConfig", name="ncc-of-others")
    assert foreign == again
    assert foreign["networkConnectivityConfigId"] != own
    assert account.create(RULE, "dfs", rule(foreign["networkConnectivityConfigId"]))[0]
    metastore = invoke(account, "getMetastore", name="westeurope")
    number = workspace(account)
    assigned = {"metastoreId": metastore["metastoreId"], "workspaceId": number}
    assert account.create(ASSIGNMENT, "metastore", assigned)[0]


def test_firewall_stands_in_a_subnet_of_its_own(cloud: Cloud) -> None:
    subnet = {
        "resourceGroupName": "rg-test",
        "virtualNetworkName": "vnet",
        "subnetName": "AzureFirewallSubnet",
    }
    small = {**subnet, "addressPrefix": "10.0.0.0/27", "networkSecurityGroup": {"id": "/nsg"}}
    assert set(cloud.check(f"{NETWORK}:Subnet", "s", small)[1]) == {"addressPrefix", "networkSecurityGroup"}
    assert cloud.check(f"{NETWORK}:Subnet", "s", {**subnet, "addressPrefix": "10.0.0.0/26"})[1] == {}
    firewall = {
        **GROUP,
        "azureFirewallName": "afw",
        "ipConfigurations": [{"name": "egress", "subnet": {"id": f"{RG}/subnets/snet-firewall"}}],
    }
    assert set(cloud.check(f"{NETWORK}:AzureFirewall", "f", firewall)[1]) == {"ipConfigurations[0].subnet"}


def test_firewall_gets_the_first_address_that_azure_leaves(cloud: Cloud) -> None:
    cloud.create("azure-native:resources:ResourceGroup", "group", GROUP)
    where = {"resourceGroupName": "rg-test", "virtualNetworkName": "vnet"}
    cloud.create(f"{NETWORK}:VirtualNetwork", "vnet", {**where, "location": "westeurope"})
    own = {**where, "subnetName": "AzureFirewallSubnet", "addressPrefix": "10.16.0.64/26"}
    subnet, _ = cloud.create(f"{NETWORK}:Subnet", "s", own)
    firewall = {
        **GROUP,
        "azureFirewallName": "afw",
        "ipConfigurations": [{"name": "egress", "subnet": {"id": subnet}}],
    }
    _, made = cloud.create(f"{NETWORK}:AzureFirewall", "f", firewall)
    assert made["ipConfigurations"][0]["privateIPAddress"] == "10.16.0.68"


def test_container_job_takes_two_gib_for_each_core(cloud: Cloud) -> None:
    def job(cpu: float, memory: str) -> dict[str, Any]:
        container = {"name": "x", "image": "y", "resources": {"cpu": cpu, "memory": memory}}
        return {**GROUP, "jobName": "caj-x", "environmentId": "e", "template": {"containers": [container]}}

    assert set(cloud.check("azure-native:app:Job", "j", job(2, "8Gi"))[1]) == {"template.containers"}
    assert cloud.check("azure-native:app:Job", "j", job(0.5, "1Gi"))[1] == {}


@pytest.fixture
def cluster() -> dict[str, Any]:
    pool = {
        "name": "system",
        "mode": "System",
        "vmSize": "Standard_D4ds_v5",
        "count": 2,
        "vnetSubnetID": "/s",
    }
    identity = f"{RG}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-aks"
    zone = f"{RG.replace('rg-test', 'rg-hub')}/providers/Microsoft.Network/privateDnsZones/private.westeurope"
    return {
        **GROUP,
        "resourceName": "aks-test",
        "fqdnSubdomain": "aks-test",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]},
        "agentPoolProfiles": [pool],
        "apiServerAccessProfile": {
            "enableVnetIntegration": True,
            "subnetId": "/a",
            "enablePrivateCluster": True,
            "enablePrivateClusterPublicFQDN": False,
            "privateDNSZone": f"{zone}.azmk8s.io",
        },
    }


AKS = "azure-native:containerservice:ManagedCluster"


@pytest.mark.parametrize(
    ("changes", "zone", "path"),
    [
        ({"dnsPrefix": "x"}, None, "dnsPrefix"),
        ({}, "system", "fqdnSubdomain"),
        ({}, "privatelink.westeurope.azmk8s.io", "apiServerAccessProfile.privateDNSZone"),
        ({}, "private.northeurope.azmk8s.io", "apiServerAccessProfile.privateDNSZone"),
        ({"fqdnSubdomain": None, "dnsPrefix": "x"}, "none", "apiServerAccessProfile.privateDNSZone"),
        ({"identity": {"type": "SystemAssigned"}}, None, "identity.type"),
    ],
)
def test_a_private_api_servers_zone_has_the_form_that_aks_asks_for(
    cloud: Cloud, cluster: dict[str, Any], changes: dict[str, Any], zone: str | None, path: str
) -> None:
    assert cloud.check(AKS, "aks", cluster)[1] == {}
    access = cluster["apiServerAccessProfile"]
    own = access["privateDNSZone"]
    written = own if zone is None else zone if "." not in zone else f"{own.rpartition('/')[0]}/{zone}"
    changed = {**cluster, **changes, "apiServerAccessProfile": {**access, "privateDNSZone": written}}
    changed = {key: value for key, value in changed.items() if value is not None}
    assert path in cloud.check(AKS, "aks", changed)[1]


def test_a_cluster_needs_the_right_to_write_to_somebody_elses_zone(
    cloud: Cloud, cluster: dict[str, Any], refused: Callable[..., str]
) -> None:
    cloud.create("azure-native:resources:ResourceGroup", "group", GROUP)
    identity = {**GROUP, "resourceName": "id-aks"}
    _, known = cloud.create("azure-native:managedidentity:UserAssignedIdentity", "id", identity)
    zone = cluster["apiServerAccessProfile"]["privateDNSZone"]

    def create() -> dict[str, Any]:
        return cloud.create(AKS, "aks", cluster)[1]

    refused(create, "CustomPrivateDNSZoneMissingPermissionError", zone)
    right = {
        "scope": zone,
        "roleAssignmentName": "00000000-0000-4000-8000-000000000001",
        "roleDefinitionId": f"{RG}/x/roleDefinitions/b12aa53e-6015-4669-85d0-8515ebb3ae7f",
        "principalId": known["principalId"],
        "principalType": "ServicePrincipal",
    }
    cloud.create("azure-native:authorization:RoleAssignment", "right", right)
    made = create()
    assert made["privateFQDN"].endswith(".private.westeurope.azmk8s.io")
    assert "fqdn" not in made, "it has no public name"
