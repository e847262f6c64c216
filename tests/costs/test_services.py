"""What single resources of Azure cost, one by one, and what of them is listed as not priced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lakeplane.costs import Cost

from .conftest import Register, Work

UNKNOWN = {"$unknown": True}
CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
COMPUTE = "azure-native:machinelearningservices:Compute"
ACCOUNT = "azure-native:storage:StorageAccount"
D4 = 0.272


def sums(cost: Cost) -> dict[str, tuple[float, float, float]]:
    return {
        line.what.partition(":")[0]: (round(line.low, 4), round(line.expected, 4), round(line.high, 4))
        for line in cost.lines
    }


def listed(cost: Cost) -> dict[str, str]:
    return {one.what: one.reason for one in cost.not_priced}


def pool(**more: Any) -> dict[str, Any]:
    return {"agentPoolName": "p", "vmSize": "Standard_D4ds_v5", "osDiskType": "Ephemeral", **more}


@pytest.mark.parametrize(
    ("inputs", "nodes"),
    [
        ({"count": 2}, (2, 2, 2)),
        ({"count": 2, "enableAutoScaling": True, "minCount": 1, "maxCount": 5}, (1, 2, 5)),
        ({"enableAutoScaling": True, "minCount": 0, "maxCount": 5}, (0, 0, 5)),
        ({"count": 9, "enableAutoScaling": True, "minCount": 1, "maxCount": 5}, (1, 5, 5)),
    ],
)
def test_node_pool(inputs: dict[str, Any], nodes: tuple[int, ...], register: Register, work: Work) -> None:
    cost = work(register(POOL, "p", pool(**inputs)))
    assert sums(cost) == {"Standard_D4ds_v5": tuple(round(each * 730 * D4, 4) for each in nodes)}
    assert cost.not_priced == ()


@pytest.mark.parametrize(
    ("inputs", "what"),
    [
        ({}, "nodes of p"),
        ({"count": UNKNOWN}, "nodes of p"),
        ({"count": UNKNOWN, "enableAutoScaling": True, "minCount": 1, "maxCount": 5}, "nodes of p"),
        ({"enableAutoScaling": True, "minCount": 5, "maxCount": 1}, "nodes of p"),
        ({"count": 2, "vmSize": UNKNOWN}, "nodes of p"),
        ({"count": 2, "osType": "Windows"}, "nodes of p"),
    ],
)
def test_node_pool_that_cannot_be_told_is_listed(
    inputs: dict[str, Any], what: str, register: Register, work: Work
) -> None:
    cost = work(register(POOL, "p", pool(**inputs)))
    assert cost.lines == ()
    assert list(listed(cost)) == [what]


def test_spot_pool_is_the_most_that_it_costs(register: Register, work: Work) -> None:
    (line,) = work(register(POOL, "p", pool(count=1, scaleSetPriority="Spot"))).lines
    assert line.what.endswith("(spot; no spot price is known, so this is the most that it costs)")


def test_managed_disks_of_nodes(register: Register, work: Work) -> None:
    disks = pool(count=2, osDiskType="Managed", osDiskSizeGB=128)
    assert sums(work(register(POOL, "p", disks)))["OS disk of 128 GB"] == (43.36,) * 3
    rare = pool(count=2, osDiskType="Managed", osDiskSizeGB=4096)
    assert listed(work(register(POOL, "p", rare))) == {
        "OS disk of 4096 GB": "no price for disks of this size"
    }
    unnamed = {key: value for key, value in pool(count=2).items() if key != "osDiskType"}
    assert "OS disks of p" in listed(work(register(POOL, "p", unnamed)))


@pytest.mark.parametrize(
    ("sku", "region", "uptime"),
    [
        ("Free", "eastus", None),
        (None, "eastus", None),
        ("Standard", "eastus", 73.0),
        ("Premium", "eastus", 73.0),
    ],
)
def test_uptime_tier(
    sku: str | None, region: str, uptime: float | None, register: Register, work: Work
) -> None:
    inputs = {"agentPoolProfiles": [], "networkProfile": {"outboundType": "userDefinedRouting"}}
    inputs |= {"sku": {"tier": sku}} if sku else {}
    cost = work(register(CLUSTER, "aks", inputs), region=region)
    assert (cost.expected or None) == uptime
    assert ("long-term support" in listed(cost)) is (sku == "Premium")


def test_cluster_with_a_load_balancer_pays_for_it(register: Register, work: Work) -> None:
    cost = work(register(CLUSTER, "aks", {"agentPoolProfiles": []}))
    assert sums(cost) == {"outbound address": (3.65,) * 3}
    assert listed(cost)["load balancer, base"] == "no price for westeurope"


def ml_cluster(least: int, most: int, **more: Any) -> dict[str, Any]:
    properties = {
        "vmSize": "Standard_DS3_v2",
        "scaleSettings": {"minNodeCount": least, "maxNodeCount": most},
        **more,
    }
    return {
        "computeName": "cpu-cluster",
        "properties": {"computeType": "AmlCompute", "properties": properties},
    }


def test_ml_cluster_without_declared_hours_is_listed_with_its_most(register: Register, work: Work) -> None:
    (one,) = work(register(COMPUTE, "cpu", ml_cluster(0, 4))).not_priced
    assert one.at_most == pytest.approx(4 * 730 * 0.272)
    assert one.what == "nodes of cpu-cluster, Standard_DS3_v2, 0 to 4"


@pytest.mark.parametrize(
    ("least", "hours", "expected"),
    [(0, 100.0, (0, 100, 2920)), (1, 100.0, (730, 730, 2920)), (0, 9e4, (0, 2920, 2920))],
)
def test_ml_cluster_with_declared_hours(
    least: int, hours: float, expected: tuple[int, ...], register: Register, work: Work
) -> None:
    cost = work(register(COMPUTE, "cpu", ml_cluster(least, 4)), ml_node_hours={"cpu-cluster": hours})
    assert sums(cost)["Standard_DS3_v2"] == tuple(round(each * 0.272, 4) for each in expected)


def test_ml_cluster_of_a_fixed_size_needs_no_declaration(register: Register, work: Work) -> None:
    cost = work(register(COMPUTE, "cpu", ml_cluster(2, 2)))
    assert sums(cost)["Standard_DS3_v2"] == (round(1460 * 0.272, 4),) * 3


def test_compute_of_other_kinds(register: Register, work: Work) -> None:
    attached = {"properties": {"computeType": "Kubernetes"}}
    assert work(register(COMPUTE, "k", attached)).not_priced == ()
    instance = {"properties": {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2"}}}
    (one,) = work(register(COMPUTE, "i", instance)).not_priced
    assert one.at_most == pytest.approx(730 * 0.272)
    assert len(work(register(COMPUTE, "u", {"properties": UNKNOWN})).not_priced) == 1
    assert len(work(register(COMPUTE, "n", {"properties": {"computeType": "Novel"}})).not_priced) == 1


def test_online_deployment_is_listed(register: Register, work: Work) -> None:
    inputs = {"properties": {"instanceType": "Standard_DS3_v2"}, "sku": {"capacity": 3}}
    cost = work(register("azure-native:machinelearningservices:OnlineDeployment", "d", inputs))
    assert list(listed(cost)) == ["online deployment, 3 x Standard_DS3_v2"]


def test_a_host_that_the_managed_network_reaches_brings_one_firewall(register: Register, work: Work) -> None:
    token = "azure-native:machinelearningservices:Workspace"
    workspace = register(
        token, "w", {"workspaceName": "w", "managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"}}
    )
    assert "firewall of the managed network" not in listed(work(workspace))
    rules = [
        register(
            "azure-native:machinelearningservices:ManagedNetworkSettingsRule",
            f"rule-{number}",
            {"workspaceName": owner, "properties": {"type": "FQDN"}},
        )
        for number, owner in enumerate(["w", "other", UNKNOWN])
    ]
    found = work(workspace, *rules, region="eastus")
    assert sums(found) == {"firewall of the managed network": (912.5,) * 3}
    assert work(workspace, rules[1], region="eastus").lines == ()


def lake(**more: Any) -> dict[str, Any]:
    return {"isHnsEnabled": True, "accessTier": "Hot", "sku": {"name": "Standard_LRS"}, **more}


def test_lake_by_declared_size(register: Register, work: Work) -> None:
    cost = work(register(ACCOUNT, "lake", lake()), region="westus", lake_gb=1000)
    assert sums(cost) == {"stored data, hot LRS": (20.8,) * 3}
    assert "operations and metadata of the lake" in listed(cost)


def test_lake_beyond_the_first_band(register: Register, work: Work) -> None:
    cost = work(register(ACCOUNT, "lake", lake()), region="westus", lake_gb=600_000)
    expected = 51_200 * 0.0208 + 460_800 * 0.019968 + 88_000 * 0.019136
    assert cost.expected == pytest.approx(expected)
    assert len(cost.lines) == 3


def test_lake_beyond_the_bands_that_are_known_is_listed(register: Register, work: Work) -> None:
    account = register(ACCOUNT, "lake", lake(sku={"name": "Standard_ZRS"}))
    cost = work(account, region="westus", lake_gb=60_000)
    assert cost.expected == pytest.approx(51_200 * 0.026)
    assert listed(cost)["stored data, hot ZRS"] == "no price for westus"


def test_cool_lake_has_one_price(register: Register, work: Work) -> None:
    cost = work(register(ACCOUNT, "lake", lake(accessTier="Cool")), region="westus", lake_gb=60_000)
    assert cost.expected == pytest.approx(60_000 * 0.0115)


def test_accounts_whose_size_nobody_declares_are_listed(register: Register, work: Work) -> None:
    assert "cost.lake_gb" in listed(work(register(ACCOUNT, "lake", lake())))["stored data and operations"]
    plain = register(ACCOUNT, "ml", {"isHnsEnabled": False, "sku": {"name": "Standard_LRS"}})
    assert listed(work(plain, lake_gb=5)) == {
        "stored data and operations": "nothing declares how much it holds"
    }


def test_logs_by_declared_volume(register: Register, work: Work) -> None:
    token = "azure-native:operationalinsights:Workspace"
    inputs = {"retentionInDays": 90, "sku": {"name": "PerGB2018"}}
    cost = work(register(token, "logs", inputs), logs_gb_per_day=2)
    assert sums(cost) == {
        "logs taken in": (round(2 * 730 / 24 * 2.99, 4),) * 3,
        "logs kept beyond 31 days": (round(2 * 59 * 0.13, 4),) * 3,
    }
    short = work(register(token, "logs", {**inputs, "retentionInDays": 30}), logs_gb_per_day=2)
    assert list(sums(short)) == ["logs taken in"]
    reserved = work(register(token, "logs", {"sku": {"name": "CapacityReservation"}}), logs_gb_per_day=200)
    assert list(listed(reserved)) == ["logs"]


@pytest.mark.parametrize(
    ("token", "inputs", "region", "sum_"),
    [
        ("network:PublicIPAddress", {"sku": {"name": "Standard"}}, "westeurope", 3.65),
        ("network:PublicIPAddress", {"sku": {"tier": "Global"}}, "eastus", 7.3),
        ("network:PublicIPAddress", {"publicIPAddressVersion": "IPv6"}, "westeurope", None),
        ("network:PublicIPPrefix", {"prefixLength": 30}, "eastus", 4 * 4.38),
        ("network:NatGateway", {}, "japaneast", 32.85),
        ("network:PrivateEndpoint", {}, "westeurope", 7.3),
        ("network:AzureFirewall", {"sku": {"tier": "Premium"}}, "eastus", 1277.5),
        ("network:AzureFirewall", {}, "westeurope", None),
        ("privatedns:PrivateZone", {"location": "global"}, "germanywestcentral", 0.54),
        ("privatedns:PrivateZone", {"location": "global"}, "westeurope", None),
        ("containerregistry:Registry", {"sku": {"name": "Basic"}}, "westeurope", 0.166667 * 730 / 24),
        ("containerregistry:Replication", {"location": "eastus"}, "westeurope", 1.666667 * 730 / 24),
    ],
)
def test_what_stands_all_month(
    token: str, inputs: dict[str, Any], region: str, sum_: float | None, register: Register, work: Work
) -> None:
    cost = work(register(f"azure-native:{token}", "one", inputs), region=region)
    assert (cost.expected or None) == (None if sum_ is None else pytest.approx(sum_))


def test_outbound_data_by_declared_volume(register: Register, work: Work) -> None:
    cost = work(register("azure-native:network:NatGateway", "nat", {}), outbound_gb=100)
    assert sums(cost)["data processed"] == (4.5,) * 3


@pytest.mark.parametrize(
    ("policy", "a_month"),
    [("P1Y", 1 / 12), ("P6M", 1 / 6), ("P90D", 365 / 90 / 12)],
)
def test_rotations_of_a_key(policy: str, a_month: float, register: Register, work: Work) -> None:
    actions = [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": policy}}]
    inputs = {"properties": {"kty": "RSA", "rotationPolicy": {"lifetimeActions": actions}}}
    cost = work(register("azure-native:keyvault:Key", "key", inputs))
    assert cost.expected == pytest.approx(a_month)


def test_keys_whose_cost_is_not_known_are_listed(register: Register, work: Work) -> None:
    odd = [{"action": {"type": "rotate"}, "trigger": {"timeBeforeExpiry": "P30D"}}]
    inputs = {"properties": {"kty": "RSA-HSM", "rotationPolicy": {"lifetimeActions": odd}}}
    cost = work(register("azure-native:keyvault:Key", "key", inputs))
    assert list(listed(cost)) == ["key in a hardware security module", "rotations of the key"]
    assert work(register("azure-native:keyvault:Key", "key", {"properties": {"kty": "RSA"}})).not_priced == ()


def test_settings_that_send_logs_away_are_listed(register: Register, work: Work) -> None:
    token = "azure-native:monitor:DiagnosticSetting"
    assert work(register(token, "d", {"workspaceId": "w"})).not_priced == ()
    assert len(work(register(token, "d", {"storageAccountId": "s"})).not_priced) == 1


def test_telemetry_counts_with_its_log_workspace(register: Register, work: Work) -> None:
    token = "azure-native:applicationinsights:Component"
    assert work(register(token, "i", {"workspaceResourceId": "w"})).not_priced == ()
    assert list(listed(work(register(token, "i", {})))) == ["telemetry"]


def test_objects_of_a_cluster_run_on_its_nodes(register: Register, work: Work) -> None:
    token = "kubernetes:core/v1:Service"
    assert work(register(token, "s", {"spec": {"type": "ClusterIP"}})).not_priced == ()
    assert len(work(register(token, "s", {"spec": {"type": "LoadBalancer"}})).not_priced) == 1
    assert len(work(register("kubernetes:core/v1:PersistentVolumeClaim", "c", {})).not_priced) == 1
    assert work(register("kubernetes:apps/v1:Deployment", "d", {})).not_priced == ()


@pytest.mark.parametrize(
    "token",
    ["azure-native:sql:Server", "databricks:index/app:App", "random:index/randomPassword:RandomPassword"],
)
def test_a_type_that_nobody_knows_is_listed(token: str, register: Register, work: Work) -> None:
    assert listed(work(register(token))) == {token: "nothing is known of what such resources cost"}


def test_components_and_what_is_only_read_cost_nothing(register: Register, work: Work) -> None:
    gateway = register("azure-native:network:NatGateway", "nat", {})
    assert work(replace(gateway, custom=False), replace(gateway, read=True)) == Cost()


def test_a_resources_own_region_counts(register: Register, work: Work) -> None:
    inputs = pool(count=1, location="East US")
    assert work(register(POOL, "p", inputs)).lines[0].unit_price == 0.226


def test_secrets_are_looked_through_and_never_shown(register: Register, work: Work) -> None:
    (line,) = work(register(POOL, "p", pool(count={"$secret": 2}))).lines
    assert line.quantity == 1460
