"""Cuts work that the Pulumi SDKs do for nothing in a program of many Azure resources.

The providers' SDKs import every resource they know (`packages.py`, `members.py`). For every alias of a
resource the Pulumi SDK builds a URN out of several outputs and tasks, and reads the result only for engines
that lack alias specs, which is to say never; for every output it makes four futures and a task, and the tasks
keep the garbage collector busy (`runtime.py`). Together they are most of the time of a preview. What is sent
to the engine stays the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from pulumi import log
from pulumi import resource as sdk_resources
from pulumi.runtime import resource as sdk_registration
from pulumi.runtime import rpc as sdk_rpc
from pulumi.runtime import stack as sdk_stack

from lakeplane.sdk_adapter import runtime
from lakeplane.sdk_adapter.packages import load_sdks_lazily

__all__ = ["CUTS", "adapt_process", "without_waste"]

_MANY_OBJECTS = (200_000, 50, 100)

Cut = tuple[ModuleType, str, Callable[..., Any]]

# Safe under an engine too.
_ALWAYS: tuple[Cut, ...] = (
    (sdk_resources, "collapse_alias_to_urn", runtime.no_urn),
    (sdk_registration, "prepare_aliases", runtime.prepare_aliases),
)
CUTS: tuple[Cut, ...] = (
    *_ALWAYS,
    (sdk_registration, "_get_stack_trace", runtime.nearest_frame),
    (sdk_rpc, "transfer_properties", runtime.transfer_properties),
    (sdk_stack, "wait_for_rpcs", runtime.wait_for_rpcs),
    (log, "debug", runtime.say_nothing),
)
"""What a render does without: module of the SDK, name there, and what stands in for it."""


def adapt_process() -> None:
    """Apply the cuts for the rest of the process; for programs that the engine runs."""
    load_sdks_lazily()
    for cut in _ALWAYS:
        _apply(cut)
    gc.freeze()
    gc.set_threshold(*_MANY_OBJECTS)


@contextmanager
def without_waste() -> Iterator[None]:
    """Apply the cuts for a while; for renders inside a process that goes on afterwards."""
    collected_before = gc.isenabled()
    before = [(module, name, getattr(module, name, None)) for module, name, _ in CUTS]
    for cut in CUTS:
        _apply(cut)
    gc.disable()
    try:
        yield
    finally:
        for module, name, ordinary in before:
            if ordinary is not None:
                setattr(module, name, ordinary)
        if collected_before:
            gc.enable()


def _apply(cut: Cut) -> None:
    module, name, instead = cut
    # An SDK without the function has nothing to cut.
    if hasattr(module, name):
        setattr(module, name, instead)
