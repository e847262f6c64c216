"""Values that another stack will know by the time this one is deployed, but that nobody knows yet.

The SDK treats a stack reference's outputs as one value: one unknown among them would make all of them
unknown, and with them everything that the program computes. So each unknown travels through the program as a
text that cannot occur otherwise, and whatever contains it when it comes out is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeplane.provider_models.wire import UNKNOWN, is_unknown

__all__ = ["stand_in", "take_out"]

_MARK = "known-later-c2d1a4f0b7e94f6c"


def stand_in(value: Any) -> Any:
    """Put the text in the place of each unknown."""
    if is_unknown(value):
        return _MARK
    if isinstance(value, Mapping):
        return {key: stand_in(item) for key, item in value.items()}
    return [stand_in(item) for item in value] if isinstance(value, list | tuple) else value


def take_out(value: Any) -> Any:
    """Turn each text that contains an unknown back into an unknown."""
    if isinstance(value, str):
        return dict(UNKNOWN) if _MARK in value else value
    if isinstance(value, Mapping):
        return {key: take_out(item) for key, item in value.items()}
    return [take_out(item) for item in value] if isinstance(value, list | tuple) else value
