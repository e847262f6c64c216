"""Whether a policy can be satisfied at all: a cluster that it accepts, built from its own limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from lakeplane.cluster_policies.attributes import is_generic, put
from lakeplane.cluster_policies.evaluator import ClusterType, Evaluation, evaluate
from lakeplane.cluster_policies.limits import Limit, check_definition, read_limits

__all__ = ["explain_witness", "witness"]


def witness(definition: Mapping[str, Any]) -> dict[str, Any] | None:
    """Build a cluster that a policy accepts.

    Returns:
        The smallest cluster that asks for defaults and for nothing beyond what the limits require, or None if
        the policy does not accept it. None for a policy whose required attributes only have a pattern or a
        list of what is blocked does not prove that no cluster would pass.
    """
    evaluation = explain_witness(definition)
    return evaluation.cluster if evaluation.accepted else None


def explain_witness(definition: Mapping[str, Any]) -> Evaluation:
    """Build the cluster of `witness` and return what the policy makes of it, refusals included."""
    if check_definition(definition):
        return evaluate(definition, {}, cluster_type="job", apply_defaults=True)
    limits = read_limits(definition)
    cluster: dict[str, Any] = {}
    for limit in limits:
        virtual = limit.path in ("cluster_type", "dbus_per_hour")
        if not virtual and limit.required and "defaultValue" not in limit.rule and not is_generic(limit.path):
            put(cluster, limit.path, _least(limit))
    for path, candidates in (("node_type_id", ()), ("num_workers", (1,))):
        _complete(cluster, path, candidates, limits)
    return evaluate(definition, cluster, cluster_type=_type(limits), apply_defaults=True)


def _complete(cluster: dict[str, Any], path: str, candidates: tuple[Any, ...], limits: list[Limit]) -> None:
    """Give what every cluster needs, where the policy leaves it to the user."""
    limit = next((one for one in limits if one.path == path), None)
    if (
        limit is None
        or limit.kind in ("fixed", "forbidden")
        or limit.required
        or "defaultValue" in limit.rule
    ):
        return
    values = (*limit.rule.get("values", ()), *candidates)
    value = next((one for one in values if limit.allows(one)), None)
    if value is not None:
        cluster[path] = value


def _least(limit: Limit) -> Any:
    match limit.kind:
        case "allowlist":
            return limit.rule["values"][0]
        case "range":
            return limit.rule.get("minValue", limit.rule.get("maxValue", 0))
        case _:
            return "any"


def _type(limits: list[Limit]) -> ClusterType:
    limit = next((one for one in limits if one.path == "cluster_type"), None)
    kinds: tuple[ClusterType, ...] = get_args(ClusterType)
    return next((kind for kind in kinds if limit is None or limit.allows(kind)), "all-purpose")
