"""Random pairs of a policy and a cluster, from a seed: clusters both near their policy and far off."""

from __future__ import annotations

import random
from typing import Any

from oracle import RATES, passes

SIZES = [*RATES, "Standard_Unheard_of"]
TEXTS = ["a", "b", "ab", "true", "2", "02", "2.0", "SINGLE_USER"]
NUMBERS: list[Any] = [*range(13), "2", "02", "2.0", "7", 2.5, True, -1]
FOLDERS = ["/Volumes/a/b/c/1.sh", "/Volumes/a/b/c/2.sh", "dbfs:/1.sh"]
POOLS = {"pool-1": "Standard_D4ds_v5", "pool-2": "Standard_E8ds_v5"}
VALUES: dict[str, list[Any]] = {
    "node_type_id": SIZES,
    "driver_node_type_id": SIZES,
    "instance_pool_id": [*POOLS, "pool-unknown"],
    "driver_instance_pool_id": [*POOLS],
    "num_workers": NUMBERS,
    "autoscale.min_workers": NUMBERS,
    "autoscale.max_workers": NUMBERS,
    "autotermination_minutes": NUMBERS,
    "spark_version": ["17.3.x-scala2.13", "18.x-scala2.13"],
    "runtime_engine": ["STANDARD", "PHOTON"],
    "data_security_mode": ["SINGLE_USER", "USER_ISOLATION", "NONE"],
    "is_single_node": [True, False, "true", 1],
    "azure_attributes.availability": ["ON_DEMAND_AZURE", "SPOT_AZURE"],
    "azure_attributes.first_on_demand": NUMBERS,
    "spark_conf.spark.master": ["local[*]", *TEXTS],
    "spark_conf.spark.executor.memory": TEXTS,
    "custom_tags.team": TEXTS,
    "custom_tags.cost.centre": TEXTS,
    "spark_env_vars.OMP_NUM_THREADS": TEXTS,
    "init_scripts.0.volumes.destination": FOLDERS,
    "init_scripts.1.volumes.destination": FOLDERS,
    "init_scripts.0.dbfs.destination": FOLDERS,
    "cluster_log_conf.type": ["VOLUMES", "DBFS"],
    "cluster_log_conf.path": ["/Volumes/a/b/logs", "dbfs:/logs"],
}
WILD: dict[str, list[Any]] = {
    "init_scripts.*.volumes.destination": FOLDERS,
    "init_scripts.*.dbfs.destination": FOLDERS,
    "ssh_public_keys.*": TEXTS,
    "spark_conf.*": TEXTS,
    "custom_tags.*": TEXTS,
    "spark_env_vars.*": TEXTS,
}
PATTERNS = ["a", "a.*", "[0-9]+", "a|b", "^ab$", "Standard_D.*", ".*_v5", "pool-.", "/Volumes/.+", "x", "S.*"]


def rule_for(draw: random.Random, values: list[Any]) -> dict[str, Any]:
    kind = draw.choice(["fixed", "forbidden", "allowlist", "blocklist", "regex", "range", "unlimited"])
    rule: dict[str, Any] = {"type": kind}
    if kind == "fixed":
        rule["value"] = draw.choice(values)
    elif kind in ("allowlist", "blocklist"):
        rule["values"] = draw.sample(values, draw.randint(1, min(4, len(values))))
    elif kind == "regex":
        rule["pattern"] = draw.choice(PATTERNS)
    elif kind == "range":
        low, high = sorted(draw.choices([0, 1, 2, 2.5, 7, 12, 40], k=2))
        rule |= {key: bound for key, bound in (("minValue", low), ("maxValue", high)) if draw.random() < 0.6}
    if kind not in ("fixed", "forbidden"):
        if draw.random() < 0.6:
            rule["isOptional"] = draw.random() < 0.8
        allowed = [value for value in values if passes(rule, value)]
        if allowed and draw.random() < 0.4:
            rule["defaultValue"] = draw.choice(allowed)
    if draw.random() < 0.3:
        rule["hidden"] = draw.random() < 0.5
    return rule


def definition_for(draw: random.Random) -> dict[str, dict[str, Any]]:
    paths = draw.sample(list(VALUES), draw.randint(0, 5))
    if draw.random() < 0.4:
        paths += draw.sample(list(WILD), draw.randint(1, 2))
    if draw.random() < 0.08:  # two paths into one value
        paths = list({*paths, "cluster_log_conf.type", "cluster_log_conf.path"})
        paths.sort()  # the order of sets changes from run to run
    definition = {path: rule_for(draw, VALUES.get(path) or WILD[path]) for path in paths}
    if draw.random() < 0.3:
        definition["dbus_per_hour"] = {"type": "range", "maxValue": draw.choice([1, 4.5, 9, 30, 200])}
    if draw.random() < 0.05:
        definition["dbus_per_hour"] = rule_for(draw, [1, 2, 3])
    if draw.random() < 0.2:
        definition["cluster_type"] = rule_for(draw, ["job", "all-purpose", "dlt"])
    return definition


def cluster_for(draw: random.Random, definition: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Make a cluster that mostly keeps to a policy, with some attributes of its own."""
    flat: dict[str, Any] = {}
    for path, values in VALUES.items():
        rule = definition.get(path)
        if rule is None:
            if draw.random() < 0.12:
                flat[path] = draw.choice([*values, None])
        elif draw.random() < 0.55:
            kept = [value for value in values if passes(rule, value)]
            flat[path] = draw.choice(kept if kept and draw.random() < 0.8 else values)
    if "node_type_id" not in flat and "instance_pool_id" not in flat and "node_type_id" not in definition:
        flat["node_type_id"] = draw.choice(list(RATES))
    cluster: dict[str, Any] = {}
    logs = flat.pop("cluster_log_conf.type", None), flat.pop("cluster_log_conf.path", None)
    if logs[0]:
        cluster["cluster_log_conf"] = {logs[0].lower(): {"destination": logs[1]} if logs[1] else {}}
        if draw.random() < 0.1:
            cluster["cluster_log_conf"]["dbfs"] = {"destination": "dbfs:/logs"}
    scripts = [{} for _ in range(draw.choice([0, 0, 0, 0, 1, 2, 3]))]
    for path, value in flat.items():
        first, _, rest = path.partition(".")
        if first == "init_scripts":
            index, kind, _ = rest.split(".")
            if int(index) < len(scripts):
                scripts[int(index)] = {kind: {"destination": value}}
        elif not rest:
            cluster[first] = value
        else:
            cluster.setdefault(first, {})[rest] = value
    if scripts or draw.random() < 0.05:
        cluster["init_scripts"] = scripts
    if draw.random() < 0.1:
        cluster["ssh_public_keys"] = draw.choices(TEXTS, k=draw.randint(0, 2))
    if draw.random() < 0.03:  # a shape that the API would not take
        cluster[draw.choice(["custom_tags", "azure_attributes", "spark_conf"])] = draw.choice(["text", 5])
    return cluster


def pair(seed: int) -> tuple[dict[str, dict[str, Any]], dict[str, Any], str, bool]:
    """Return policy, cluster, kind of the cluster, and whether defaults are asked for."""
    draw = random.Random(seed)
    definition = definition_for(draw)
    cluster = cluster_for(draw, definition)
    return definition, cluster, draw.choice(["job", "job", "all-purpose", "dlt"]), draw.random() < 0.6
