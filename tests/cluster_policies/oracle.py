"""A second evaluator of cluster policies, written from the reference alone and on other lines.

Where the evaluator walks limits and looks up nested values, the oracle turns a cluster into flat lines
(`init_scripts.0.volumes.destination: /Volumes/…`) and asks of each line which one limit governs it. It shares
no code and no table with the evaluator. Where the reference is silent, it follows the readings that the
evaluator's module states, so that it proves them kept and not right.

Reference: "Compute policy reference" (learn.microsoft.com/azure/databricks/admin/clusters/policy-definition)
and "Manage cluster policies" of 24 September 2020. DBU rates: databrickslabs/lakemeter-oss
`backend/static/pricing/instance-dbu-rates.csv`, 10 April 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

RATES = {
    "Standard_D4ds_v5": Decimal("1"),
    "Standard_D8ds_v5": Decimal("2"),
    "Standard_E4ds_v5": Decimal("1.5"),
    "Standard_E8ds_v5": Decimal("2.75"),
    "Standard_NC4as_T4_v3": Decimal("1"),
    "Standard_NC24ads_A100_v4": Decimal("10"),
}
VIRTUAL = {"dbus_per_hour", "cluster_type"}
MAPS = ("spark_conf.", "custom_tags.", "spark_env_vars.")

Lines = dict[str, list[Any]]


@dataclass
class Verdict:
    """What the oracle makes of a pair: the cluster as lines, and the lines that offend."""

    lines: Lines
    offending: set[str] = field(default_factory=set)

    @property
    def accepted(self) -> bool:
        return not self.offending


def lines_of(cluster: dict[str, Any]) -> Lines:
    """Write a cluster as lines, nulls left out; the kind of a log destination is a line of its own."""
    lines: Lines = {}

    def write(path: str, value: Any) -> None:
        if path == "cluster_log_conf" and isinstance(value, dict):
            for kind, target in value.items():
                if target is not None:
                    lines.setdefault("cluster_log_conf.type", []).append(kind.upper())
                    if isinstance(target, dict) and target.get("destination") is not None:
                        lines.setdefault("cluster_log_conf.path", []).append(target["destination"])
        elif isinstance(value, dict):
            for key, item in value.items():
                write(f"{path}.{key}" if path else key, item)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                write(f"{path}.{index}", item)
        elif value is not None:
            lines.setdefault(path, []).append(value)

    write("", cluster)
    return lines


def judge(
    definition: dict[str, dict[str, Any]],
    cluster: dict[str, Any],
    *,
    kind: str,
    defaults: bool,
    pools: dict[str, str],
) -> Verdict:
    """Say what a policy makes of a cluster."""
    verdict = Verdict(lines_of(cluster))
    _supply(definition, cluster, verdict, defaults)
    for path, values in verdict.lines.items():
        rule = _governing(definition, path)
        if rule and not all(passes(rule, value) for value in values):
            verdict.offending.add(path)
    for path, rule in definition.items():
        if path in VIRTUAL:
            value = kind if path == "cluster_type" else _dbus(verdict.lines, pools)
            known = value is not None
            if rule["type"] != "unlimited" and not (known and passes(rule, value)):
                verdict.offending.add(path)
        elif not _wild(path) and path not in verdict.lines:
            needed = rule["type"] != "forbidden" and not rule.get("isOptional")
            if needed:
                verdict.offending.add(path)
    if "instance_pool_id" in verdict.lines:
        verdict.offending |= verdict.lines.keys() & {"node_type_id", "driver_node_type_id"}
    return verdict


def passes(rule: dict[str, Any], value: Any) -> bool:
    """Tell whether one limit lets one value through."""
    kind = rule["type"]
    if kind == "unlimited":
        return True
    if kind == "forbidden":
        return False
    if kind == "fixed":
        return _same(rule["value"], value)
    if kind in ("allowlist", "blocklist"):
        inside = [one for one in rule["values"] if _same(one, value)] != []
        return inside == (kind == "allowlist")
    if kind == "regex":
        return bool(re.match(rf"(?:{rule['pattern']})\Z", _written(value)))
    amount = _decimal(value)
    if amount is None:
        return False
    above = "minValue" not in rule or amount >= Decimal(str(rule["minValue"]))
    return above and ("maxValue" not in rule or amount <= Decimal(str(rule["maxValue"])))


def _supply(
    definition: dict[str, dict[str, Any]], cluster: dict[str, Any], verdict: Verdict, defaults: bool
) -> None:
    lines, logs = verdict.lines, cluster.get("cluster_log_conf")
    lengths = {name: len(cluster.get(name) or []) for name in ("init_scripts", "ssh_public_keys")}
    for path in sorted(definition, key=_by_index):
        rule = definition[path]
        value = (
            rule.get("value") if rule["type"] == "fixed" else rule.get("defaultValue") if defaults else None
        )
        if value is None or _wild(path) or path in VIRTUAL or path in lines:
            continue
        first, _, rest = path.partition(".")
        if first in lengths:
            index = int(rest.partition(".")[0])
            if index > lengths[first]:
                continue  # a list has no gaps
            lengths[first] = max(lengths[first], index + 1)
        elif rest and cluster.get(first) is not None and not isinstance(cluster[first], dict):
            continue  # there is something else where the value would have to go
        if path == "cluster_log_conf.type":
            if not logs:
                lines[path] = [value.upper()]
        elif path == "cluster_log_conf.path":
            given = definition.get("cluster_log_conf.type", {})
            supplied = given.get("type") == "fixed" or (defaults and "defaultValue" in given)
            if not logs and not supplied:
                lines["cluster_log_conf.type"] = ["VOLUMES" if value.startswith("/Volumes/") else "DBFS"]
            lines[path] = [value]
        else:
            lines[path] = [value]


def _governing(definition: dict[str, dict[str, Any]], path: str) -> dict[str, Any] | None:
    if path in definition:
        return definition[path]
    for pattern, rule in definition.items():
        if _wild(pattern):
            anything = ".+" if pattern.startswith(MAPS) else "[^.]+"
            if re.fullmatch(re.escape(pattern).replace(r"\*", anything), path):
                return rule
    return definition.get("instance_pool_id") if path == "driver_instance_pool_id" else None


def _dbus(lines: Lines, pools: dict[str, str]) -> Decimal | None:
    def one(name: str) -> Any:
        return lines[name][0] if name in lines else None

    if one("runtime_engine") == "PHOTON":
        return None
    size = pools.get(one("instance_pool_id"), "") if one("instance_pool_id") else one("node_type_id")
    driver = size
    if one("driver_instance_pool_id"):
        driver = pools.get(one("driver_instance_pool_id"), "")
    elif one("driver_node_type_id"):
        driver = one("driver_node_type_id")
    workers = [one("num_workers")] if "num_workers" in lines else [0]
    if any(name.startswith("autoscale") for name in lines):
        workers.append(one("autoscale.max_workers"))
    if size not in RATES or driver not in RATES:
        return None
    if not all(type(count) is int and count >= 0 for count in workers):
        return None
    return RATES[driver] + RATES[size] * max(workers)


def _wild(path: str) -> bool:
    return path.endswith(".*") or ".*." in path


def _by_index(path: str) -> list[str]:
    return [part.rjust(6, "0") if part.isdigit() else part for part in path.split(".")]


def _written(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    text = str(value)
    return Decimal(text) if re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", text, re.ASCII) else None


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) == isinstance(other, str) and not isinstance(one, bool):
        return bool(one == other) and not isinstance(other, bool)
    left, right = _decimal(one), _decimal(other)
    if left is not None and right is not None:
        return left == right
    return _written(one) == _written(other)
