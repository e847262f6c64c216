"""What must hold of every cost: of committed specs, and of environments made up at random."""

from __future__ import annotations

import csv
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeplane.costs import Assumptions, Cost, JobUse, work_out_cost
from lakeplane.costs.estimate import PRICERS
from lakeplane.costs.span import Span
from lakeplane.costs.without_meter import has_meter
from lakeplane.render import Resource
from lakeplane.spec.sizes import cluster_sizes, vm_sizes

from .conftest import Previews

SPECS = ["dev", "prod", "examples/max", "hub"]
UNKNOWN = {"$unknown": True}
ROWS = {
    (row["item"], row["region"]): row
    for row in csv.DictReader(
        (files("lakeplane.costs") / "data" / "prices.csv").read_text("utf-8").splitlines()
    )
}
POOL = "azure-native:containerservice:AgentPool"
JOB = "databricks:index/job:Job"


def must_hold(cost: Cost) -> None:
    for line in cost.lines:
        assert 0 <= line.low <= line.expected <= line.high, line
        found = [
            row
            for (item, _), row in ROWS.items()
            if item == line.item and float(row["price"]) == line.unit_price
        ]
        assert any(line.source.startswith(f"{row['source']}, {row['date']}") for row in found), line
        assert line.expected == pytest.approx(line.quantity * line.unit_price)
    if cost.lines:
        assert cost.low is not None
        assert cost.expected is not None
        assert cost.high is not None
        assert cost.low <= cost.expected <= cost.high
        for end in ("low", "expected", "high"):
            by_service: dict[str, float] = {}
            by_workload: dict[str | None, float] = {}
            for line in cost.lines:
                by_service[line.service] = by_service.get(line.service, 0) + getattr(line, end)
                by_workload[line.workload] = by_workload.get(line.workload, 0) + getattr(line, end)
            assert sum(by_service.values()) == pytest.approx(getattr(cost, end))
            assert sum(by_workload.values()) == pytest.approx(getattr(cost, end))
    for one in cost.not_priced:
        assert one.what
        assert one.reason
        assert one.at_most is None or one.at_most > 0


@pytest.mark.parametrize("name", SPECS)
def test_committed_specs(name: str, previewed: Previews) -> None:
    must_hold(previewed(name).cost)


@pytest.mark.parametrize("name", SPECS)
def test_every_resource_with_a_meter_is_priced_or_listed(name: str, previewed: Previews) -> None:
    """Only what has nothing to pay at all may be missing from both: each such type says why."""
    silent = {
        "azure-native:applicationinsights:Component",  # telemetry counts with its log workspace
        "azure-native:keyvault:Key",  # pays when it rotates
        "azure-native:monitor:DiagnosticSetting",  # pays when it sends logs away
        "databricks:index/clusterPolicy:ClusterPolicy",  # those of jobs: jobs count by themselves
        "kubernetes:core/v1:Service",  # pays as a load balancer
    }
    cost = previewed(name).cost
    told = {line.resource for line in cost.lines} | {one.resource for one in cost.not_priced}
    for one in previewed(name).resources:
        resource = one.resource
        if resource.custom and not resource.read and has_meter(resource.type):
            assert resource.urn in told or resource.type in silent, resource.urn


def test_no_type_is_priced_and_free_at_once() -> None:
    assert [token for token in PRICERS if not has_meter(token) and not token.startswith("kubernetes:")] == []


@pytest.mark.parametrize("name", SPECS)
def test_order_of_resources_changes_no_sum(name: str, previewed: Previews) -> None:
    resources = [one.resource for one in previewed(name).resources]
    forth = work_out_cost(resources, region="westeurope")
    back = work_out_cost(reversed(resources), region="westeurope")
    assert sorted(forth.lines, key=repr) == sorted(back.lines, key=repr)
    assert sorted(forth.not_priced, key=repr) == sorted(back.not_priced, key=repr)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_an_unknown_in_the_place_of_any_input_never_fails_and_never_hides(
    name: str, previewed: Previews
) -> None:
    """Each input of each billed resource in turn becomes unknown: told, priced or listed, never an error."""
    resources = [one.resource for one in previewed(name).resources]
    for index, resource in enumerate(resources):
        if resource.type not in PRICERS:
            continue
        for key in resource.inputs:
            changed = replace(resource, inputs={**resource.inputs, key: UNKNOWN})
            cost = work_out_cost([*resources[:index], changed, *resources[index + 1 :]], region="westeurope")
            must_hold(cost)


SIZES = st.sampled_from([*cluster_sizes(), "Standard_Unknown_v1"])
COUNTS = st.integers(0, 50)


@st.composite
def node_pools(draw: st.DrawFn) -> Resource:
    least, more, most = draw(COUNTS), draw(COUNTS), draw(COUNTS)
    inputs = {
        "agentPoolName": "p",
        "vmSize": draw(SIZES),
        "count": draw(st.one_of(COUNTS, st.just(UNKNOWN))),
        "enableAutoScaling": draw(st.booleans()),
        "minCount": least,
        "maxCount": least + more + most,
        "osDiskType": draw(st.sampled_from(["Ephemeral", "Managed"])),
        "osDiskSizeGB": draw(st.sampled_from([30, 128, 2048])),
        "scaleSetPriority": draw(st.sampled_from(["Regular", "Spot"])),
    }
    return resource(POOL, inputs)


@st.composite
def jobs(draw: st.DrawFn) -> Resource:
    workers: dict[str, Any] = {"numWorkers": draw(COUNTS)}
    if draw(st.booleans()):
        least = draw(COUNTS)
        workers = {"autoscale": {"minWorkers": least, "maxWorkers": least + draw(COUNTS)}}
    cluster = {
        "nodeTypeId": draw(SIZES),
        "runtimeEngine": draw(st.sampled_from(["STANDARD", "PHOTON"])),
        "azureAttributes": {
            "availability": draw(st.sampled_from(["ON_DEMAND_AZURE", "SPOT_WITH_FALLBACK_AZURE"])),
            "firstOnDemand": draw(st.integers(0, 5)),
        },
        **workers,
    }
    inputs: dict[str, Any] = {
        "name": "job",
        "timeoutSeconds": draw(st.sampled_from([0, 60, 7200])),
        "jobClusters": [{"jobClusterKey": "main", "newCluster": cluster}],
    }
    expression = draw(st.sampled_from(["0 0 6 * * ?", "0 0/5 * * * ?", "0 0 6 LW * ?", "nonsense", None]))
    if expression:
        paused = draw(st.sampled_from(["PAUSED", "UNPAUSED"]))
        inputs["schedule"] = {"quartzCronExpression": expression, "pauseStatus": paused}
    return resource(JOB, inputs)


def resource(token: str, inputs: dict[str, Any]) -> Resource:
    return Resource(urn=f"urn:pulumi:s::p::{token}::one", type=token, name="one", custom=True, inputs=inputs)


def cost_of(*resources: Resource, region: str = "westeurope") -> Cost:
    use = {"job": JobUse(workload="w", expected_minutes=30, runs_per_month=2)}
    return work_out_cost(resources, region=region, assumptions=Assumptions(jobs=use))


@given(node_pools(), st.sampled_from(["westeurope", "eastus", "japaneast"]))
def test_random_node_pools(pool: Resource, region: str) -> None:
    cost = cost_of(pool, region=region)
    must_hold(cost)
    assert cost.lines or cost.not_priced


@given(jobs(), st.sampled_from(["westeurope", "eastus", "japaneast"]))
def test_random_jobs(job: Resource, region: str) -> None:
    cost = cost_of(job, region=region)
    must_hold(cost)
    assert cost.lines or cost.not_priced


@given(node_pools())
def test_one_more_node_never_lowers_the_cost(pool: Resource) -> None:
    for key in ("count", "minCount", "maxCount"):
        value = pool.inputs[key]
        if isinstance(value, int):
            more = {**pool.inputs, key: value + 1}
            more["maxCount"] = max(more["minCount"], more["maxCount"])
            assert_no_less(cost_of(replace(pool, inputs=more)), cost_of(pool))


@given(jobs())
def test_one_more_worker_never_lowers_the_cost(job: Resource) -> None:
    cluster = job.inputs["jobClusters"][0]["newCluster"]
    if "numWorkers" in cluster:
        larger = {**cluster, "numWorkers": cluster["numWorkers"] + 1}
    else:
        bounds = cluster["autoscale"]
        larger = {**cluster, "autoscale": {**bounds, "maxWorkers": bounds["maxWorkers"] + 1}}
    changed = {**job.inputs, "jobClusters": [{"jobClusterKey": "main", "newCluster": larger}]}
    assert_no_less(cost_of(replace(job, inputs=changed)), cost_of(job))


def assert_no_less(larger: Cost, smaller: Cost) -> None:
    for end in ("low", "expected", "high"):
        assert (getattr(larger, end) or 0) >= (getattr(smaller, end) or 0) - 1e-9, end


@given(
    st.lists(st.floats(0, 1e6), min_size=3, max_size=3).map(sorted),
    st.lists(st.floats(0, 1e6), min_size=3, max_size=3).map(sorted),
)
def test_spans_stay_in_order(one: list[float], other: list[float]) -> None:
    product, total = Span(*one) * Span(*other), Span(*one) + Span(*other)
    assert product.low <= product.expected <= product.high
    assert total.low <= total.expected <= total.high


@pytest.mark.parametrize("amounts", [(2, 1, 3), (1, 3, 2), (-1, 0, 0), (float("nan"), 1, 1)])
def test_spans_out_of_order_are_refused(amounts: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="not in order"):
        Span(*amounts)


def test_sizes_of_the_table_are_what_random_pools_draw_from() -> None:
    assert set(cluster_sizes()) <= set(vm_sizes())
