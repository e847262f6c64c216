"""AKS: hardened whatever the spec says, and sized by it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeplane.components.aks_node_pools import GPU_TAINT, OsDisk, os_disk
from lakeplane.provider_models.create_only import must_replace
from lakeplane.render import Graph, Resource
from lakeplane.spec.sizes import vm_sizes

GOLDEN = Path(__file__).parent / "golden"
CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
WINDOW = "azure-native:containerservice:MaintenanceConfiguration"
KEY_VAULT = "azure-native:keyvault:Vault"
KEY = "azure-native:keyvault:Key"
ROLE = "azure-native:authorization:RoleAssignment"
KMS = "aks: {gpu_node_size: Standard_NC4as_T4_v3, max_gpu_node_count: 3}\n"
KEYS = "encryption:\n  mode: customer_managed\n  databricks_principal: 00000000-0000-4000-8000-0000000000db\n"

Foundation = Callable[..., Graph]


@pytest.fixture(scope="module")
def prod(foundation: Foundation) -> Graph:
    return foundation("prod")


@pytest.fixture(scope="module")
def full(foundation: Foundation) -> Graph:
    """GPU nodes, keys of one's own, and no way in from outside."""
    return foundation("prod", KMS + KEYS, access="{mode: private}")


def pools(graph: Graph) -> list[dict[str, Any]]:
    cluster = graph.one(CLUSTER).inputs
    return [*cluster["agentPoolProfiles"], *(pool.inputs for pool in graph.of_type(POOL))]


@pytest.mark.parametrize("tier", ["dev", "prod"])
def test_inputs_stay_as_they_are(foundation: Foundation, tier: str) -> None:
    """Rewrite the golden files with UPDATE_GOLDEN=1."""
    graph = foundation(tier)
    found = {
        resource.name: resource.inputs
        for resource in graph.resources
        if resource.name.startswith("aks") and resource.inputs and resource.type != ROLE
    }
    golden = GOLDEN / f"{tier}.aks.json"
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_pool_is_hardened(full: Graph) -> None:
    assert len(pools(full)) == 3
    for pool in pools(full):
        assert pool["enableNodePublicIP"] is False
        assert pool["enableEncryptionAtHost"] is True
        assert pool["osSKU"] == "AzureLinux"
        assert pool["availabilityZones"] == ["1", "2", "3"]
        assert pool["enableAutoScaling"] is True
        assert pool["minCount"] <= pool["maxCount"]
        assert pool["maxPods"] >= 50
        assert pool["upgradeSettings"]["maxSurge"] == "33%"


@pytest.mark.parametrize(("tier", "nodes"), [("dev", 2), ("test", 2), ("prod", 3)])
def test_system_pool_takes_nothing_but_the_clusters_own_pods(
    foundation: Foundation, tier: str, nodes: int
) -> None:
    (pool,) = foundation(tier).one(CLUSTER).inputs["agentPoolProfiles"]
    assert (pool["minCount"], pool["mode"]) == (nodes, "System")
    assert pool["nodeTaints"] == ["CriticalAddonsOnly=true:NoSchedule"]
    assert vm_sizes()[pool["vmSize"]].vcpus >= 4


def test_gpu_nodes_come_only_when_asked_for_and_from_none(full: Graph, prod: Graph) -> None:
    assert [pool.inputs["agentPoolName"][:4] for pool in prod.of_type(POOL)] == ["work"]
    (gpu,) = [pool.inputs for pool in full.of_type(POOL) if pool.inputs["agentPoolName"].startswith("gpu")]
    assert (gpu["minCount"], gpu["count"], gpu["maxCount"]) == (0, 0, 3)
    assert gpu["nodeTaints"] == [GPU_TAINT]
    assert gpu["nodeLabels"] == {"lakeplane.io/pool": "gpu"}
    assert gpu["gpuProfile"] == {"driver": "Install"}
    assert gpu["osDiskType"] == "Managed", "nobody says that an ephemeral disk fits on this size"


def test_the_engine_leaves_numbers_and_versions_to_autoscaler_and_channel(full: Graph) -> None:
    for pool in full.of_type(POOL):
        assert set(pool.ignore_changes) == {"count", "orchestratorVersion"}
    assert set(full.one(CLUSTER).ignore_changes) == {
        "kubernetesVersion",
        "agentPoolProfiles[*].count",
        "agentPoolProfiles[*].orchestratorVersion",
    }


def test_another_size_is_another_pool(foundation: Foundation) -> None:
    names = {
        foundation("dev", f"aks: {{node_size: {size}}}\n").one(POOL).inputs["agentPoolName"]
        for size in ("Standard_D4ds_v5", "Standard_D8ds_v5")
    }
    assert len(names) == 2
    assert must_replace(POOL, "vmSize")
    assert must_replace(POOL, "osDiskSizeGB")
    assert must_replace(POOL, "agentPoolName")
    assert must_replace(POOL, "maxCount") is False


@pytest.mark.parametrize(
    ("size", "disk"),
    [
        ("Standard_D4ds_v5", OsDisk("Ephemeral", 128)),  # 150 GiB of temporary disk
        ("Standard_D2ds_v5", OsDisk("Ephemeral", 64)),  # 75 GiB
        ("Standard_D4s_v5", OsDisk("Managed")),  # none
        ("Standard_DS3_v2", OsDisk("Managed")),  # measured by its cache, which no table here has
        ("Standard_NC4as_T4_v3", OsDisk("Managed")),
        ("Standard_of_tomorrow", OsDisk("Managed")),
    ],
)
def test_os_disk_is_ephemeral_where_it_fits(size: str, disk: OsDisk) -> None:
    assert os_disk(size) == disk


def test_no_ephemeral_disk_is_larger_than_its_place() -> None:
    for size, facts in vm_sizes().items():
        disk = os_disk(size)
        if disk.type == "Ephemeral":
            assert disk.size_gib
            assert facts.temp_disk_gib
            assert disk.size_gib <= facts.temp_disk_gib, size


def test_upgrades_keep_to_their_hours(foundation: Foundation) -> None:
    text = 'aks: {maintenance: {day: Saturday, start_hour: 22, utc_offset: "+02:00"}}\n'
    windows = {found.inputs["configName"]: found.inputs for found in foundation("dev", text).of_type(WINDOW)}
    assert set(windows) == {"default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"}
    for window in windows.values():
        assert window["maintenanceWindow"] == {
            "durationHours": 4,
            "schedule": {"weekly": {"dayOfWeek": "Saturday", "intervalWeeks": 1}},
            "startTime": "22:00",
            "utcOffset": "+02:00",
        }


def test_secrets_get_a_key_and_the_cluster_its_rights_before_it_exists(full: Graph, prod: Graph) -> None:
    assert "azureKeyVaultKms" not in prod.one(CLUSTER).inputs["securityProfile"]
    cluster = full.one(CLUSTER)
    kms = cluster.inputs["securityProfile"]["azureKeyVaultKms"]
    assert kms["enabled"] is True
    assert kms["keyVaultNetworkAccess"] == "Private"
    (key,) = [found for found in full.of_type(KEY) if found.name.startswith("aks")]
    assert kms["keyVaultResourceId"].endswith(f"/vaults/{key.inputs['vaultName']}")
    assert key.protect
    assert "attributes" not in key.inputs["properties"], "a key that expires locks the cluster out"
    assert "rotationPolicy" not in key.inputs["properties"]
    rights = {found.urn for found in full.of_type(ROLE) if found.name.startswith("aks-key-vault-cr")} | {
        found.urn for found in full.of_type(ROLE) if found.name.startswith("aks-key-vault-co")
    }
    assert len(rights) == 2
    assert rights <= set(cluster.dependencies), "the identity's rights come first"


@pytest.mark.parametrize("access", ["{mode: private}", "{mode: allow_list, addresses: [203.0.113.0/24]}"])
def test_the_key_of_the_secrets_is_reached_by_private_link_alone(foundation: Foundation, access: str) -> None:
    """AKS supports no vault that some public ranges may reach, and joins its vault as a contributor."""
    graph = foundation("prod", KEYS, access=access)
    vault_id = graph.one(CLUSTER).inputs["securityProfile"]["azureKeyVaultKms"]["keyVaultResourceId"]
    name = vault_id.rpartition("/")[2]
    (vault,) = [found for found in graph.of_type(KEY_VAULT) if found.inputs["vaultName"] == name]
    assert vault.inputs["properties"]["publicNetworkAccess"] == "Disabled"
    assert vault.inputs["properties"]["networkAcls"]["ipRules"] == []
    assert [key.inputs["keyName"] for key in graph.of_type(KEY) if key.inputs["vaultName"] == name] == [
        "aks-secrets"
    ]
    user = "12338af0-0e69-4776-bea7-57ae8d297424"
    scopes = {
        found.inputs["roleDefinitionId"].rpartition("/")[2]: found.inputs["scope"]
        for found in graph.of_type(ROLE)
        if found.name.startswith("aks-") and "/vaults/" in found.inputs["scope"]
    }
    assert scopes == {
        user: f"{vault_id}/keys/aks-secrets",
        "f25e0fa2-a7c8-4377-a976-54943a77a395": vault_id,
    }


def test_api_server_is_private_or_has_ranges(full: Graph, prod: Graph) -> None:
    closed = full.one(CLUSTER).inputs["apiServerAccessProfile"]
    assert closed["enablePrivateCluster"] is True
    assert closed["enableVnetIntegration"] is True
    assert "authorizedIPRanges" not in closed
    opened = prod.one(CLUSTER).inputs["apiServerAccessProfile"]
    assert opened["authorizedIPRanges"]
    assert opened["disableRunCommand"] is True is closed["disableRunCommand"]


def test_metrics_and_logs_have_a_way_out(prod: Graph) -> None:
    assert prod.one(CLUSTER).inputs["azureMonitorProfile"]["metrics"]["enabled"] is True
    rules = {found.urn: found for found in prod.of_type("azure-native:monitor:DataCollectionRule")}
    associations = list(prod.of_type("azure-native:monitor:DataCollectionRuleAssociation"))
    assert len(associations) == len(rules) == 2
    reached = {urn for each in associations for urn in each.property_dependencies["dataCollectionRuleId"]}
    assert reached == set(rules)
    (setting,) = [found for found in prod.resources if found.name == "aks-monitoring-control-plane-log"]
    categories = {log["category"] for log in setting.inputs["logs"]}
    assert {"kube-audit-admin", "guard", "kube-apiserver", "cluster-autoscaler"} <= categories


def test_the_api_server_is_guaranteed_outside_dev(foundation: Foundation, prod: Graph) -> None:
    tiers = {tier: foundation(tier).one(CLUSTER).inputs["sku"]["tier"] for tier in ("dev", "test")}
    assert tiers == {"dev": "Free", "test": "Standard"}
    assert prod.one(CLUSTER).inputs["sku"]["tier"] == "Standard"


def test_there_are_no_local_accounts_anywhere(full: Graph) -> None:
    def switches(resource: Resource) -> list[bool]:
        found: list[bool] = []

        def walk(value: Any) -> None:
            if isinstance(value, dict):
                found.extend(v for k, v in value.items() if k in ("disableLocalAccounts", "disableLocalAuth"))
                for item in value.values():
                    walk(item)
            elif isinstance(value, list):
                for item in value:
                    walk(item)

        walk(resource.inputs)
        return found

    by_type = {resource.type: switches(resource) for resource in full.resources if switches(resource)}
    assert all(all(each) for each in by_type.values())
    assert {CLUSTER, "azure-native:machinelearningservices:Compute"} <= set(by_type)
