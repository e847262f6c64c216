"""The table of sizes: whole, sourced, and split rightly into sizes with and without GPUs."""

import csv
import re
from fractions import Fraction
from importlib.resources import files

from lakeplane.spec.sizes import cluster_sizes, gpu_sizes, vm_sizes
from lakeplane.spec.tiers import TIER_DEFAULTS

ROWS = list(
    csv.DictReader((files("lakeplane.spec") / "data" / "vm_sizes.csv").read_text("utf-8").splitlines())
)


def test_sizes_come_once_and_in_order() -> None:
    names = [row["size"] for row in ROWS]
    assert names == sorted(set(names))
    assert len(names) == len(vm_sizes()) > 50


def test_every_size_has_its_source_and_date() -> None:
    for row in ROWS:
        assert re.match(r"[\w.-]+/[\w.-]+ \S+$", row["source_size"]), row["size"]
        assert re.search(r"\d{4}-\d{2}-\d{2}", row["date"]), row["size"]
        assert bool(row["dbu_per_hour"]) is bool(row["source_dbu"]), row["size"]


def test_cluster_sizes_have_no_gpu_and_gpu_sizes_have_one() -> None:
    assert all(not vm_sizes()[size].gpus and "_N" not in size for size in cluster_sizes())
    assert all(vm_sizes()[size].gpus > 0 and "_N" in size for size in gpu_sizes())
    assert {"Standard_NC4as_T4_v3", "Standard_NC24ads_A100_v4", "Standard_ND96isr_H100_v5"} <= set(
        gpu_sizes()
    )


def test_sizes_without_a_known_dbu_rate_are_not_for_clusters() -> None:
    unknown = {size for size, facts in vm_sizes().items() if facts.dbu_per_hour is None}
    assert "Standard_D2ds_v5" in unknown
    assert not unknown & {*cluster_sizes(), *gpu_sizes()}


def test_shares_of_a_gpu_stay_shares() -> None:
    assert vm_sizes()["Standard_NV6ads_A10_v5"].gpus == Fraction(1, 6)


def test_tiers_name_known_sizes() -> None:
    for defaults in TIER_DEFAULTS.values():
        assert defaults["databricks"]["node_type"] in cluster_sizes()
        assert defaults["databricks"]["gpu_node_type"] in gpu_sizes()
        assert defaults["aks"]["node_size"] in vm_sizes()
