"""Quota: cores by family, addresses and limits, counted from resources with everything at its most."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeplane.costs import QuotaNeed, check_quota, count_quota
from lakeplane.diagnostics import Severity
from lakeplane.render import Resource
from lakeplane.spec.sizes import vm_sizes

from .conftest import REGION, Previews, Register

UNKNOWN = {"$unknown": True}
POOL = "azure-native:containerservice:AgentPool"
CLUSTER = "azure-native:containerservice:ManagedCluster"
JOB = "databricks:index/job:Job"
INSTANCE_POOL = "databricks:index/instancePool:InstancePool"
FAMILY = "standardDDSv5Family"


def needed(*resources: Resource) -> dict[str, int]:
    return {need.name: need.needed for need in count_quota(resources, region=REGION)}


def needs(*resources: Resource) -> dict[tuple[str, str], QuotaNeed]:
    return {(need.name, need.scope): need for need in count_quota(resources, region=REGION)}


def pool(**more: Any) -> dict[str, Any]:
    return {"vmSize": "Standard_D4ds_v5", "count": 4, **more}


@pytest.mark.parametrize(
    ("inputs", "nodes"),
    [
        ({"upgradeSettings": {"maxSurge": "33%"}}, 4 + 2),
        ({"upgradeSettings": {"maxSurge": "50%"}}, 4 + 2),
        ({"upgradeSettings": {"maxSurge": "1"}}, 4 + 1),
        ({}, 4 + 1),
        (
            {
                "enableAutoScaling": True,
                "minCount": 1,
                "maxCount": 10,
                "upgradeSettings": {"maxSurge": "33%"},
            },
            10 + 4,
        ),
    ],
)
def test_pools_count_at_their_most_with_the_nodes_of_an_upgrade(
    inputs: dict[str, Any], nodes: int, register: Register
) -> None:
    found = needed(register(POOL, "p", pool(**inputs)))
    assert found == {"cores": 4 * nodes, FAMILY: 4 * nodes, "virtualMachines": nodes}


def test_spot_machines_have_a_limit_of_their_own(register: Register) -> None:
    found = needed(register(POOL, "p", pool(scaleSetPriority="Spot", upgradeSettings={"maxSurge": "1"})))
    assert found == {"lowPriorityCores": 20, "virtualMachines": 5}


def job(register: Register, cluster: dict[str, Any], *needed_: Resource, **more: Any) -> Resource:
    inputs = {"name": "etl", "jobClusters": [{"jobClusterKey": "main", "newCluster": cluster}], **more}
    return register(JOB, "etl", inputs, needs={"jobClusters": needed_})


def test_jobs_count_driver_and_most_workers_of_all_runs_at_once(register: Register) -> None:
    cluster = {"nodeTypeId": "Standard_D4ds_v5", "autoscale": {"minWorkers": 1, "maxWorkers": 4}}
    assert needed(job(register, cluster, maxConcurrentRuns=3))[FAMILY] == 3 * (1 + 4) * 4


def test_machines_from_a_pool_count_with_the_pool(register: Register) -> None:
    full = register(INSTANCE_POOL, "pool", {"nodeTypeId": "Standard_D4ds_v5", "maxCapacity": 7})
    found = needed(full, job(register, {"instancePoolId": UNKNOWN, "numWorkers": 2}, full))
    assert found == {"cores": 28, FAMILY: 28, "virtualMachines": 7}


def test_interactive_clusters_count_once_they_are_resources(register: Register) -> None:
    cluster = {"nodeTypeId": "Standard_D4ds_v5", "autoscale": {"minWorkers": 1, "maxWorkers": 9}}
    assert needed(register("databricks:index/cluster:Cluster", "c", cluster))["cores"] == 40


def test_machine_learning_has_a_quota_of_its_own(register: Register) -> None:
    properties = {"vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": 5}}
    compute = register(
        "azure-native:machinelearningservices:Compute",
        "cpu",
        {"properties": {"computeType": "AmlCompute", "properties": properties}},
    )
    deployment = register(
        "azure-native:machinelearningservices:OnlineDeployment",
        "version-1",
        {"properties": {"instanceType": "Standard_DS3_v2"}, "sku": {"capacity": 10}},
    )
    # Microsoft's own example: 10 instances of Standard_DS3_v2 need 48 cores.
    assert needed(deployment) == {
        "Total Cluster Dedicated Regional vCPUs": 48,
        "standardDSv2Family, Azure Machine Learning": 48,
    }
    assert needed(compute, deployment)["Total Cluster Dedicated Regional vCPUs"] == 5 * 4 + 48
    properties["vmPriority"] = "LowPriority"
    assert needed(compute) == {"TotalLowPriorityCores": 20}


def network(register: Register, prefix: str) -> list[Resource]:
    names = ("host", "container", "nodes")
    return [
        register(
            "azure-native:network:Subnet",
            name,
            {"virtualNetworkName": "vnet", "subnetName": name, "addressPrefix": prefix},
        )
        for name in names
    ]


def workspace(register: Register) -> Resource:
    parameters = {
        "customVirtualNetworkId": {"value": "/subscriptions/s/x/virtualNetworks/vnet"},
        "customPublicSubnetName": {"value": "host"},
        "customPrivateSubnetName": {"value": "container"},
    }
    return register("azure-native:databricks:Workspace", "w", {"parameters": parameters})


def test_clusters_take_one_address_a_node_of_both_subnets(register: Register) -> None:
    full = register(INSTANCE_POOL, "pool", {"nodeTypeId": "Standard_D4ds_v5", "maxCapacity": 60})
    found = needs(*network(register, "10.0.0.0/26"), workspace(register), full)
    for subnet in ("host", "container"):
        need = found["addresses", f"vnet/{subnet}"]
        assert (need.needed, need.limit, need.exceeded) == (60, 64 - 5, True)


def test_exceeded_limits_are_findings(register: Register) -> None:
    full = register(INSTANCE_POOL, "pool", {"nodeTypeId": "Standard_D4ds_v5", "maxCapacity": 60})
    resources = [*network(register, "10.0.0.0/26"), workspace(register), full]
    findings = list(check_quota(count_quota(resources, region=REGION)))
    assert [(one.code, one.severity) for one in findings] == [("CST004", Severity.WARNING)] * 2
    assert findings[0].detail == (
        "found 60 with everything at its most; allowed: 59; most of them: 60 machines of the full pool"
    )
    assert findings[0].resource == full.urn
    wide = [*network(register, "10.0.0.0/25"), workspace(register), full]
    assert list(check_quota(count_quota(wide, region=REGION))) == []


@pytest.mark.parametrize(("mode", "addresses"), [("overlay", 5), (None, 5 * 31)])
def test_addresses_of_aks_nodes(mode: str | None, addresses: int, register: Register) -> None:
    profile = {"networkPlugin": "azure", "outboundType": "userAssignedNATGateway"}
    cluster = register(
        CLUSTER, "aks", {"networkProfile": profile | ({"networkPluginMode": mode} if mode else {})}
    )
    nodes = register(POOL, "p", pool(vnetSubnetID="/s/virtualNetworks/vnet/subnets/nodes"))
    found = needs(*network(register, "10.0.0.0/24"), cluster, nodes)
    assert found["addresses", "vnet/nodes"].needed == addresses


def test_public_addresses_and_accounts(register: Register) -> None:
    address = register("azure-native:network:PublicIPAddress", "a", {"sku": {"name": "Standard"}})
    balanced = register(CLUSTER, "aks", {"agentPoolProfiles": []})
    account = register("azure-native:storage:StorageAccount", "lake", {})
    found = needed(address, balanced, account, workspace(register))
    assert found == {"StandardSkuPublicIpAddresses": 2, "StorageAccounts": 2}


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (POOL, {"vmSize": "Standard_D4ds_v5", "count": UNKNOWN}),
        (INSTANCE_POOL, {"nodeTypeId": "Standard_D4ds_v5"}),
        (JOB, {"name": "j", "jobClusters": [{"jobClusterKey": "m", "newCluster": {"nodeTypeId": UNKNOWN}}]}),
        (
            "azure-native:machinelearningservices:OnlineDeployment",
            {"properties": {"instanceType": UNKNOWN}, "sku": {"capacity": 1}},
        ),
    ],
)
def test_what_cannot_be_counted_is_told(token: str, inputs: dict[str, Any], register: Register) -> None:
    (need,) = count_quota([register(token, "one", inputs)], region=REGION)
    assert (need.name, need.needed, need.unit) == ("not counted", 1, "resources")


def test_a_size_that_the_table_lacks_is_counted_in_machines(register: Register) -> None:
    found = needed(register(POOL, "p", pool(vmSize="Standard_M8_v9", upgradeSettings={"maxSurge": "1"})))
    assert found == {"family of Standard_M8_v9, which is not known": 5, "virtualMachines": 5}


@pytest.mark.parametrize("name", ["dev", "prod", "examples/max", "hub"])
def test_shares_add_up_and_families_add_up_to_cores(name: str, previewed: Previews) -> None:
    quota = previewed(name).quota
    assert quota == tuple(sorted(quota, key=lambda need: (need.name, need.scope)))
    for need in quota:
        assert need.needed == sum(share.needed for share in need.by) > 0
        assert need.source
        assert json.loads(json.dumps(need.to_dict()))["needed"] == need.needed
    families = {facts.quota_family for facts in vm_sizes().values()}
    cores = sum(need.needed for need in quota if need.name in families)
    assert cores == sum(need.needed for need in quota if need.name == "cores")


def test_cores_of_prod_by_hand(previewed: Previews) -> None:
    """AKS 10 + 4 and 4 + 2 nodes, the pool's 50 machines and two single-node jobs, by the sizes' cores."""
    by_name = {need.name: need.needed for need in previewed("prod").quota}
    assert by_name[FAMILY] == (10 + 4) * 8 + (4 + 2) * 4 + 50 * 8 + 2 * 8
    assert by_name["Standard NCASv3_T4 Family"] == 4 * 8
