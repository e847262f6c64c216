"""`{{…}}` in a task's parameters, which the workspace resolves when the task starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["resolve"]

_REFERENCE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


def resolve(value: Any, values: Mapping[str, str]) -> Any:
    """Return `value` with its references replaced; unknown ones stay as they are, as on the service.

    Args:
        value: Text, or lists and maps of it.
        values: Value of each reference, such as `job.parameters.catalog`.
    """
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: values.get(match.group(1), match.group(0)), value)
    if isinstance(value, Mapping):
        return {key: resolve(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, values) for item in value]
    return value
