"""The virtual attribute `dbus_per_hour`: the most Databricks units that a cluster can use in an hour.

Workers at their most, and the driver as well; figures from `lakeplane/spec/data/vm_sizes.csv`. What cannot be
worked out is None, and then no limit on it is met: a limit on cost never passes silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeplane.spec.sizes import vm_sizes

__all__ = ["dbus_per_hour"]


def dbus_per_hour(cluster: Mapping[str, Any], pools: Mapping[str, str]) -> float | None:
    """Work out the most Databricks units an hour.

    Args:
        cluster: A cluster in the form of the REST API.
        pools: Size of each instance pool's machines, by the pool's id.

    Returns:
        The units, or None if a size is unknown or the cluster runs Photon, which is charged by other rates.
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
    return driver + workers * worker


def _rate(cluster: Mapping[str, Any], pool_key: str, size_key: str, pools: Mapping[str, str]) -> float | None:
    pool = cluster.get(pool_key)
    size = pools.get(str(pool)) if pool else cluster.get(size_key)
    facts = vm_sizes().get(str(size))
    return facts.dbu_per_hour if facts else None


def _most_workers(cluster: Mapping[str, Any]) -> int | None:
    autoscale = cluster.get("autoscale")
    most = autoscale.get("max_workers") if isinstance(autoscale, Mapping) else cluster.get("num_workers", 0)
    return most if isinstance(most, int) and not isinstance(most, bool) else None
