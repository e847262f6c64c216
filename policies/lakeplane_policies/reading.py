"""Reading an input that may be known, absent or not known yet, never mistaking one for another."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from enum import Enum
from typing import Any

__all__ = ["State", "holds_unknown", "plain", "read", "word"]


class State(Enum):
    """Why there is no value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


def plain(value: Any) -> Any:
    """Return a value of the offline render as rules read it.

    Args:
        value: A value with the markers of `lakeplane.provider_models.wire`.

    Returns:
        The value with secrets revealed and `State.UNKNOWN` where nobody knows it before the update.
    """
    if isinstance(value, Mapping):
        if "$unknown" in value:
            return State.UNKNOWN
        if "$secret" in value:
            return plain(value["$secret"])
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def read(inputs: Any, path: str) -> Any:
    """Return the value at a path such as `properties.enablePurgeProtection`.

    Args:
        inputs: A resource's inputs, or a part of them, in the form of `plain`.
        path: Names on the wire, joined by points.

    Returns:
        The value; `State.ABSENT` if it or an object around it isn't set; `State.UNKNOWN` if it or an object
        around it is known only after the update.
    """
    value = inputs
    for name in _names(path):
        if value is State.UNKNOWN:
            return value
        if not isinstance(value, dict) or name not in value:
            return State.ABSENT
        value = value[name]
    return State.ABSENT if value is None else value


def word(inputs: Any, path: str) -> str | State:
    """Return the text at a path, or why there is none; what isn't text counts as its representation."""
    value = read(inputs, path)
    return value if isinstance(value, str | State) else repr(value)


def holds_unknown(value: Any) -> bool:
    """Tell whether a value, or any value in it, is known only after the update."""
    if isinstance(value, dict):
        return any(holds_unknown(item) for item in value.values())
    return value is State.UNKNOWN or (isinstance(value, list) and any(holds_unknown(item) for item in value))


@functools.cache
def _names(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))
