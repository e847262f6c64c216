"""Azure Machine Learning: nothing runs until it is asked for, and nothing is open that needs no opening."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeplane.render import Graph

GOLDEN = Path(__file__).parent / "golden"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
COMPUTE = "azure-native:machinelearningservices:Compute"
ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
RULE = "azure-native:machinelearningservices:ManagedNetworkSettingsRule"
VAULT = "azure-native:keyvault:Vault"
KEY = "azure-native:keyvault:Key"
ROLE = "azure-native:authorization:RoleAssignment"

Foundation = Callable[..., Graph]


@pytest.fixture(scope="module")
def dev(foundation: Foundation) -> Graph:
    return foundation("dev")


@pytest.fixture(scope="module")
def serving(foundation: Foundation) -> Graph:
    """GPU cluster, and two versions of the model beside each other."""
    text = "ml: {gpu_size: Standard_NC4as_T4_v3, endpoint: {model_version: 4, kept_versions: [3]}}\n"
    return foundation("prod", text)


def rights(graph: Graph, start: str) -> set[tuple[str, str]]:
    """Roles given by a part of the program: the end of the role's id and the kind of its scope."""
    return {
        (found.inputs["roleDefinitionId"].rpartition("/")[2], found.inputs["scope"].split("/")[-2])
        for found in graph.of_type(ROLE)
        if found.name.startswith(start)
    }


@pytest.mark.parametrize("tier", ["dev", "prod"])
def test_inputs_stay_as_they_are(foundation: Foundation, tier: str) -> None:
    """Rewrite the golden files with UPDATE_GOLDEN=1."""
    graph = foundation(tier)
    found = {
        resource.name: resource.inputs
        for resource in graph.resources
        if resource.type.startswith("azure-native:machinelearningservices:")
    }
    golden = GOLDEN / f"{tier}.ml.json"
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_clusters_start_from_none_and_let_nobody_in(serving: Graph) -> None:
    names = {found.inputs["computeName"] for found in serving.of_type(COMPUTE)}
    assert names == {"cpu-cluster", "gpu-cluster", "image-build"}
    for compute in serving.of_type(COMPUTE):
        properties = compute.inputs["properties"]
        assert properties["computeType"] == "AmlCompute"
        assert properties["disableLocalAuth"] is True
        nodes = properties["properties"]
        assert nodes["enableNodePublicIp"] is False
        assert nodes["remoteLoginPortPublicAccess"] == "Disabled"
        assert "userAccountCredentials" not in nodes
        assert nodes["scaleSettings"]["minNodeCount"] == 0
        assert nodes["scaleSettings"]["nodeIdleTimeBeforeScaleDown"] == "PT15M"
        assert compute.inputs["identity"] == {"type": "SystemAssigned"}


def test_gpu_cluster_comes_only_when_asked_for(dev: Graph) -> None:
    assert {found.inputs["computeName"] for found in dev.of_type(COMPUTE)} == {"cpu-cluster", "image-build"}


def test_the_image_builder_that_the_workspace_names_is_there(dev: Graph) -> None:
    named = dev.one(WORKSPACE).inputs["imageBuildCompute"]
    assert named in {found.inputs["computeName"] for found in dev.of_type(COMPUTE)}


def test_jobs_get_no_right_to_the_vault_or_the_lake(dev: Graph) -> None:
    storage = dev.one(WORKSPACE).inputs["storageAccount"]
    for found in dev.of_type(ROLE):
        if found.name.startswith(("ml-compute-", "ml-endpoint-")):
            scope = found.inputs["scope"]
            assert scope == storage or "/registries/" in scope
    push, pull = "8311e382-0749-4cb8-b61a-304f252e45ec", "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    assert (push, "registries") in rights(dev, "ml-compute-image-build")
    assert (pull, "registries") in rights(dev, "ml-compute-cpu-cluster")
    assert (push, "registries") not in rights(dev, "ml-compute-cpu-cluster")


def test_workspace_keeps_to_identities_and_its_managed_network(dev: Graph) -> None:
    workspace = dev.one(WORKSPACE).inputs
    assert workspace["managedNetwork"]["isolationMode"] == "AllowOnlyApprovedOutbound"
    assert workspace["provisionNetworkNow"] is True
    assert workspace["systemDatastoresAuthMode"] == "Identity"
    (account,) = [found for found in dev.resources if found.name == "ml-account"]
    assert account.inputs["allowSharedKeyAccess"] is False
    assert account.inputs["isHnsEnabled"] is False
    (log,) = [found for found in dev.resources if found.name == "ml-log"]
    assert log.inputs["logs"] == [{"categoryGroup": "allLogs", "enabled": True}]


def test_workspace_identity_has_what_the_service_asks_for(dev: Graph) -> None:
    contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c"
    given = rights(dev, "ml-workspace-") | rights(dev, "ml-storage") | rights(dev, "ml-vault")
    given |= rights(dev, "ml-registry") | rights(dev, "ml-insights")
    for scope in ("workspaces", "storageAccounts", "vaults", "registries", "components"):
        assert (contributor, scope) in given
    assert ("00482a5a-887f-4fb3-b363-3b7fe8e74483", "vaults") in given


def test_the_vault_that_the_workspace_administers_is_its_own(foundation: Foundation) -> None:
    """Whoever takes over the workspace's identity reads no key of the lake or a cluster."""
    principal = "00000000-0000-4000-8000-0000000000db"
    keys = f"encryption: {{mode: customer_managed, databricks_principal: {principal}}}\n"
    graph = foundation("prod", keys)
    vaults = {found.inputs["vaultName"]: found for found in graph.of_type(VAULT)}
    own = vaults[graph.one(WORKSPACE).inputs["keyVault"].rpartition("/")[2]]
    scopes = {
        found.inputs["scope"].partition("/vaults/")[2]
        for found in graph.of_type(ROLE)
        if found.name.startswith("ml-") and "/vaults/" in found.inputs["scope"]
    }
    assert scopes == {own.inputs["vaultName"]}
    assert own.inputs["vaultName"] not in {found.inputs["vaultName"] for found in graph.of_type(KEY)}
    properties = own.inputs["properties"]
    assert properties["publicNetworkAccess"] == "Disabled", "in both access modes"
    assert properties["enablePurgeProtection"] is True
    links = [
        link["privateLinkServiceId"]
        for endpoint in graph.of_type("azure-native:network:PrivateEndpoint")
        for link in endpoint.inputs["privateLinkServiceConnections"]
    ]
    assert graph.one(WORKSPACE).inputs["keyVault"] in links


def test_a_cluster_may_go_though_what_it_had_rights_on_is_locked(foundation: Foundation) -> None:
    """A delete lock holds for role assignments too (Microsoft Learn, "Lock your Azure resources")."""
    one, other = (
        {
            found.name: found
            for found in foundation("prod", f"ml: {{cpu_size: {size}}}\n").of_type(ROLE)
            if found.name.startswith("ml-compute-")
        }
        for size in ("Standard_D4ds_v5", "Standard_D8ds_v5")
    )
    assert one
    for name, assignment in one.items():
        assert assignment.retain_on_delete
        names = {found[name].inputs["roleAssignmentName"] for found in (one, other)}
        assert len(names) == 2, "the old one stays under its name"
    in_dev = [found for found in foundation("dev").of_type(ROLE) if found.name.startswith("ml-compute-")]
    assert in_dev
    assert not [found.name for found in in_dev if found.retain_on_delete]


def test_endpoint_stands_without_a_model_and_knows_entra_only(dev: Graph) -> None:
    endpoint = dev.one(ENDPOINT)
    assert endpoint.inputs["properties"]["authMode"] == "AADToken"
    assert "keys" not in endpoint.inputs["properties"]
    assert set(endpoint.ignore_changes) == {"properties.mirrorTraffic", "properties.traffic"}
    assert "traffic" not in endpoint.inputs["properties"]
    assert not list(dev.of_type(DEPLOYMENT))
    assert not list(dev.of_type(RULE)), "nothing is built, so no host on the internet is needed"


def test_each_named_version_is_a_deployment(serving: Graph) -> None:
    found = {each.inputs["deploymentName"]: each.inputs for each in serving.of_type(DEPLOYMENT)}
    assert set(found) == {"version-3", "version-4"}
    for version in (3, 4):
        deployment = found[f"version-{version}"]
        assert deployment["properties"]["model"].endswith(f"/models/load_forecast/versions/{version}")
        assert deployment["properties"]["endpointComputeType"] == "Managed"
        assert deployment["sku"] == {"capacity": 3, "name": "Default", "tier": "Standard"}


def test_a_new_version_leaves_the_old_deployment_alone(foundation: Foundation, serving: Graph) -> None:
    before = foundation("prod", "ml: {endpoint: {model_version: 3}}\n")
    (old,) = before.of_type(DEPLOYMENT)
    after = {found.urn: found.inputs for found in serving.of_type(DEPLOYMENT)}
    assert after[old.urn] == old.inputs


def test_hosts_are_opened_one_after_the_other_and_only_if_named(
    foundation: Foundation, serving: Graph
) -> None:
    assert not list(serving.of_type(RULE))
    named = foundation("dev", "ml: {allowed_hosts: [packages.contoso.example, '*.conda.contoso.example']}\n")
    rules = list(named.of_type(RULE))
    hosts = {found.inputs["properties"]["destination"] for found in rules}
    assert hosts == {"packages.contoso.example", "*.conda.contoso.example"}
    urns = {found.urn for found in rules}
    assert sorted(len(urns.intersection(found.dependencies)) for found in rules) == [0, 1], (
        "one change at a time"
    )


@pytest.mark.parametrize(
    ("access", "answer"),
    [("{mode: private}", "Disabled"), ("{mode: allow_list, addresses: [203.0.113.0/24]}", "Enabled")],
)
def test_public_access_follows_the_access_mode(foundation: Foundation, access: str, answer: str) -> None:
    graph = foundation("dev", access=access)
    assert graph.one(WORKSPACE).inputs["publicNetworkAccess"] == answer
    assert graph.one(ENDPOINT).inputs["properties"]["publicNetworkAccess"] == answer
