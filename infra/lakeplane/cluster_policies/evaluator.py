"""What a policy makes of a cluster: accepted or refused with every reason, and with which values.

The reference is "Compute policy reference",
learn.microsoft.com/azure/databricks/admin/clusters/policy-definition (as stored in 2024 and 2025), and its
forerunner "Manage cluster policies" of 24 September 2020, which gives each type of limit in full. What
workspaces were seen to answer stands case by case in `tests/cluster_policies/service_cases.py`.

- Values of `fixed` limits are filled in where the cluster lacks them, always; `defaultValue` only when the
  cluster asks for it with `apply_policy_default_values` (databricks/cli,
  `acceptance/bundle/resources/jobs/cluster_policy`, recorded on workspaces).
- A limiting type makes its attribute required, unless `isOptional` is true. `forbidden` refuses any value.
- `*` stands for all elements of a list; a limit that names an element goes before it, so that one limit holds
  for each value. A pattern has to match the whole value.
- `hidden` is about the user interface only. Attributes without a limit are free.
- `dbus_per_hour` and `cluster_type` are worked out, not given by the cluster.
- A cluster from a pool names no size: "The field 'node_type_id' cannot be supplied when an instance pool ID
  is provided" (databricks/terraform-provider-databricks issue 2141), whether user or policy named it.

Our reading, because no source says: a limit on `instance_pool_id` holds for the driver's pool too, unless
that has a limit of its own; a `fixed` value that finds no place in the cluster refuses it; a number and its
text are the same value; a DBU rate that is not known meets no limit.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lakeplane.cluster_policies.attributes import FREE_MAPS, Attribute, find, is_generic, put, split_path
from lakeplane.cluster_policies.dbus import dbus_per_hour
from lakeplane.cluster_policies.limits import Limit, as_text, check_definition, read_limits
from lakeplane.diagnostics import Diagnostic

__all__ = ["ClusterType", "Evaluation", "evaluate"]

ClusterType = Literal["all-purpose", "job", "dlt"]
_VIRTUAL = ("cluster_type", "dbus_per_hour")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A policy's answer.

    Attributes:
        accepted: Whether the cluster may be made.
        cluster: The cluster with the policy's values filled in.
        findings: Every reason of a refusal; empty if accepted.
    """

    accepted: bool
    cluster: dict[str, Any]
    findings: tuple[Diagnostic, ...]

    @property
    def message(self) -> str:
        """The refusal in the workspace's own words; empty if accepted."""
        if self.accepted:
            return ""
        reasons = "; ".join(
            one.summary if one.code == "CLP014" else f"Validation failed for {one.summary}"
            for one in self.findings
        )
        return f"Cluster validation error: {reasons}"


def evaluate(
    definition: Mapping[str, Any],
    cluster: Mapping[str, Any],
    *,
    cluster_type: ClusterType,
    apply_defaults: bool,
    pools: Mapping[str, str] | None = None,
) -> Evaluation:
    """Hold a cluster against a policy.

    Args:
        definition: The policy's definition, the API's own JSON as data.
        cluster: The cluster in the form of the REST API, without `policy_id` being looked at; not changed.
        cluster_type: What the cluster is for: `all-purpose`, `job` or `dlt`.
        apply_defaults: Whether defaults are filled in too (`apply_policy_default_values` of the cluster).
        pools: Size of each instance pool's machines by id, for the DBU limit; no pool is known if left out.

    Returns:
        The answer; a definition that is itself wrong accepts nothing.
    """
    filled: dict[str, Any] = copy.deepcopy(dict(cluster))
    wrong = check_definition(definition)
    if wrong:
        return Evaluation(accepted=False, cluster=filled, findings=wrong)
    limits = read_limits(definition)
    for limit in sorted(limits, key=_filling_order):
        if limit.path not in _VIRTUAL and not find(filled, limit.path):
            if limit.kind == "fixed":
                put(filled, limit.path, limit.rule["value"])
            elif apply_defaults and "defaultValue" in limit.rule:
                put(filled, limit.path, limit.rule["defaultValue"])
    virtual = {"cluster_type": cluster_type, "dbus_per_hour": dbus_per_hour(filled, pools or {})}
    findings = [finding for limit in limits for finding in _judge(limit, filled, virtual, limits)]
    findings += _inherited(limits, filled)
    findings += _beside_pool(filled)
    return Evaluation(accepted=not findings, cluster=filled, findings=tuple(findings))


def _judge(
    limit: Limit, cluster: Mapping[str, Any], virtual: Mapping[str, Any], limits: Iterable[Limit]
) -> list[Diagnostic]:
    if limit.path in _VIRTUAL:
        value = virtual[limit.path]
        if value is None:
            return [] if limit.kind == "unlimited" else [_unknown(limit)]
        return [] if limit.allows(value) else [_refused(limit, (limit.path,), value)]
    values = find(cluster, limit.path)
    if is_generic(limit.path):
        specific = [split_path(other.path) for other in limits if not is_generic(other.path)]
        return [
            _refused(limit, place, value)
            for place, value in values
            if place not in specific and not limit.allows(value)
        ]
    if not values:
        return [_missing(limit)] if limit.required or limit.kind == "fixed" else []
    return [_refused(limit, place, value) for place, value in values if not limit.allows(value)]


def _inherited(limits: Iterable[Limit], cluster: Mapping[str, Any]) -> list[Diagnostic]:
    """Hold the driver's pool against the limit on the workers' pool."""
    by_path = {limit.path: limit for limit in limits}
    limit = by_path.get("instance_pool_id")
    value = cluster.get("driver_instance_pool_id")
    if limit is None or value is None or "driver_instance_pool_id" in by_path or limit.allows(value):
        return []
    return [_refused(limit, ("driver_instance_pool_id",), value)]


def _beside_pool(cluster: Mapping[str, Any]) -> list[Diagnostic]:
    if cluster.get("instance_pool_id") is None:
        return []
    return [
        Diagnostic(
            code="CLP014",
            summary=f"the field '{field}' cannot be supplied when an instance pool ID is provided",
            detail=f"found {cluster[field]!r} beside {cluster['instance_pool_id']!r}; allowed: one of them",
            remedy=f"leave out {field}, the pool has it already; or leave out instance_pool_id",
            path=(field,),
        )
        for field in ("driver_node_type_id", "node_type_id")
        if cluster.get(field) is not None
    ]


def _filling_order(limit: Limit) -> tuple[object, ...]:
    """Kind of a log destination before its path, elements of a list from the first."""
    parts = (f"{part:09}" if isinstance(part, int) else part for part in split_path(limit.path))
    return (limit.path != "cluster_log_conf.type", *parts)


def _subject(place: Attribute) -> str:
    """Name an attribute as workspaces do: `custom_tags, team` for a key of a map, else `path, the value`."""
    if place[0] in FREE_MAPS and len(place) > 1:
        return f"{place[0]}, {place[1]}"
    return f"{'.'.join(map(str, place))}, the value"


def _refused(limit: Limit, place: Attribute, value: Any) -> Diagnostic:
    subject = _subject(place)
    summary, remedy = {
        "fixed": (f"{subject} must be {as_text(limit.rule.get('value'))}", "leave it out or give that value"),
        "forbidden": (f"{subject} must not be present", "leave the attribute out"),
        "allowlist": (f"{subject} must be one of those allowed", "choose one of the values allowed"),
        "blocklist": (f"{subject} must not be one of those blocked", "choose another value"),
        "regex": (f"{subject} must match {limit.rule.get('pattern')}", "give a value that matches"),
        "range": (f"{subject} must be {limit.allowed}", "choose a value in range"),
    }[limit.kind]
    found = as_text(value) if isinstance(value, float) else repr(value)
    if limit.path == "dbus_per_hour":
        remedy = "ask for fewer workers or smaller nodes"
    return Diagnostic(
        code="CLP010" if limit.kind != "forbidden" else "CLP011",
        summary=f'{summary} (is "{as_text(value)}")',
        detail=f"found {found}; allowed: {limit.allowed}",
        remedy=remedy,
        path=place,
    )


def _missing(limit: Limit) -> Diagnostic:
    default = limit.rule.get("defaultValue")
    return Diagnostic(
        code="CLP012",
        summary=f"{_subject(split_path(limit.path))} must be present",
        detail=f"found nothing; allowed: {limit.allowed}",
        remedy="give a value"
        + ("" if default is None else f", or set apply_policy_default_values for {default!r}"),
        path=split_path(limit.path),
    )


def _unknown(limit: Limit) -> Diagnostic:
    return Diagnostic(
        code="CLP013",
        summary=f"{limit.path}, the value cannot be worked out",
        detail=f"found a size, pool or engine without a known DBU rate; allowed: {limit.allowed}",
        remedy="give node_type_id and the number of workers, with a size that the table of sizes knows",
        path=(limit.path,),
    )
