"""What the bundled policies say of each attribute, by what a policy is for.

A policy for one node imposes what makes a cluster single-node instead of asking for it, because the service's
own check is skipped where a policy is set (databricks/cli, `bundle/config/validate/single_node_cluster.go`).
Sizes and their DBUs an hour come from `lakeplane/spec/data/vm_sizes.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lakeplane.cluster_policies.dbus import whole_cluster
from lakeplane.spec.sizes import cluster_sizes, gpu_sizes, vm_sizes

if TYPE_CHECKING:
    from lakeplane.spec import DatabricksSpec

__all__ = ["Cell", "Rules", "rules"]

Rules = dict[str, dict[str, Any]]
"""A policy's definition: limit by attribute."""

_LARGEST_NODE = 4  # times the DBU rate of the spec's own size: one node of a cluster may use that much
_FORBIDDEN: Mapping[str, Any] = {"type": "forbidden", "hidden": True}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a policy is for.

    Attributes:
        kind: Clusters of notebooks, jobs or pipelines, in the API's words.
        gpu: Whether nodes have GPUs.
        many: Whether clusters have workers.
        model_a_core: Whether each core fits a model of its own.
    """

    kind: Literal["all-purpose", "job", "dlt"]
    gpu: bool = False
    many: bool = False
    model_a_core: bool = False

    @property
    def pooled(self) -> bool:
        """Whether clusters may take their machines from a pool instead of naming a size.

        The pool holds CPU machines. A single node gains little from it; pipelines and many models bring
        their own machines, so that they cannot take those that people wait for.
        """
        return self.many and not self.gpu and self.kind != "dlt" and not self.model_a_core


def rules(cell: Cell, spec: DatabricksSpec, tags: Mapping[str, str]) -> Rules:
    """Write the definition of a policy.

    Args:
        cell: What the policy is for.
        spec: Sizes, runtimes and hours of the environment.
        tags: Tags that every cluster gets.
    """
    return {
        "cluster_type": {"type": "fixed", "value": cell.kind},
        **{f"custom_tags.{key}": _fixed(value) for key, value in tags.items()},
        **_side_doors(),
        **_machines(cell, spec),
        **(_many_nodes(cell, spec) if cell.many else _one_node(cell, spec)),
        **({} if cell.kind == "dlt" else _software(cell, spec)),
        **(_stop(spec) if cell.kind == "all-purpose" else {}),
        **(_model_a_core() if cell.model_a_core else {}),
    }


def _side_doors() -> Rules:
    return {
        # Logs go to volumes: those on DBFS are open to everybody in the workspace.
        "cluster_log_conf.type": {
            "type": "blocklist",
            "values": ["DBFS"],
            "isOptional": True,
            "hidden": True,
        },
        "cluster_log_conf.path": {
            "type": "regex",
            "pattern": "/Volumes/.+",
            "isOptional": True,
            "hidden": True,
        },
        # Shuffles and caches lie on the nodes' disks (security analysis tool, check DP-2).
        "enable_local_disk_encryption": _fixed(True),
        "init_scripts.*.dbfs.destination": dict(_FORBIDDEN),
        "ssh_public_keys.*": dict(_FORBIDDEN),
        "spark_conf.spark.databricks.passthrough.enabled": dict(_FORBIDDEN),
    }


def _software(cell: Cell, spec: DatabricksSpec) -> Rules:
    """Runtime, engine and access mode; pipelines choose all three themselves."""
    runtime = spec.gpu_runtime if cell.gpu else spec.runtime
    # GPU machines and machine-learning runtimes have dedicated access mode only, and what fits a model a core
    # uses libraries that need it.
    modes = ["SINGLE_USER"]
    if cell.many and not cell.gpu:
        modes.insert(1 if cell.model_a_core else 0, "USER_ISOLATION")
    return {
        "spark_version": {"type": "allowlist", "values": [runtime], "defaultValue": runtime},
        # DBU rates of the size table are those of the standard engine.
        "runtime_engine": _fixed("STANDARD"),
        "data_security_mode": {"type": "allowlist", "values": modes, "defaultValue": modes[0]},
        "docker_image.url": dict(_FORBIDDEN),
        # Not imposed: the API takes the attribute only with a `kind` that changes what `spark_version` means.
        "is_single_node": {
            "type": "allowlist",
            "values": [not cell.many],
            "isOptional": True,
            "hidden": True,
        },
    }


def _stop(spec: DatabricksSpec) -> Rules:
    # Of clusters of jobs and pipelines nothing is said: they stop with their run.
    minutes = spec.autotermination_minutes
    return {
        "autotermination_minutes": {
            "type": "range",
            "minValue": 10,  # 0 would mean never
            "maxValue": minutes,
            "defaultValue": minutes,
        }
    }


def _machines(cell: Cell, spec: DatabricksSpec) -> Rules:
    own = _own_size(cell, spec)
    sizes = _sizes_up_to(own, gpu=cell.gpu)
    availability = ["ON_DEMAND_AZURE"]
    if cell.kind != "all-purpose":  # a run can be repeated, a notebook's state is lost
        availability.append("SPOT_WITH_FALLBACK_AZURE")
    limits: Rules = {
        # A cluster from a pool may name no size and no availability: the pool has both.
        "node_type_id": {
            "type": "allowlist",
            "values": sizes,
            **({"isOptional": True} if cell.pooled else {"defaultValue": own}),
        },
        "driver_node_type_id": {"type": "allowlist", "values": sizes, "isOptional": True},
        "azure_attributes.availability": {"type": "allowlist", "values": availability, "isOptional": True},
    }
    if cell.many and len(availability) > 1:
        # The first machine is the driver's; a run does not outlive it.
        limits["azure_attributes.first_on_demand"] = {"type": "range", "minValue": 1, "isOptional": True}
    if not cell.pooled:
        limits["instance_pool_id"] = dict(_FORBIDDEN)
        limits["driver_instance_pool_id"] = dict(_FORBIDDEN)
    return limits


def _one_node(cell: Cell, spec: DatabricksSpec) -> Rules:
    return {
        "num_workers": _fixed(0),
        "spark_conf.spark.databricks.cluster.profile": _fixed("singleNode"),
        "spark_conf.spark.master": _fixed("local[*]"),
        "custom_tags.ResourceClass": _fixed("SingleNode"),
        "autoscale.min_workers": dict(_FORBIDDEN),
        "autoscale.max_workers": dict(_FORBIDDEN),
        "dbus_per_hour": {"type": "range", "maxValue": _LARGEST_NODE * _rate(_own_size(cell, spec))},
    }


def _many_nodes(cell: Cell, spec: DatabricksSpec) -> Rules:
    most = spec.gpu_max_workers if cell.gpu else spec.max_workers
    workers = {"type": "range", "minValue": 1, "maxValue": most}
    rate = _rate(_own_size(cell, spec))
    limits: Rules = {"dbus_per_hour": {"type": "range", "maxValue": whole_cluster(rate, rate, most)}}
    if cell.kind == "job":  # a job knows its data: it may ask for a fixed number of workers
        for path in ("num_workers", "autoscale.min_workers", "autoscale.max_workers"):
            limits[path] = {**workers, "isOptional": True}
    else:
        limits["num_workers"] = dict(_FORBIDDEN)
        limits["autoscale.min_workers"] = {**workers, "defaultValue": 1}
        limits["autoscale.max_workers"] = {**workers, "defaultValue": most}
    return limits


def _model_a_core() -> Rules:
    return {
        # Threads of the linear algebra would take the cores of the other models on the machine.
        "spark_env_vars.OMP_NUM_THREADS": {"type": "unlimited", "defaultValue": "1", "isOptional": True},
        "azure_attributes.availability": {
            "type": "allowlist",
            "values": ["ON_DEMAND_AZURE", "SPOT_WITH_FALLBACK_AZURE"],
            "defaultValue": "SPOT_WITH_FALLBACK_AZURE",  # a lost machine costs the fits that ran on it
            "isOptional": True,
        },
        "azure_attributes.first_on_demand": {
            "type": "range",
            "minValue": 1,
            "defaultValue": 1,
            "isOptional": True,
        },
    }


def _fixed(value: str | int | bool) -> dict[str, Any]:
    return {"type": "fixed", "value": value, "hidden": True}


def _own_size(cell: Cell, spec: DatabricksSpec) -> str:
    return spec.gpu_node_type if cell.gpu else spec.node_type


def _rate(size: str) -> float:
    rate = vm_sizes()[size].dbu_per_hour
    assert rate is not None, f"the spec lets no size without a DBU rate through: {size}"
    return rate


def _sizes_up_to(own: str, *, gpu: bool) -> list[str]:
    known = gpu_sizes() if gpu else cluster_sizes()
    return [own, *(size for size in known if size != own and _rate(size) <= _LARGEST_NODE * _rate(own))]
