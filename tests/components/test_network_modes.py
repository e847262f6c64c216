"""What an environment's network, access mode and keys make of every resource."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from lakeplane.program import main
from lakeplane.render import Graph, render
from lakeplane.spec import load_spec

ENDPOINT = "azure-native:network:PrivateEndpoint"
ZONE = "azure-native:privatedns:PrivateZone"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
WORKSPACE = "azure-native:databricks:Workspace"
ACCOUNT = "azure-native:storage:StorageAccount"
# Kinds that every foundation has, whatever its network and keys.
ALWAYS = {
    "azure-native:containerregistry:Registry",
    "azure-native:containerservice:ManagedCluster",
    "azure-native:databricks:AccessConnector",
    "azure-native:keyvault:Vault",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:monitor:ActionGroup",
    "azure-native:monitor:ScheduledQueryRule",
    "azure-native:operationalinsights:Workspace",
    "azure-native:storage:ManagementPolicy",
    ACCOUNT,
    ENDPOINT,
    WORKSPACE,
}
OWN_NETWORK = {"azure-native:network:VirtualNetwork", "azure-native:network:Subnet"}
NAT = {"azure-native:network:NatGateway", "azure-native:network:PublicIPAddress"}
# Log ingestion and queries go by Azure Monitor's own addresses; Entra and roles close them.
PUBLIC_BY_NATURE = {
    "azure-native:applicationinsights:Component",
    "azure-native:monitor:AzureMonitorWorkspace",
    "azure-native:monitor:DataCollectionEndpoint",
    "azure-native:operationalinsights:Workspace",
}


@pytest.fixture(scope="module")
def modes(project) -> dict[str, Graph]:
    specs = {
        "prod": project.environments / "prod.yaml",
        "brought": project.environments / "bring_your_own.yaml",
        "alone": project.environments / "examples" / "waf_aligned.yaml",
        "open": project.environments / "examples" / "max.yaml",
    }
    return {mode: render_foundation(project, spec) for mode, spec in specs.items()}


def render_foundation(project, spec) -> Graph:
    config = {"lakeplane:spec": str(spec), "lakeplane:wheel": "none-is-needed.whl"}
    with contextlib.chdir(project.stacks):
        stack = f"{load_spec(spec).name}.foundation"
        return render(main, project="lakeplane", stack=stack, config=config)


def kinds(graph: Graph) -> set[str]:
    return {found.type for found in graph.resources if found.package == "azure-native"}


def test_each_way_of_having_a_network_makes_what_is_ours_alone(modes) -> None:
    for mode, graph in modes.items():
        assert kinds(graph) >= ALWAYS, mode
    peering, routes = "azure-native:network:VirtualNetworkPeering", "azure-native:network:RouteTable"
    assert kinds(modes["alone"]) >= OWN_NETWORK | NAT | {ZONE}
    assert kinds(modes["alone"]).isdisjoint({peering, routes})
    assert kinds(modes["prod"]) >= OWN_NETWORK | {peering, routes}
    assert kinds(modes["prod"]).isdisjoint(NAT | {ZONE})
    assert kinds(modes["brought"]).isdisjoint(OWN_NETWORK | NAT | {ZONE, peering, routes})


@pytest.mark.parametrize("mode", ["prod", "brought", "alone"])
def test_private_mode_leaves_no_public_door(modes, mode: str) -> None:
    doors = 0
    for resource in modes[mode].resources:
        if resource.type in PUBLIC_BY_NATURE:
            continue
        for path, value in leaves(resource.inputs):
            if path.endswith("publicNetworkAccess"):
                doors += 1
                assert value == "Disabled", f"{resource.urn} {path}"
            if path.endswith(("ipRules", "authorizedIPRanges")):
                assert value in ([], None), f"{resource.urn} {path}"
    assert doors >= 6, "lake, vault, registry, two workspaces, the ML account"
    cluster = modes[mode].one("azure-native:containerservice:ManagedCluster").inputs
    assert cluster["apiServerAccessProfile"]["enablePrivateCluster"] is True


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield f"{path}.{key}", item
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")


@pytest.mark.parametrize("mode", ["prod", "brought", "alone", "open"])
def test_back_end_is_private_in_every_mode(modes, mode: str) -> None:
    graph = modes[mode]
    endpoints = {found.name: found.inputs for found in graph.of_type(ENDPOINT)}
    assert set(endpoints) - {"databricks-browser-authentication-endpoint"} >= {
        "lake-blob-endpoint",
        "lake-dfs-endpoint",
        "vault-vault-endpoint",
        "registry-registry-endpoint",
        "databricks-databricks-ui-api-endpoint",
        "databricks-root-blob-endpoint",
        "databricks-root-dfs-endpoint",
        "ml-amlworkspace-endpoint",
    }
    # There is one for a region and its DNS zone: the hub's, or whoever's came first.
    assert ("databricks-browser-authentication-endpoint" in endpoints) == (mode == "alone")
    workspace = graph.one(WORKSPACE).inputs
    assert workspace["requiredNsgRules"] == "NoAzureDatabricksRules"
    assert workspace["parameters"]["enableNoPublicIp"] == {"value": True}
    for subnet in graph.of_type("azure-native:network:Subnet"):
        assert "serviceEndpoints" not in subnet.inputs


def test_names_are_registered_where_the_zones_are(modes) -> None:
    groups = {mode: list(g.of_type("azure-native:network:PrivateDnsZoneGroup")) for mode, g in modes.items()}
    for found in groups["prod"]:
        for zone in found.inputs["privateDnsZoneConfigs"]:
            assert "/resourceGroups/rg-contoso-hub-westeurope/" in zone["privateDnsZoneId"]
    for found in groups["brought"]:
        for zone in found.inputs["privateDnsZoneConfigs"]:
            assert "/resourceGroups/rg-private-dns/" in zone["privateDnsZoneId"]
    assert len(groups["alone"]) == len(list(modes["alone"].of_type(ENDPOINT)))


def test_behind_a_firewall_everything_leaves_through_it(modes) -> None:
    (table,) = modes["prod"].of_type("azure-native:network:RouteTable")
    (route,) = table.inputs["routes"]
    assert (route["addressPrefix"], route["nextHopType"]) == ("0.0.0.0/0", "VirtualAppliance")
    assert route["nextHopIpAddress"] == "10.16.0.4"
    routed = {
        s.name for s in modes["prod"].of_type("azure-native:network:Subnet") if "routeTable" in s.inputs
    }
    assert routed == {
        "network-aks-nodes-subnet",
        "network-databricks-container-subnet",
        "network-databricks-host-subnet",
    }
    peerings = list(modes["prod"].of_type("azure-native:network:VirtualNetworkPeering"))
    assert {found.provider.rpartition("::")[2] for found in peerings} == {"azure", "hub"}


@pytest.mark.parametrize("mode", ["prod", "alone", "open"])
def test_rights_on_keys_come_before_their_use(modes, mode: str) -> None:
    graph = modes[mode]
    by_urn = {found.urn: found for found in graph.resources}
    lake = next(found for found in graph.of_type(ACCOUNT) if found.name == "lake-account")
    assert lake.inputs["encryption"]["keySource"] == "Microsoft.Keyvault"
    assert "keys-lake-role" in {by_urn[urn].name for urn in lake.dependencies}
    workspace = graph.one(WORKSPACE)
    assert "databricks-services-key-role" in {by_urn[urn].name for urn in workspace.dependencies}
    parameters = workspace.inputs["parameters"]
    assert parameters["prepareEncryption"] == {"value": True}
    assert "encryption" not in parameters, "Databricks takes the root's key once the workspace exists"
    after = {"databricks-disks-key-role", "databricks-root-key-role"}
    for assignment in graph.of_type(ASSIGNMENT):
        if assignment.name in after:
            after.remove(assignment.name)
            assert assignment.inputs["scope"].rpartition("/keys/")[2].startswith("encrypt-databricks-")
            assert workspace.urn in assignment.property_dependencies["principalId"]
    assert not after


def test_registry_reads_its_key_in_a_vault_of_its_own(modes) -> None:
    vaults = {found.name: found.inputs for found in modes["open"].of_type("azure-native:keyvault:Vault")}
    own = vaults["registry-vault-vault"]["properties"]
    assert own["networkAcls"]["defaultAction"] == "Allow"
    assert own["enableRbacAuthorization"] is True
    assert vaults["vault-vault"]["properties"]["networkAcls"]["defaultAction"] == "Deny"
    registry = modes["open"].one("azure-native:containerregistry:Registry").inputs
    assert "/keys/encrypt-registry" in registry["encryption"]["keyVaultProperties"]["keyIdentifier"]


def test_prod_locks_what_holds_data(modes) -> None:
    locks = list(modes["prod"].of_type("azure-native:authorization:ManagementLockByScope"))
    assert {found.name for found in locks} == {
        *("aks-vault-lock", "databricks-lock", "lake-lock", "ml-storage-lock", "ml-vault-lock"),
        *("registry-lock", "vault-lock"),
    }
    assert {found.inputs["level"] for found in locks} == {"CanNotDelete"}


def test_budget_counts_the_groups_of_the_machines_and_keeps_its_start(modes) -> None:
    budget = modes["prod"].one("azure-native:consumption:Budget")
    assert budget.inputs["timePeriod"] == {"startDate": {"$unknown": True}}, "known from the first update on"
    assert modes["prod"].one("pulumi:index:Stash").ignore_changes == ("input",)
    thresholds = [one["threshold"] for one in budget.inputs["notifications"].values()]
    assert sorted(thresholds) == [80, 100, 120]
    groups = budget.inputs["filter"]["dimensions"]["values"]
    assert [name.partition("-contoso")[0] for name in groups] == ["rg", "rg-dbw", "rg-aks"]
    assert not list(modes["brought"].of_type("azure-native:consumption:Budget")), "none is asked for"


def test_alerts_are_told_to_whom_the_spec_names(modes) -> None:
    group = modes["prod"].one("azure-native:monitor:ActionGroup").inputs
    assert [one["emailAddress"] for one in group["emailReceivers"]] == [
        "data-platform@contoso.example",
        "on-call@contoso.example",
    ]
    owner = modes["brought"].one("azure-native:monitor:ActionGroup").inputs
    assert [one["emailAddress"] for one in owner["emailReceivers"]] == ["data-platform@contoso.example"]
