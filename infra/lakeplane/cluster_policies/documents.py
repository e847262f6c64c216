"""The bundled policies: CPU and GPU, one node and many, interactive and job; pipelines; and many models.

Each imposes the environment's tags, limits workers and DBUs an hour, and shuts the doors that go around Unity
Catalog. What they say of each attribute stands in `rules.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.cluster_policies.rules import Cell, rules
from lakeplane.planning import EnvironmentPlan
from lakeplane.spec import EnvironmentSpec

__all__ = ["POLICY_KEYS", "PolicyDocument", "policy_documents"]


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
class _Bundled:
    key: str
    name: str
    use: str
    cell: Cell


_BUNDLED = (
    _Bundled("single_node_interactive", "Single node", "notebooks on small data", Cell("all-purpose")),
    _Bundled(
        "multi_node_interactive",
        "Multi node",
        "notebooks on large data, shared",
        Cell("all-purpose", many=True),
    ),
    _Bundled(
        "gpu_single_node_interactive",
        "GPU, single node",
        "deep learning in notebooks",
        Cell("all-purpose", gpu=True),
    ),
    _Bundled(
        "gpu_multi_node_interactive",
        "GPU, multi node",
        "distributed deep learning in notebooks",
        Cell("all-purpose", gpu=True, many=True),
    ),
    _Bundled(
        "single_node_job", "Single-node job", "jobs on small data and single-model training", Cell("job")
    ),
    _Bundled("multi_node_job", "Multi-node job", "jobs on large data", Cell("job", many=True)),
    _Bundled("gpu_job", "GPU job", "training of one model on one GPU machine", Cell("job", gpu=True)),
    _Bundled(
        "gpu_multi_node_job",
        "GPU job, multi node",
        "distributed training",
        Cell("job", gpu=True, many=True),
    ),
    _Bundled("pipelines", "Pipelines", "declarative pipelines", Cell("dlt", many=True)),
    _Bundled(
        "many_models_job",
        "Many-models job",
        "jobs that fit thousands of small models, one a core",
        Cell("job", many=True, model_a_core=True),
    ),
)

POLICY_KEYS = tuple(one.key for one in _BUNDLED)
"""Keys of the bundled policies."""


def policy_documents(spec: EnvironmentSpec, plan: EnvironmentPlan) -> dict[str, PolicyDocument]:
    """Write the bundled policies of an environment, by key.

    Args:
        spec: Sizes, runtimes and hours.
        plan: Tags that the policies impose on every cluster.
    """
    return {
        one.key: PolicyDocument(
            key=one.key,
            name=f"{spec.name}: {one.name}",
            description=f"For {one.use}, in environment {spec.name}.",
            definition=dict(sorted(rules(one.cell, spec.databricks, plan.tags).items())),
            max_clusters_per_user=(2 if one.cell.gpu else 5) if one.cell.kind == "all-purpose" else None,
        )
        for one in _BUNDLED
    }
