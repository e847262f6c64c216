"""Databricks clusters, wherever they are described, and the policies that they stand under."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lakeplane_policies.conditions import show
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import Condition, Path, StackCondition, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import CLUSTER, CLUSTER_POLICY, JOB

__all__ = [
    "allows_only",
    "clusters_in",
    "every_cluster",
    "limit_of",
    "policies_behind",
    "policy_document",
    "under",
]

Limit = Mapping[str, Any]


def clusters_in(inputs: Any) -> Iterator[tuple[Path, Any]]:
    """Yield where a cluster or a job describes clusters, with each description."""
    if read(inputs, "sparkVersion") is not State.ABSENT:
        yield (), inputs
    if read(inputs, "newCluster") is not State.ABSENT:
        yield ("newCluster",), read(inputs, "newCluster")
    for index, shared in _items(inputs, "jobClusters"):
        yield ("jobClusters", index, "newCluster"), read(shared, "newCluster")
    for index, task in _items(inputs, "tasks"):
        for path in ("newCluster", "forEachTask.task.newCluster"):
            if read(task, path) is not State.ABSENT:
                yield ("tasks", index, *path.split(".")), read(task, path)


def every_cluster(condition: Condition) -> Condition:
    """Demand something of each cluster that a resource describes; a job may describe none."""

    def judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
        for path, cluster in clusters_in(inputs):
            if cluster is State.UNKNOWN:
                yield Violation(path, "undecidable: the cluster is not known before the update", True)
                continue
            for found in condition(cluster, settings):
                yield replace(found, path=(*path, *found.path))

    return judge


def under(condition: Callable[[Any, tuple[Any, ...]], Iterator[Violation]]) -> StackCondition:
    """Demand something of each cluster, together with the policies that it may stand under.

    Args:
        condition: Given a cluster and the definitions of those policies, finds what is wrong; paths count
            from the cluster.
    """

    def judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
        del settings
        for one in stack.of(CLUSTER, JOB):
            for path, cluster in clusters_in(one.inputs):
                name = str(path[0]) if path else "policyId"
                behind = policies_behind(stack, one, name) if _has_policy(cluster) else []
                for found in condition(cluster, tuple(policy_document(policy.inputs) for policy in behind)):
                    yield replace(found, path=(*path, *found.path), urn=one.urn)

    return judge


def policies_behind(stack: Stack, resource: Resource, name: str) -> list[Resource]:
    """Return the cluster policies of the stack whose outputs went into an input of a resource."""
    return stack.sources(resource, name, CLUSTER_POLICY)


def policy_document(inputs: Any) -> Any:
    """Return a cluster policy's definition, by attribute; of a policy family, what overrides it.

    Returns:
        `State.UNKNOWN` if it isn't known before the update; empty if it is no JSON object.
    """
    text = read(inputs, "definition")
    if text is State.ABSENT:
        text = read(inputs, "policyFamilyDefinitionOverrides")
    if text is State.UNKNOWN:
        return text
    try:
        document = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def limit_of(document: Any, attribute: str) -> Limit:
    """Return what a policy says of an attribute; empty if it says nothing."""
    found = document.get(attribute) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def allows_only(
    limit: Limit, test: Callable[[Any], bool], *, most: Callable[[Any], bool] | None = None
) -> str:
    """Say how a limit lets more than some values through.

    Args:
        limit: What a policy says of an attribute.
        test: Tells whether a value will do; of a list of values, all have to.
        most: Tells whether the upper end of a range will do; a range won't if left out.

    Returns:
        What is wrong, in words; empty if nothing is.
    """
    kind = limit.get("type")
    if kind == "forbidden":
        return ""
    if kind == "fixed":
        good = "value" in limit and test(limit["value"])
    elif kind == "allowlist":
        values = limit.get("values")
        good = isinstance(values, list) and bool(values) and all(test(value) for value in values)
    elif kind == "range":
        good = most is not None and most(limit.get("maxValue"))
    else:
        return (
            "the policy doesn't limit it" if kind in (None, "unlimited") else f"its limit is of type {kind}"
        )
    return "" if good else f"the limit lets through too much: {show(dict(limit))[6:]}"


def _items(inputs: Any, name: str) -> Iterator[tuple[int, Any]]:
    found = read(inputs, name)
    yield from enumerate(found if isinstance(found, list) else ())


def _has_policy(cluster: Any) -> bool:
    return read(cluster, "policyId") is not State.ABSENT
