"""Attributes of a cluster by their path in policies: reading, writing, and where the two forms differ.

A policy names an attribute of the Clusters API by its keys joined with dots. Keys of free maps (tags, Spark
configuration, environment variables) have dots of their own, elements of lists are named by index or by `*`,
and the destination of logs has two paths of its own (`cluster_log_conf.type` and `.path`).

The reference (see `evaluator.py`) has `*` for all elements of a list; in `custom_tags.*`, `spark_conf.*` and
`spark_env_vars.*` it writes `*` for a key to be appended. That such a path, taken by its letters, speaks of
all keys of the map is our reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import pairwise
from typing import Any

__all__ = ["FREE_MAPS", "Attribute", "find", "is_generic", "put", "split_path"]

Attribute = tuple[str | int, ...]
"""Path of one attribute in one cluster, such as `("init_scripts", 0, "volumes", "destination")`."""

FREE_MAPS = ("custom_tags", "spark_conf", "spark_env_vars")
"""Attributes whose keys are the user's own."""

_LOG_CONF = "cluster_log_conf"


def split_path(path: str) -> Attribute:
    """Split a policy's path into keys and indexes; `*` stays as it is."""
    first, dot, rest = path.partition(".")
    if first in FREE_MAPS and dot:
        return (first, rest)
    return tuple(int(part) if part.isdecimal() else part for part in path.split("."))


def is_generic(path: str) -> bool:
    """Tell whether a path speaks of all elements of a list, or of all keys of a map."""
    return "*" in split_path(path)


def find(cluster: Mapping[str, Any], path: str) -> list[tuple[Attribute, Any]]:
    """Find an attribute's values: one at most, or one an element where the path is generic.

    An attribute that is absent or null is not found. Logs that name several kinds of destination have as many
    values of `cluster_log_conf.type`, so that none hides behind another.
    """
    keys = split_path(path)
    if keys[0] == _LOG_CONF and keys[1:] in (("type",), ("path",)):
        return list(_find_log_conf(cluster, keys))
    return [(place, value) for place, value in _walk(cluster, keys, ()) if value is not None]


def put(cluster: MutableMapping[str, Any], path: str, value: Any) -> None:
    """Set an attribute that the cluster lacks, with whatever is above it.

    Generic paths set nothing, and neither do paths that lead through a value of another shape (a text where a
    map should be) or behind the end of a list: `find` tells whether the value is there.
    """
    keys = split_path(path)
    if keys[0] == _LOG_CONF and keys[1:] in (("type",), ("path",)):
        _put_log_conf(cluster, str(keys[1]), str(value))
    elif "*" not in keys and _has_place(cluster, keys):
        above: Any = cluster
        for key, following in pairwise(keys):
            above = _child(above, key, [] if isinstance(following, int) else {})
        if isinstance(above, list) and keys[-1] == len(above):
            above.append(value)
        else:
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
        elif isinstance(value, Mapping):
            for name, item in value.items():
                yield from _walk(item, rest, (*place, str(name)))
    elif isinstance(key, int):
        if isinstance(value, Sequence) and not isinstance(value, str) and key < len(value):
            yield from _walk(value[key], rest, (*place, key))
    elif isinstance(value, Mapping) and key in value:
        yield from _walk(value[key], rest, (*place, key))


def _has_place(value: Any, keys: Attribute) -> bool:
    """Tell whether a path leads through what is there, lists growing by one element at most."""
    for key in keys:
        if isinstance(key, int):
            if not isinstance(value, list | None) or key > len(value or ()):
                return False
            value = value[key] if value and key < len(value) else None
        else:
            if not isinstance(value, MutableMapping | None):
                return False
            value = value.get(key) if value else None
    return True


def _child(above: Any, key: str | int, empty: Any) -> Any:
    if isinstance(key, int):
        if key == len(above):
            above.append(empty)
        elif above[key] is None:
            above[key] = empty
    elif above.get(key) is None:
        above[key] = empty
    return above[key]


def _find_log_conf(cluster: Mapping[str, Any], keys: Attribute) -> Iterator[tuple[Attribute, Any]]:
    conf = cluster.get(_LOG_CONF)
    for kind, target in conf.items() if isinstance(conf, Mapping) else ():
        if target is None:
            continue
        value = target.get("destination") if isinstance(target, Mapping) else None
        if keys[1] == "type":
            yield keys, str(kind).upper()
        elif value is not None:
            yield keys, value


def _put_log_conf(cluster: MutableMapping[str, Any], part: str, value: str) -> None:
    conf = cluster.get(_LOG_CONF)
    if not conf:
        usual = "volumes" if value.startswith("/Volumes/") else "dbfs"
        cluster[_LOG_CONF] = {value.lower(): {}} if part == "type" else {usual: {"destination": value}}
    elif part == "path" and isinstance(conf, MutableMapping):
        kind, target = next(iter(conf.items()))
        conf[kind] = {**(target if isinstance(target, Mapping) else {}), "destination": value}
