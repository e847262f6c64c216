"""Property paths as Pulumi writes them, such as `metadata.annotations["a.b/c"]` or `tasks[0].name`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["ABSENT", "PropertyPath", "at", "contains", "parse_path", "reset", "to_text"]

PropertyPath = tuple[str | int, ...]
"""Keys and indexes from outside to inside; `*` stands for any."""

ABSENT: Mapping[str, Any] = {"$absent": True}
"""Stands for a value that isn't there."""

_PART = re.compile(r"""\.?(?:\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.\["]+))""", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")


def parse_path(text: str) -> PropertyPath:
    """Read a path; what isn't one is read as a single key, which then is nowhere found."""
    parts: list[str | int] = []
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None:
            return (text,)
        quoted, index, plain = found.groups()
        if quoted is not None:
            parts.append(re.sub(r"(?s)\\(.)", r"\1", quoted))
        elif index is not None:
            parts.append(int(index) if index.isdigit() else index)
        else:
            parts.append(plain)
        place = found.end()
    return tuple(parts)


def to_text(path: PropertyPath) -> str:
    """Write a path."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def contains(outer: PropertyPath, inner: PropertyPath) -> bool:
    """Tell whether a path is, or lies inside, what another one names."""
    return len(outer) <= len(inner) and all(part in ("*", inner[index]) for index, part in enumerate(outer))


def at(value: Any, path: PropertyPath) -> Any:
    """Return what stands at a path without `*`; `ABSENT` if nothing does."""
    for part in path:
        is_item = isinstance(value, list) and isinstance(part, int) and part < len(value)
        if not is_item and not (isinstance(value, Mapping) and part in value):
            return ABSENT
        value = value[part]
    return value


def reset(before: Any, after: Any, path: PropertyPath) -> Any:
    """Return `after` with what stands at a path taken from `before`, as the engine ignores changes.

    Where a container on the way is missing on one side there is nothing to take over.
    """
    if not path:
        return before
    first, rest = path[0], path[1:]
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        names: Sequence[Any] = sorted({*before, *after}) if first == "*" else (first,)
        made = dict(after)
        for name in names:
            _put(made, name, _reset_item(before.get(name, ABSENT), after.get(name, ABSENT), rest))
        return made
    if isinstance(before, list) and isinstance(after, list):
        indexes = range(len(after)) if first == "*" else (first,)
        return [
            reset(before[index], item, rest) if index in indexes and index < len(before) else item
            for index, item in enumerate(after)
        ]
    return after


def _reset_item(before: Any, after: Any, rest: PropertyPath) -> Any:
    if rest and ABSENT in (before, after):
        return after
    return reset(before, after, rest)


def _put(into: dict[Any, Any], name: Any, value: Any) -> None:
    if value == ABSENT:
        into.pop(name, None)
    else:
        into[name] = value
