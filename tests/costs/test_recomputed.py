"""The arithmetic of one job cluster, one pool and one AKS pool, done again by hand from the tables alone.

Nothing of the product computes here: prices and sizes are read from the CSV files by themselves, and the
formulas are written out. What the specs say stands in the tests as numbers.
"""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from lakeplane.costs import Cost, CostLine
from lakeplane.preview import preview_environment

from .conftest import ENVIRONMENTS, Previews

HOURS = 730


def price(item: str, region: str = "westeurope") -> float:
    text = (files("lakeplane.costs") / "data" / "prices.csv").read_text("utf-8")
    (row,) = [
        row for row in csv.DictReader(text.splitlines()) if (row["item"], row["region"]) == (item, region)
    ]
    return float(row["price"])


def dbus(size: str) -> float:
    text = (files("lakeplane.spec") / "data" / "vm_sizes.csv").read_text("utf-8")
    (row,) = [row for row in csv.DictReader(text.splitlines()) if row["size"] == size]
    return float(row["dbu_per_hour"])


def lines(cost: Cost, name: str) -> list[CostLine]:
    return [line for line in cost.lines if line.resource.endswith(f"::{name}")]


def sums(found: list[CostLine]) -> tuple[float, float, float]:
    return (
        sum(line.low for line in found),
        sum(line.expected for line in found),
        sum(line.high for line in found),
    )


@pytest.mark.parametrize(
    ("name", "size"),
    [("dev", "Standard_D4ds_v5"), ("prod", "Standard_D8ds_v5"), ("examples/max", "Standard_D8ds_v5")],
)
def test_job_cluster(name: str, size: str, previewed: Previews) -> None:
    # One node (a driver alone), 30 declared runs of 15 minutes, ended after an hour at the latest.
    nodes, runs, expected_hours, most_hours = 1, 30, 15 / 60, 3600 / 3600
    an_hour = price(f"vm:{size}") + dbus(size) * price("databricks:premium:jobs_compute")
    low = nodes * runs * expected_hours * an_hour
    assert sums(lines(previewed(name).cost, "workloads-medallion")) == pytest.approx(
        (low, low, nodes * runs * most_hours * an_hour)
    )


@pytest.mark.parametrize(
    ("name", "size", "least", "most"),
    [
        ("dev", "Standard_D4ds_v5", 1, 3),
        ("prod", "Standard_D8ds_v5", 3, 10),
        ("examples/max", "Standard_D8ds_v5", 3, 10),
    ],
)
def test_aks_pool(name: str, size: str, least: int, most: int, previewed: Previews) -> None:
    # The autoscaler starts at its least; the disks are the machines' own.
    a_node = HOURS * price(f"vm:{size}")
    assert sums(lines(previewed(name).cost, "aks-pools-workload-pool")) == pytest.approx(
        (least * a_node, least * a_node, most * a_node)
    )


@pytest.mark.parametrize("name", ["dev", "prod", "examples/max"])
def test_instance_pool_costs_nothing_while_it_keeps_no_machine(name: str, previewed: Previews) -> None:
    (line,) = lines(previewed(name).cost, "pool-pool")
    assert (line.low, line.expected, line.high) == (0, 0, 0)
    assert "0 idle machines x 730 h" in line.what


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Cost:
    """The cost of `dev` with two machines that always wait in its pool."""
    text = (ENVIRONMENTS / "dev.yaml").read_text("utf-8")
    project = tmp_path_factory.mktemp("project")
    (project / "stacks" / "environments").mkdir(parents=True)
    for path in ("Pulumi.yaml", "stacks/__main__.py"):
        (project / path).write_text((ENVIRONMENTS.parents[1] / path).read_text("utf-8"), "utf-8")
    (project / "workloads").symlink_to(ENVIRONMENTS.parents[1] / "workloads")
    spec = project / "stacks" / "environments" / "dev.yaml"
    spec.write_text(f"{text}\noverrides:\n  pool-pool: {{minIdleInstances: 2}}\n", "utf-8")
    return preview_environment(spec).cost


def test_instance_pool_with_idle_machines_costs_machines_and_no_units(idle: Cost) -> None:
    (line,) = lines(idle, "pool-pool")
    expected = 2 * HOURS * price("vm:Standard_D4ds_v5")
    assert (line.low, line.expected, line.high) == pytest.approx((expected, expected, expected))
    assert line.service == "Virtual Machines"


@pytest.mark.parametrize("name", ["dev", "prod", "examples/max"])
def test_every_line_shows_the_arithmetic_that_its_sum_comes_from(name: str, previewed: Previews) -> None:
    for line in previewed(name).cost.lines:
        arithmetic = line.what.partition(": ")[2].partition(" (all in")[0]
        product = 1.0
        for factor in arithmetic.split(" x "):
            product *= float(factor.split(" ")[0])
        assert product == pytest.approx(line.expected, rel=1e-4, abs=0.005), line.what


def test_sql_warehouse_of_prod(previewed: Previews) -> None:
    # Small is 12 DBUs a cluster-hour; 160 declared hours, one to two clusters.
    (line,) = lines(previewed("prod").cost, "sql-warehouse")
    an_hour = 12 * price("databricks:premium:sql_serverless")
    assert (line.low, line.expected, line.high) == pytest.approx(
        (160 * an_hour, 160 * an_hour, 320 * an_hour)
    )
