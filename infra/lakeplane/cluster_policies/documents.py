"""The bundled policies: CPU and GPU, one node and many, interactive and job.

Each imposes the environment's tags and runtime, limits workers and DBUs an hour, and shuts the doors that go
around Unity Catalog. A policy for one node imposes what makes a cluster single-node instead of asking for it,
because the service's own check is skipped where a policy is set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.planning import EnvironmentPlan
from lakeplane.spec import EnvironmentSpec
from lakeplane.spec.sizes import cluster_sizes, gpu_sizes, vm_sizes

__all__ = ["POLICY_KEYS", "PolicyDocument", "policy_documents"]

Rules = dict[str, dict[str, Any]]

_LARGEST_NODE = 4  # times the DBU rate of the spec's own size: one node of a cluster may use that much


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """One cluster policy.

    Attributes:
        key: Key by which workloads refer to it: `${resources.cluster_policies.KEY.id}`.
        name: What people see in the workspace.
        description: What it is for.
        definition: The API's own JSON as data.
        max_clusters_per_user: Most clusters that one user may have under it; None for no limit.
    """

    key: str
    name: str
    description: str
    definition: Mapping[str, dict[str, Any]]
    max_clusters_per_user: int | None = None

    def to_json(self) -> str:
        """Return the definition as the API takes it, always the same for the same policy."""
        return json.dumps(self.definition, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class _Cell:
    key: str
    name: str
    gpu: bool
    many: bool
    job: bool
    use: str


_CELLS = (
    _Cell(
        "single_node_interactive",
        "Single node",
        gpu=False,
        many=False,
        job=False,
        use="notebooks on small data",
    ),
    _Cell(
        "multi_node_interactive",
        "Multi node",
        gpu=False,
        many=True,
        job=False,
        use="notebooks on large data, shared",
    ),
    _Cell(
        "gpu_single_node_interactive",
        "GPU, single node",
        gpu=True,
        many=False,
        job=False,
        use="deep learning in notebooks",
    ),
    _Cell(
        "gpu_multi_node_interactive",
        "GPU, multi node",
        gpu=True,
        many=True,
        job=False,
        use="distributed deep learning in notebooks",
    ),
    _Cell(
        "single_node_job",
        "Single-node job",
        gpu=False,
        many=False,
        job=True,
        use="jobs on small data and single-model training",
    ),
    _Cell(
        "multi_node_job",
        "Multi-node job",
        gpu=False,
        many=True,
        job=True,
        use="jobs on large data and many models",
    ),
    _Cell(
        "gpu_job", "GPU job", gpu=True, many=False, job=True, use="training of one model on one GPU machine"
    ),
    _Cell(
        "gpu_multi_node_job", "GPU job, multi node", gpu=True, many=True, job=True, use="distributed training"
    ),
)

POLICY_KEYS = tuple(cell.key for cell in _CELLS)
"""Keys of the bundled policies."""


def policy_documents(spec: EnvironmentSpec, plan: EnvironmentPlan) -> dict[str, PolicyDocument]:
    """Write the bundled policies of an environment, by key.

    Args:
        spec: Sizes, runtimes and hours.
        plan: Tags that the policies impose on every cluster.
    """
    return {
        cell.key: PolicyDocument(
            key=cell.key,
            name=f"{spec.name}: {cell.name}",
            description=f"For {cell.use}, in environment {spec.name}.",
            definition=dict(sorted(_rules(cell, spec, plan))),
            max_clusters_per_user=None if cell.job else 2 if cell.gpu else 5,
        )
        for cell in _CELLS
    }


def _rules(cell: _Cell, spec: EnvironmentSpec, plan: EnvironmentPlan) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _kind(cell, spec).items()
    yield from _tags(plan).items()
    yield from _safety(cell).items()
    yield from _nodes(cell, spec).items()
    yield from (_many_nodes(cell, spec) if cell.many else _one_node(cell, spec)).items()


def _kind(cell: _Cell, spec: EnvironmentSpec) -> Rules:
    runtime = spec.databricks.gpu_runtime if cell.gpu else spec.databricks.runtime
    rules: Rules = {
        "cluster_type": {"type": "fixed", "value": "job" if cell.job else "all-purpose"},
        "spark_version": {"type": "allowlist", "values": [runtime], "defaultValue": runtime},
        # DBU rates of the size table are those of the standard engine.
        "runtime_engine": {"type": "fixed", "value": "STANDARD", "hidden": True},
    }
    if not cell.job:  # job clusters stop with their run; the attribute means nothing to them
        minutes = spec.databricks.autotermination_minutes
        rules["autotermination_minutes"] = {
            "type": "range",
            "minValue": 10,  # 0 would mean never
            "maxValue": minutes,
            "defaultValue": minutes,
        }
    return rules


def _tags(plan: EnvironmentPlan) -> Rules:
    return {
        f"custom_tags.{key}": {"type": "fixed", "value": value, "hidden": True}
        for key, value in plan.tags.items()
    }


def _safety(cell: _Cell) -> Rules:
    # GPU machines and machine-learning runtimes have dedicated access mode only.
    modes = ["SINGLE_USER"] if cell.gpu or not cell.many else ["USER_ISOLATION", "SINGLE_USER"]
    return {
        "data_security_mode": {"type": "allowlist", "values": modes, "defaultValue": modes[0]},
        "docker_image.url": {"type": "forbidden", "hidden": True},
        "init_scripts.*.dbfs.destination": {"type": "forbidden", "hidden": True},
        "ssh_public_keys.*": {"type": "forbidden", "hidden": True},
        "cluster_log_conf.type": {
            "type": "blocklist",
            "values": ["DBFS"],
            "isOptional": True,
            "hidden": True,
        },
        "spark_conf.spark.databricks.passthrough.enabled": {"type": "forbidden", "hidden": True},
    }


def _nodes(cell: _Cell, spec: EnvironmentSpec) -> Rules:
    own = _own_size(cell, spec)
    sizes = _sizes_up_to(own, gpu=cell.gpu)
    availability = ["ON_DEMAND_AZURE"]
    if cell.job:  # a run can be repeated, a notebook's state is lost
        availability.append("SPOT_WITH_FALLBACK_AZURE")
    pooled = cell.many and not cell.gpu
    rules: Rules = {
        # A cluster from a pool may name no size and no availability: the pool has both.
        "node_type_id": {
            "type": "allowlist",
            "values": sizes,
            **({"isOptional": True} if pooled else {"defaultValue": own}),
        },
        "driver_node_type_id": {"type": "allowlist", "values": sizes, "isOptional": True},
        "azure_attributes.availability": {"type": "allowlist", "values": availability, "isOptional": True},
    }
    if not pooled:
        rules["instance_pool_id"] = {"type": "forbidden", "hidden": True}
    return rules


def _one_node(cell: _Cell, spec: EnvironmentSpec) -> Rules:
    # These four make a single node by every version of the API; `is_single_node` would need `kind`, which
    # changes what `spark_version` means.
    return {
        "num_workers": {"type": "fixed", "value": 0, "hidden": True},
        "spark_conf.spark.databricks.cluster.profile": {
            "type": "fixed",
            "value": "singleNode",
            "hidden": True,
        },
        "spark_conf.spark.master": {"type": "fixed", "value": "local[*]", "hidden": True},
        "custom_tags.ResourceClass": {"type": "fixed", "value": "SingleNode", "hidden": True},
        "autoscale.min_workers": {"type": "forbidden", "hidden": True},
        "autoscale.max_workers": {"type": "forbidden", "hidden": True},
        "dbus_per_hour": {"type": "range", "maxValue": _LARGEST_NODE * _rate(_own_size(cell, spec))},
    }


def _many_nodes(cell: _Cell, spec: EnvironmentSpec) -> Rules:
    most = spec.databricks.gpu_max_workers if cell.gpu else spec.databricks.max_workers
    rules: Rules = {
        "autoscale.min_workers": {"type": "range", "minValue": 1, "maxValue": most},
        "autoscale.max_workers": {"type": "range", "minValue": 1, "maxValue": most},
        "dbus_per_hour": {"type": "range", "maxValue": (most + 1) * _rate(_own_size(cell, spec))},
    }
    if cell.job:  # a job knows its data: it may ask for a fixed number of workers
        rules["num_workers"] = {"type": "range", "minValue": 1, "maxValue": most, "isOptional": True}
        for path in ("autoscale.min_workers", "autoscale.max_workers"):
            rules[path]["isOptional"] = True
    else:
        rules["num_workers"] = {"type": "forbidden", "hidden": True}
        rules["autoscale.min_workers"]["defaultValue"] = 1
        rules["autoscale.max_workers"]["defaultValue"] = most
    return rules


def _own_size(cell: _Cell, spec: EnvironmentSpec) -> str:
    return spec.databricks.gpu_node_type if cell.gpu else spec.databricks.node_type


def _rate(size: str) -> float:
    rate = vm_sizes()[size].dbu_per_hour
    assert rate is not None, f"the spec lets no size without a DBU rate through: {size}"
    return rate


def _sizes_up_to(own: str, *, gpu: bool) -> list[str]:
    known = gpu_sizes() if gpu else cluster_sizes()
    return [own, *(size for size in known if size != own and _rate(size) <= _LARGEST_NODE * _rate(own))]
