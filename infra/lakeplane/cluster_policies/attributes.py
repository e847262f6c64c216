"""Attributes of a cluster by their path in policies: reading, writing, and where the two forms differ.

A policy names an attribute of the Clusters API by its keys joined with dots. Keys of free maps (tags, Spark
configuration, environment variables) have dots of their own, elements of lists are named by index or by `*`,
and the destination of logs has two paths of its own (`cluster_log_conf.type` and `.path`).

Reference: "Compute policy reference", learn.microsoft.com/azure/databricks/admin/clusters/policy-definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from itertools import pairwise
from typing import Any

__all__ = ["Attribute", "find", "is_generic", "put", "split_path"]

Attribute = tuple[str | int, ...]
"""Path of one attribute in one cluster, such as `("init_scripts", 0, "volumes", "destination")`."""

_FREE_MAPS = ("custom_tags", "spark_conf", "spark_env_vars")
_LOG_CONF = "cluster_log_conf"


def split_path(path: str) -> Attribute:
    """Split a policy's path into keys and indexes; `*` stays as it is."""
    first, dot, rest = path.partition(".")
    if first in _FREE_MAPS and dot:
        return (first, rest)
    return tuple(int(part) if part.isdecimal() else part for part in path.split("."))


def is_generic(path: str) -> bool:
    """Tell whether a path speaks of all elements of a list."""
    return "*" in split_path(path)


def find(cluster: Mapping[str, Any], path: str) -> list[tuple[Attribute, Any]]:
    """Find an attribute's values: one at most, or one an element where the path is generic.

    An attribute that is absent or null is not found.
    """
    keys = split_path(path)
    if keys[0] == _LOG_CONF and len(keys) == 2 and keys[1] in ("type", "path"):
        return _find_log_conf(cluster, keys)
    return [(place, value) for place, value in _walk(cluster, keys, ()) if value is not None]


def put(cluster: MutableMapping[str, Any], path: str, value: Any) -> None:
    """Set an attribute that the cluster lacks, with whatever is above it; generic paths set nothing."""
    keys = split_path(path)
    if "*" in keys:
        return
    if keys[0] == _LOG_CONF and keys[1:] in (("type",), ("path",)):
        _put_log_conf(cluster, str(keys[1]), str(value))
        return
    above: Any = cluster
    for key, following in pairwise(keys):
        above = _child(above, key, [] if isinstance(following, int) else {})
    if isinstance(above, MutableSequence) and isinstance(keys[-1], int):
        _extend(above, keys[-1])
        above[keys[-1]] = value
    elif isinstance(above, MutableMapping):
        above[keys[-1]] = value


def _walk(value: Any, keys: Attribute, place: Attribute) -> Iterator[tuple[Attribute, Any]]:
    if not keys:
        yield place, value
        return
    key, rest = keys[0], keys[1:]
    if key == "*":
        if isinstance(value, Sequence) and not isinstance(value, str):
            for index, item in enumerate(value):
                yield from _walk(item, rest, (*place, index))
    elif isinstance(key, int):
        if isinstance(value, Sequence) and not isinstance(value, str) and key < len(value):
            yield from _walk(value[key], rest, (*place, key))
    elif isinstance(value, Mapping) and key in value:
        yield from _walk(value[key], rest, (*place, key))


def _child(above: Any, key: str | int, empty: Any) -> Any:
    if isinstance(key, int) and isinstance(above, MutableSequence):
        _extend(above, key)
        if above[key] is None:
            above[key] = empty
        return above[key]
    if isinstance(above, MutableMapping):
        if above.get(key) is None:
            above[key] = empty
        return above[key]
    return None


def _extend(items: MutableSequence[Any], index: int) -> None:
    items.extend(None for _ in range(index + 1 - len(items)))


def _find_log_conf(cluster: Mapping[str, Any], keys: Attribute) -> list[tuple[Attribute, Any]]:
    conf = cluster.get(_LOG_CONF)
    if not isinstance(conf, Mapping):
        return []
    for kind, target in conf.items():
        if isinstance(target, Mapping):
            value = kind.upper() if keys[1] == "type" else target.get("destination")
            return [(keys, value)] if value is not None else []
    return []


def _put_log_conf(cluster: MutableMapping[str, Any], part: str, value: str) -> None:
    if part == "type":
        cluster[_LOG_CONF] = {value.lower(): {}}
        return
    usual = "volumes" if value.startswith("/Volumes/") else "dbfs"
    kind = next(iter(cluster.get(_LOG_CONF) or {usual: {}}))
    cluster[_LOG_CONF] = {kind: {"destination": value}}
