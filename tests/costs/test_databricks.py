"""Databricks: units and machines of jobs, pools, warehouses, clusters and model serving."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lakeplane.costs import Cost, JobUse, Price, bundled_prices
from lakeplane.render import Resource

from .conftest import Register, Work

JOB = "databricks:index/job:Job"
POLICY = "databricks:index/clusterPolicy:ClusterPolicy"
POOL = "databricks:index/instancePool:InstancePool"
UNKNOWN = {"$unknown": True}
D4, D8 = 0.272, 0.544  # USD an hour in West Europe
JOBS = 0.3  # USD a DBU
USE = {"etl": JobUse(workload="etl", expected_minutes=60, runs_per_month=10)}


def job(register: Register, cluster: dict[str, Any], *needs: Resource, **more: Any) -> Resource:
    inputs = {
        "name": "etl",
        "jobClusters": [{"jobClusterKey": "main", "newCluster": {"sparkVersion": "18.x", **cluster}}],
        "tasks": [{"taskKey": "one", "jobClusterKey": "main"}],
        **more,
    }
    return register(JOB, "etl", inputs, needs={"jobClusters": needs})


def triple(cost: Cost, service: str | None = None) -> tuple[float, float, float]:
    found = [line for line in cost.lines if service in (None, line.service)]
    low, expected, high = (sum(getattr(line, end) for line in found) for end in ("low", "expected", "high"))
    return round(low, 4), round(expected, 4), round(high, 4)


def reasons(cost: Cost) -> dict[str, str]:
    return {one.what: one.reason for one in cost.not_priced}


def test_single_node_is_a_driver_alone(register: Register, work: Work) -> None:
    cost = work(job(register, {"nodeTypeId": "Standard_D4ds_v5", "numWorkers": 0}), jobs=USE)
    assert triple(cost) == (round(10 * (D4 + 1 * JOBS), 4),) * 3
    assert {line.workload for line in cost.lines} == {"etl"}


def test_driver_counts_beside_fixed_workers(register: Register, work: Work) -> None:
    cost = work(job(register, {"nodeTypeId": "Standard_D4ds_v5", "numWorkers": 3}), jobs=USE)
    assert triple(cost, "Virtual Machines") == (round(40 * D4, 4),) * 3
    assert triple(cost, "Azure Databricks") == (round(40 * JOBS, 4),) * 3


def test_driver_of_another_size_has_lines_of_its_own(register: Register, work: Work) -> None:
    cluster = {"nodeTypeId": "Standard_D4ds_v5", "driverNodeTypeId": "Standard_D8ds_v5", "numWorkers": 2}
    cost = work(job(register, cluster), jobs=USE)
    assert triple(cost, "Virtual Machines") == (round(10 * (D8 + 2 * D4), 4),) * 3
    assert triple(cost, "Azure Databricks") == (round(10 * (2 + 2 * 1) * JOBS, 4),) * 3


def test_autoscale_is_a_range_with_its_middle_expected(register: Register, work: Work) -> None:
    cluster = {"nodeTypeId": "Standard_D4ds_v5", "autoscale": {"minWorkers": 1, "maxWorkers": 4}}
    cost = work(job(register, cluster), jobs=USE)
    assert triple(cost, "Virtual Machines") == tuple(round(10 * nodes * D4, 4) for nodes in (2, 3.5, 5))


def test_timeout_is_the_most_that_a_run_takes(register: Register, work: Work) -> None:
    cluster = {"nodeTypeId": "Standard_D4ds_v5", "numWorkers": 0}
    cost = work(job(register, cluster, timeoutSeconds=3 * 3600), jobs=USE)
    assert triple(cost, "Virtual Machines") == tuple(round(10 * hours * D4, 4) for hours in (1, 1, 3))


def test_photon_multiplies_units_and_not_machines(register: Register, work: Work) -> None:
    cluster = {"nodeTypeId": "Standard_D4ds_v5", "numWorkers": 0, "runtimeEngine": "PHOTON"}
    cost = work(job(register, cluster), jobs=USE)
    assert triple(cost, "Virtual Machines") == (round(10 * D4, 4),) * 3
    assert triple(cost, "Azure Databricks") == (round(10 * 2.5 * JOBS, 4),) * 3
    assert "2.5 for Photon" in cost.lines[1].what
    assert cost.lines[1].item == "databricks:premium:jobs_compute_photon"


def test_spot_is_priced_on_demand_where_no_spot_price_is_known(register: Register, work: Work) -> None:
    cluster = {
        "nodeTypeId": "Standard_D4ds_v5",
        "numWorkers": 2,
        "azureAttributes": {"availability": "SPOT_WITH_FALLBACK_AZURE", "firstOnDemand": 1},
    }
    cost = work(job(register, cluster), jobs=USE)
    assert triple(cost, "Virtual Machines") == (round(30 * D4, 4),) * 3
    told = [line.what for line in cost.lines if "spot" in line.what]
    assert told == [
        "Standard_D4ds_v5: 2 nodes x 10 runs x 1 h x 0.272 "
        "(spot; no spot price is known, so this is the most that it costs)"
    ]


def test_spot_price_lowers_what_is_expected_and_not_the_most(register: Register, work: Work) -> None:
    on_demand = bundled_prices().find("vm:Standard_D4ds_v5", "westeurope")
    assert on_demand is not None
    spot = replace(on_demand, item="vm_spot:Standard_D4ds_v5", price=0.05)
    cluster = {
        "nodeTypeId": "Standard_D4ds_v5",
        "numWorkers": 2,
        "azureAttributes": {"availability": "SPOT_WITH_FALLBACK_AZURE", "firstOnDemand": 1},
    }
    cost = work(job(register, cluster), jobs=USE, prices=bundled_prices().with_rows([spot]))
    part = 10 * D4 + 20 * 0.05
    assert triple(cost, "Virtual Machines") == (round(part, 4), round(part, 4), round(30 * D4, 4))
    assert triple(cost, "Azure Databricks") == (round(30 * JOBS, 4),) * 3
    assert any("x 0.05, at most at 0.272" in line.what for line in cost.lines)


def test_cluster_from_a_pool_has_the_pools_machines(register: Register, work: Work) -> None:
    pool = register(POOL, "pool", {"nodeTypeId": "Standard_D8ds_v5", "maxCapacity": 5})
    cost = work(pool, job(register, {"instancePoolId": UNKNOWN, "numWorkers": 1}, pool), jobs=USE)
    assert triple(cost, "Virtual Machines") == (round(20 * D8, 4),) * 3
    assert triple(cost, "Azure Databricks") == (round(20 * 2 * JOBS, 4),) * 3


def test_which_of_two_pools_is_not_guessed(register: Register, work: Work) -> None:
    pools = [register(POOL, name, {"nodeTypeId": "Standard_D8ds_v5"}) for name in ("a", "b")]
    cost = work(*pools, job(register, {"instancePoolId": UNKNOWN, "numWorkers": 1}, *pools), jobs=USE)
    told = "which instance pool it takes machines from is known only once it is deployed"
    assert reasons(cost)["job cluster main"] == told


def policy(register: Register, name: str, **limits: dict[str, Any]) -> Resource:
    definition = {key.replace("__", "."): limit for key, limit in limits.items()}
    return register(POLICY, name, {"name": name, "definition": json.dumps(definition)})


def test_policy_fills_in_what_the_cluster_leaves_out(register: Register, work: Work) -> None:
    rule = policy(
        register,
        "large",
        node_type_id={"type": "fixed", "value": "Standard_D8ds_v5"},
        autoscale__min_workers={"type": "fixed", "value": 2},
        autoscale__max_workers={"type": "range", "maxValue": 8, "defaultValue": 4},
    )
    cluster = {"policyId": UNKNOWN, "applyPolicyDefaultValues": True}
    cost = work(rule, job(register, cluster, rule), jobs=USE)
    assert triple(cost, "Virtual Machines") == tuple(round(10 * nodes * D8, 4) for nodes in (3, 4, 5))


def test_of_several_policies_the_one_that_accepts_counts(register: Register, work: Work) -> None:
    small = policy(
        register,
        "small",
        node_type_id={"type": "fixed", "value": "Standard_D4ds_v5"},
        num_workers={"type": "fixed", "value": 0},
    )
    large = policy(
        register,
        "large",
        node_type_id={"type": "fixed", "value": "Standard_D8ds_v5"},
        num_workers={"type": "range", "minValue": 2},
    )
    cluster = {"policyId": UNKNOWN, "numWorkers": 0}
    cost = work(small, large, job(register, cluster, small, large), jobs=USE)
    assert triple(cost, "Virtual Machines") == (round(10 * D4, 4),) * 3


def test_policies_that_differ_are_not_guessed_between(register: Register, work: Work) -> None:
    rules = [
        policy(register, size, node_type_id={"type": "fixed", "value": size})
        for size in ("Standard_D4ds_v5", "Standard_D8ds_v5")
    ]
    cost = work(*rules, job(register, {"policyId": UNKNOWN, "numWorkers": 0}, *rules), jobs=USE)
    told = "which policy it has is known only once it is deployed, and they differ"
    assert reasons(cost)["job cluster main"] == told
    assert not [line for line in cost.lines if line.resource.endswith("::etl")]


@pytest.mark.parametrize(
    ("cluster", "told"),
    [
        ({"numWorkers": 1}, "it names no size of machines"),
        ({"nodeTypeId": UNKNOWN, "numWorkers": 1}, "its machines are known only once it is deployed"),
        ({"nodeTypeId": "Standard_D4ds_v5", "numWorkers": UNKNOWN}, "its machines are known only once"),
        (
            {"nodeTypeId": "Standard_D4ds_v5", "autoscale": {"minWorkers": 3, "maxWorkers": 1}},
            "its number of workers is no number",
        ),
    ],
)
def test_clusters_that_cannot_be_told_are_listed(
    cluster: dict[str, Any], told: str, register: Register, work: Work
) -> None:
    assert told in reasons(work(job(register, cluster), jobs=USE))["job cluster main"]


def test_size_without_units_or_price_is_listed(register: Register, work: Work) -> None:
    cost = work(job(register, {"nodeTypeId": "Standard_M8_v9", "numWorkers": 0}), jobs=USE)
    assert cost.lines == ()
    assert reasons(cost)["Standard_M8_v9"] == "no price for westeurope"
    assert "no source tells" in reasons(cost)["Databricks units of Standard_M8_v9, jobs_compute, premium"]


SINGLE = {"nodeTypeId": "Standard_D4ds_v5", "numWorkers": 0}
DAILY = {"quartzCronExpression": "0 0 6 * * ?", "timezoneId": "UTC"}


def test_schedule_tells_the_runs(register: Register, work: Work) -> None:
    use = {"etl": JobUse(workload="etl", expected_minutes=60)}
    cost = work(job(register, SINGLE, schedule={**DAILY, "pauseStatus": "UNPAUSED"}), jobs=use)
    assert triple(cost, "Virtual Machines") == (round(365 / 12 * D4, 4),) * 3


def test_declared_runs_come_on_top_of_the_schedules(register: Register, work: Work) -> None:
    cost = work(job(register, SINGLE, schedule={**DAILY, "pauseStatus": "UNPAUSED"}), jobs=USE)
    assert triple(cost, "Virtual Machines") == (round((365 / 12 + 10) * D4, 4),) * 3


def test_paused_schedule_costs_nothing_expected_and_says_what_it_may(register: Register, work: Work) -> None:
    use = {"etl": JobUse(workload="etl", expected_minutes=60)}
    cost = work(job(register, SINGLE, schedule={**DAILY, "pauseStatus": "PAUSED"}), jobs=use)
    assert triple(cost, "Virtual Machines") == (0, 0, round(365 / 12 * D4, 4))
    assert "0 runs (0 to 30.4167)" in cost.lines[0].what


def test_paused_file_arrival_costs_nothing_expected(register: Register, work: Work) -> None:
    trigger = {"fileArrival": {"url": "/Volumes/x"}, "pauseStatus": "PAUSED"}
    cost = work(job(register, SINGLE, trigger=trigger), jobs=USE)
    assert triple(cost, "Virtual Machines") == (0, 0, round(10 * D4, 4))


@pytest.mark.parametrize(("state", "hours"), [("UNPAUSED", (730, 730, 730)), ("PAUSED", (0, 0, 730))])
def test_continuous_job_runs_all_month(
    state: str, hours: tuple[int, int, int], register: Register, work: Work
) -> None:
    cost = work(job(register, SINGLE, continuous={"pauseStatus": state}))
    assert triple(cost, "Virtual Machines") == tuple(round(each * D4, 4) for each in hours)


def test_job_without_schedule_or_declared_runs_is_listed(register: Register, work: Work) -> None:
    assert "no schedule" in reasons(work(job(register, SINGLE)))["job cluster main"]


def test_job_without_declared_minutes_is_listed_with_its_most(register: Register, work: Work) -> None:
    cost = work(job(register, SINGLE, schedule=DAILY, timeoutSeconds=3600))
    (one,) = cost.not_priced
    assert "expected_minutes" in one.reason
    assert one.at_most == pytest.approx(365 / 12 * (D4 + JOBS))
    assert cost.expected is None


def test_serverless_tasks_need_declared_units(register: Register, work: Work) -> None:
    inputs = {"name": "etl", "tasks": [{"taskKey": "one", "notebookTask": {"notebookPath": "/x"}}]}
    resource = register(JOB, "etl", inputs)
    assert "serverless_dbus" in reasons(work(resource, jobs=USE))["serverless jobs compute"]
    use = {"etl": replace(USE["etl"], serverless_dbus=4)}
    assert triple(work(resource, jobs=use)) == (10 * 4 * 0.5,) * 3


def test_tasks_that_run_elsewhere_cost_there(register: Register, work: Work) -> None:
    tasks = [
        {"taskKey": "sql", "sqlTask": {"warehouseId": "1"}},
        {"taskKey": "old", "existingClusterId": "1"},
        {"taskKey": "lost", "jobClusterKey": "nowhere"},
    ]
    cost = work(register(JOB, "etl", {"name": "etl", "tasks": tasks}), jobs=USE)
    assert reasons(cost) == {
        "task old on an interactive cluster": "that cluster's hours are not known",
        "task lost": "its cluster is not among the job's",
    }


def test_cluster_of_a_task_and_of_a_repeated_task_count(register: Register, work: Work) -> None:
    tasks = [
        {"taskKey": "one", "newCluster": SINGLE},
        {
            "taskKey": "each",
            "forEachTask": {"inputs": "[1]", "task": {"taskKey": "in", "newCluster": SINGLE}},
        },
    ]
    cost = work(register(JOB, "etl", {"name": "etl", "tasks": tasks}), jobs=USE)
    assert triple(cost, "Virtual Machines") == (round(20 * D4, 4),) * 3


def test_standard_tier_has_its_own_prices(register: Register, work: Work) -> None:
    workspace = register("azure-native:databricks:Workspace", "w", {"sku": {"name": "standard"}})
    cost = work(workspace, job(register, SINGLE), jobs=USE, region="eastus")
    assert triple(cost, "Azure Databricks") == (10 * 0.15,) * 3


WAREHOUSE = "databricks:index/sqlEndpoint:SqlEndpoint"


@pytest.mark.parametrize(
    ("inputs", "an_hour"),
    [
        ({"enableServerlessCompute": True, "clusterSize": "Small"}, 12 * 0.91),
        ({"warehouseType": "PRO", "clusterSize": "2X-Small"}, 4 * 0.72 + 0.692 + 0.692),
        ({"warehouseType": "CLASSIC", "clusterSize": "Medium"}, 24 * 0.22 + 2.768 + 8 * 0.692),
    ],
)
def test_warehouses(inputs: dict[str, Any], an_hour: float, register: Register, work: Work) -> None:
    resource = register(WAREHOUSE, "sql", {**inputs, "minNumClusters": 1, "maxNumClusters": 3})
    cost = work(resource, sql_warehouse_hours=100)
    assert triple(cost) == tuple(round(100 * clusters * an_hour, 4) for clusters in (1, 1, 3))
    (undeclared,) = work(resource).not_priced
    assert undeclared.at_most == pytest.approx(730 * 3 * an_hour)


def test_warehouse_of_unknown_kind_is_listed(register: Register, work: Work) -> None:
    cost = work(register(WAREHOUSE, "sql", {"clusterSize": "Small"}), sql_warehouse_hours=100)
    assert not cost.lines
    assert len(cost.not_priced) == 1


def test_idle_machines_of_a_pool_have_no_units(register: Register, work: Work) -> None:
    cost = work(register(POOL, "pool", {"nodeTypeId": "Standard_D4ds_v5", "minIdleInstances": 3}))
    assert triple(cost) == (round(3 * 730 * D4, 4),) * 3
    assert {line.service for line in cost.lines} == {"Virtual Machines"}
    later = work(register(POOL, "pool", {"nodeTypeId": "Standard_D4ds_v5", "minIdleInstances": UNKNOWN}))
    assert len(later.not_priced) == 1


def test_interactive_cluster_tells_its_most(register: Register, work: Work) -> None:
    inputs = {"sparkVersion": "18.x", "nodeTypeId": "Standard_D4ds_v5", "numWorkers": 1}
    (one,) = work(register("databricks:index/cluster:Cluster", "c", inputs)).not_priced
    assert one.at_most == pytest.approx(730 * 2 * (D4 + 0.55))


def test_policy_for_people_tells_what_an_hour_costs(register: Register, work: Work) -> None:
    rule = policy(
        register,
        "people",
        cluster_type={"type": "fixed", "value": "all-purpose"},
        node_type_id={
            "type": "allowlist",
            "values": ["Standard_D4ds_v5"],
            "defaultValue": "Standard_D4ds_v5",
        },
        autoscale__min_workers={"type": "range", "minValue": 1, "defaultValue": 1},
        autoscale__max_workers={"type": "range", "maxValue": 3, "defaultValue": 3},
    )
    (one,) = work(rule).not_priced
    low, high = 2 * (D4 + 0.55), 4 * (D4 + 0.55)
    assert f"one costs {low:.2f} to {high:.2f} an hour" in one.reason
    assert work(policy(register, "jobs", cluster_type={"type": "fixed", "value": "job"})).not_priced == ()


def test_model_serving_that_never_sleeps(register: Register, work: Work) -> None:
    entity = {"workloadSize": "Medium", "workloadType": "CPU", "scaleToZeroEnabled": False}
    token = "databricks:index/modelServing:ModelServing"
    cost = work(register(token, "m", {"config": {"servedEntities": [entity]}}))
    assert triple(cost) == tuple(round(each * 730 * 0.084, 4) for each in (8, 8, 16))
    asleep = work(
        register(token, "m", {"config": {"servedEntities": [{**entity, "scaleToZeroEnabled": True}]}})
    )
    assert [round(one.at_most or 0, 2) for one in asleep.not_priced] == [round(16 * 730 * 0.084, 2)]
    gpu = work(
        register(token, "m", {"config": {"servedEntities": [{**entity, "workloadType": "GPU_LARGE"}]}})
    )
    assert (len(gpu.lines), len(gpu.not_priced)) == (0, 1)


def test_price_rows_are_those_that_lines_name(register: Register, work: Work) -> None:
    free = Price(
        item="databricks:premium:jobs_compute",
        region="westeurope",
        scope="region",
        currency="USD",
        unit="DBU",
        price=0.2,
        date="2026-09-01",
        source="our agreement",
    )
    cost = work(job(register, SINGLE), jobs=USE, prices=bundled_prices().with_rows([free]))
    assert triple(cost, "Azure Databricks") == (2.0,) * 3
    assert cost.lines[1].source == "our agreement, 2026-09-01"
