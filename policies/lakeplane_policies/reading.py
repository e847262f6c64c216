"""Reading an input that may be known, absent or not known yet, never mistaking one for another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from pulumi_policy.proxy import UnknownValueError

__all__ = ["State", "read"]


class State(Enum):
    """Why there is no value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


def read(inputs: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path such as `properties.enablePurgeProtection`.

    Args:
        inputs: A resource's inputs, from the engine or from the offline render.
        path: Names on the wire, joined by points.

    Returns:
        The value, secrets revealed; `State.ABSENT` if it or an object around it isn't set; `State.UNKNOWN` if
        it or an object around it is known only after the update.
    """
    value: Any = inputs
    try:
        for name in path.split("."):
            value = _plain(value)
            if value is State.UNKNOWN:
                return State.UNKNOWN
            if not isinstance(value, Mapping) or name not in value:
                return State.ABSENT
            value = value[name]
    except UnknownValueError:
        return State.UNKNOWN
    found = _plain(value)
    return State.ABSENT if found is None else found


def _plain(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "$unknown" in value:
        return State.UNKNOWN
    return _plain(value["$secret"]) if "$secret" in value else value
