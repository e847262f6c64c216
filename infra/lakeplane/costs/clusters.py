"""Databricks clusters: which machines they take, with the policy's values filled in.

A cluster's policy and pools are resources of the same stack, so their ids are unknown in a preview. What the
cluster depends on tells which they are; where several may be meant, all that accept the cluster have to
agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.cluster_policies import evaluate
from lakeplane.costs.billed import KNOWN_LATER, Billed, at, text, whole
from lakeplane.costs.span import Span
from lakeplane.provider_models.wire import has_unknown
from lakeplane.render import Resource

__all__ = ["Cluster", "NodeGroup", "read_cluster"]

_POLICY = "databricks:index/clusterPolicy:ClusterPolicy"
_POOL = "databricks:index/instancePool:InstancePool"
_SPOT = ("SPOT_AZURE", "SPOT_WITH_FALLBACK_AZURE")
_POOL_KEYS = ("instance_pool_id", "driver_instance_pool_id")


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Machines of one size.

    Attributes:
        size: Azure's name of the size.
        nodes: How many of them.
        spot: Whether they are spot machines.
        from_pool: Whether they come from an instance pool.
    """

    size: str
    nodes: Span
    spot: bool = False
    from_pool: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """The machines of one cluster.

    Attributes:
        groups: Its machines, the driver's first.
        photon: Whether its engine is Photon.
    """

    groups: tuple[NodeGroup, ...]
    photon: bool = False


def read_cluster(
    spec: Mapping[str, Any], billed: Billed, *properties: str, kind: str = "job"
) -> Cluster | str:
    """Work out a cluster's machines, or say why they are not known.

    Between the bounds of its autoscaler the middle is expected: no source gives a law for the average.

    Args:
        spec: The cluster, in the form of the REST API.
        billed: The resource that asks for it.
        properties: The resource's inputs that hold it, whose dependencies tell policy and pools.
        kind: What the cluster is for, in the API's words.
    """
    pools = billed.needed(_POOL, *properties)
    answers = [_read(filled, pools) for filled in _filled(spec, billed.needed(_POLICY, *properties), kind)]
    if any(answer != answers[0] for answer in answers):
        return f"which policy it has is {KNOWN_LATER}, and they differ"
    return answers[0]


def _filled(spec: Mapping[str, Any], policies: Iterable[Resource], kind: str) -> list[Mapping[str, Any]]:
    """Return the cluster as each policy that may be meant completes it."""
    if at(spec, "policy_id") is None:
        return [spec]
    accepted: list[Mapping[str, Any]] = []
    refused: list[Mapping[str, Any]] = []
    for policy in policies:
        definition = _definition(policy)
        if definition is None:
            continue
        answer = evaluate(
            definition,
            spec,
            cluster_type="job" if kind == "job" else "all-purpose",
            apply_defaults=at(spec, "apply_policy_default_values") is True,
        )
        (accepted if answer.accepted else refused).append(answer.cluster)
    # A refusal may come from what is not known here, such as the pool: better that policy than none.
    return accepted or refused or [spec]


def _definition(policy: Resource) -> Mapping[str, Any] | None:
    try:
        definition = json.loads(text(policy.inputs, "definition") or "")
    except ValueError:
        return None
    return definition if isinstance(definition, dict) else None


def _read(spec: Mapping[str, Any], pools: tuple[Resource, ...]) -> Cluster | str:
    if has_unknown({key: value for key, value in spec.items() if key in _SIZING}):
        return f"its machines are {KNOWN_LATER}"
    worker = _machine(spec, "instance_pool_id", "node_type_id", pools)
    driver = _machine(spec, "driver_instance_pool_id", "driver_node_type_id", pools)
    if isinstance(worker, str):
        return worker
    if isinstance(driver, str):
        if any(spec.get(key) for key in ("driver_instance_pool_id", "driver_node_type_id")):
            return driver
        driver = worker
    workers = _workers(spec)
    if workers is None:
        return "its number of workers is no number"
    photon = at(spec, "runtime_engine") == "PHOTON" or "-photon-" in (text(spec, "spark_version") or "")
    return Cluster(tuple(_groups(spec, driver, worker, workers)), photon)


# What has to be known to tell machines; pools are told by dependencies.
_SIZING = frozenset(
    {"autoscale", "azure_attributes", "driver_node_type_id", "node_type_id", "num_workers", "runtime_engine"}
)


@dataclass(frozen=True, slots=True)
class _Machine:
    size: str
    spot: bool | None
    from_pool: bool


def _machine(
    spec: Mapping[str, Any], pool_key: str, size_key: str, pools: tuple[Resource, ...]
) -> _Machine | str:
    if spec.get(pool_key):
        if len(pools) != 1:
            return f"which instance pool it takes machines from is {KNOWN_LATER}"
        size = text(pools[0].inputs, "nodeTypeId")
        if size is None:
            return f"the size of its pool's machines is {KNOWN_LATER}"
        availability = at(pools[0].inputs, "azureAttributes", "availability")
        return _Machine(size, availability in _SPOT, from_pool=True)
    size = text(spec, size_key)
    return _Machine(size, None, from_pool=False) if size else "it names no size of machines"


def _workers(spec: Mapping[str, Any]) -> Span | None:
    if isinstance(at(spec, "autoscale"), Mapping):
        least, most = whole(spec, "autoscale", "min_workers"), whole(spec, "autoscale", "max_workers")
        if least is None or most is None or least > most:
            return None
        return Span(least, (least + most) / 2, most)
    fixed = whole(spec, "num_workers")
    if fixed is None:
        # A cluster that asks for neither has a driver alone.
        return Span.of(0) if at(spec, "num_workers") is None else None
    return Span.of(fixed)


def _groups(
    spec: Mapping[str, Any], driver: _Machine, worker: _Machine, workers: Span
) -> Iterator[NodeGroup]:
    """Split a cluster into machines that cost the same; the first ones are bought on demand."""
    spot = at(spec, "azure_attributes", "availability") in _SPOT
    on_demand = (whole(spec, "azure_attributes", "first_on_demand") or 0) if spot else 0
    driver_spot = driver.spot if driver.spot is not None else spot and on_demand < 1
    worker_spot = worker.spot if worker.spot is not None else spot
    first = max(on_demand - 1, 0) if worker.spot is None and spot else 0
    plain = Span(min(workers.low, first), min(workers.expected, first), min(workers.high, first))
    rest = Span(*(max(each - first, 0) for each in (workers.low, workers.expected, workers.high)))
    groups = [
        NodeGroup(driver.size, Span.of(1), driver_spot, driver.from_pool),
        NodeGroup(worker.size, plain, spot=False, from_pool=worker.from_pool),
        NodeGroup(worker.size, rest, worker_spot, worker.from_pool),
    ]
    merged: dict[tuple[str, bool, bool], Span] = {}
    for group in groups:
        if group.nodes.high > 0:
            key = (group.size, group.spot, group.from_pool)
            merged[key] = merged.get(key, Span.of(0)) + group.nodes
    for (size, is_spot, pooled), nodes in merged.items():
        yield NodeGroup(size, nodes, is_spot, pooled)
