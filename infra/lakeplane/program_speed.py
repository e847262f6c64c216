"""Cuts work that the Pulumi SDK does for nothing in a program of many Azure resources.

For every alias of a resource the SDK (3.79 to 3.272) builds a URN out of several outputs and tasks, and reads
the result only for engines that lack alias specs, which is to say never. The tasks then keep the garbage
collector busy. Both together are most of the time of a preview. Alias specs are still sent to the engine, so
renames keep working.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulumi import resource

__all__ = ["adapt_process", "without_waste"]

_MANY_OBJECTS = (200_000, 50, 100)


def adapt_process() -> None:
    """Apply the cuts for the rest of the process; for programs that the engine runs."""
    _drop_alias_urns()
    gc.freeze()
    gc.set_threshold(*_MANY_OBJECTS)


@contextmanager
def without_waste() -> Iterator[None]:
    """Apply the cuts for a while; for renders inside a process that goes on afterwards."""
    collected_before = gc.isenabled()
    before = getattr(resource, "collapse_alias_to_urn", None)
    _drop_alias_urns()
    gc.disable()
    try:
        yield
    finally:
        if before is not None:
            setattr(resource, "collapse_alias_to_urn", before)  # noqa: B010 - not part of the typed module
        if collected_before:
            gc.enable()


def _drop_alias_urns() -> None:
    # An SDK without the function has nothing to cut.
    if hasattr(resource, "collapse_alias_to_urn"):
        setattr(resource, "collapse_alias_to_urn", _no_urn)  # noqa: B010 - not part of the typed module


def _no_urn(*_: Any, **__: Any) -> None:
    """Stand in for the URN of an alias, which nobody reads."""
