"""Input values as a check meets them: in a program, or on the wire."""

from __future__ import annotations

import enum
import inspect
from typing import Any

import pulumi

from lakeplane.provider_models.sdk_types import is_args_class

__all__ = ["LATER", "is_later", "peel"]


class _Later:
    """Says that nothing can be said about a value yet."""


LATER: Any = _Later()
"""Stands for a value that is absent, not known yet, or a file."""

_PLAIN = frozenset({str, bool, int, float, list, tuple})
_MARKS = frozenset({"$secret", "$unknown", "$asset", "$archive", "$resource"})


def peel(value: Any) -> Any:
    """Return what a check can look at: secrets opened, enumerations as values, else `LATER`."""
    cls = type(value)
    if cls in _PLAIN:
        return value
    if cls is dict:
        if _MARKS.isdisjoint(value):
            return value
        return peel(value["$secret"]) if "$secret" in value else LATER
    if isinstance(value, enum.Enum):
        return value.value
    return LATER if _comes_later(value) else value


def _comes_later(value: Any) -> bool:
    return (
        value is None
        or isinstance(value, pulumi.Output | pulumi.Asset | pulumi.Archive)
        or inspect.isawaitable(value)
    )


# Types of values that hold no others and are known; filled as they are met.
_KNOWN_LEAVES: set[type] = {str, bool, int, float, type(None)}


def is_later(value: Any) -> bool:
    """Tell whether a program's value, or a part of it, comes out of an output."""
    cls = type(value)
    if cls in _KNOWN_LEAVES:
        return False
    if cls is list or cls is tuple:
        return any(is_later(item) for item in value)
    if cls is dict:
        return any(is_later(item) for item in value.values())
    # Outputs answer every attribute, so they are told apart by their class.
    if is_args_class(cls):
        return any(is_later(item) for item in vars(value).values())
    if issubclass(cls, enum.Enum):
        _KNOWN_LEAVES.add(cls)
        return False
    return isinstance(value, pulumi.Output) or inspect.isawaitable(value)
