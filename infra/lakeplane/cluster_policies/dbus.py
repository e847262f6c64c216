"""The virtual attribute `dbus_per_hour`: the most Databricks units that a cluster can use in an hour.

Workers at their most, and the driver as well; figures from `lakeplane/spec/data/vm_sizes.csv`. What cannot be
worked out is None, and then no limit on it is met: a limit on cost never passes silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeplane.spec.sizes import vm_sizes

__all__ = ["dbus_per_hour", "whole_cluster"]


def dbus_per_hour(cluster: Mapping[str, Any], pools: Mapping[str, str]) -> float | None:
    """Work out the most Databricks units an hour.

    Args:
        cluster: A cluster in the form of the REST API.
        pools: Size of each instance pool's machines, by the pool's id.

    Returns:
        The units, or None if a size is unknown, a number of workers is none, or the cluster runs Photon,
        which is charged by other rates.
    """
    if cluster.get("runtime_engine") == "PHOTON" or "-photon-" in str(cluster.get("spark_version", "")):
        return None
    worker = _rate(cluster, "instance_pool_id", "node_type_id", pools)
    driver = _rate(cluster, "driver_instance_pool_id", "driver_node_type_id", pools)
    if driver is None and not (cluster.get("driver_instance_pool_id") or cluster.get("driver_node_type_id")):
        driver = worker
    workers = _most_workers(cluster)
    if worker is None or driver is None or workers is None:
        return None
    return whole_cluster(driver, worker, workers)


def whole_cluster(driver: float, worker: float, workers: int) -> float:
    """Add up a cluster's units, without the last digits that binary fractions add.

    Rates have four digits behind the point: a limit worked out as `(most + 1) * rate` must not refuse the
    very cluster it was made for because `rate + most * rate` is larger in its sixteenth digit.
    """
    return round(driver + workers * worker, 6)


def _rate(cluster: Mapping[str, Any], pool_key: str, size_key: str, pools: Mapping[str, str]) -> float | None:
    pool = cluster.get(pool_key)
    size = pools.get(str(pool)) if pool else cluster.get(size_key)
    facts = vm_sizes().get(str(size))
    return facts.dbu_per_hour if facts else None


def _most_workers(cluster: Mapping[str, Any]) -> int | None:
    autoscale = cluster.get("autoscale")
    fixed = cluster.get("num_workers")
    counts = [0 if fixed is None else fixed]  # a cluster that asks for neither has a driver alone
    if not isinstance(autoscale, Mapping | None) or any(
        one is not None for one in (autoscale or {}).values()
    ):
        counts.append(autoscale.get("max_workers") if isinstance(autoscale, Mapping) else None)
    if all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in counts):
        return max(counts)
    return None
