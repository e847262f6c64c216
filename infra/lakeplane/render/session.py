"""Running a program in this process, apart from any other Pulumi run in it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pulumi.runtime import run_in_stack, settings
from pulumi.runtime.config import set_all_config

from lakeplane.render.graph import Graph
from lakeplane.render.monitor import RecordingEngine, RecordingMonitor
from lakeplane.sdk_adapter import without_waste

__all__ = ["render"]


def render(
    program: Callable[[], None],
    *,
    project: str,
    stack: str,
    config: Mapping[str, str] | None = None,
    secret_config: Collection[str] = (),
    stack_references: Mapping[str, Mapping[str, Any]] | None = None,
) -> Graph:
    """Run a Pulumi program and return everything that it registers, as an engine with no state would see it.

    Nothing is created, no socket is opened, no `pulumi` binary is needed, and two runs give equal graphs.

    Args:
        program: What `pulumi up` would run; it registers resources when called.
        project: Name of the Pulumi project.
        stack: Name of the stack.
        config: The stack's configuration by full key, such as `lakeplane:spec`.
        secret_config: Keys of `config` whose values are secret.
        stack_references: Outputs of other stacks by full name, with the markers of
            `lakeplane.provider_models.wire`. A program that reads a stack missing here is refused.

    Raises:
        PlanError: A URN is registered twice, or a stack's outputs are missing.
        Exception: Whatever the program itself raises.
    """
    monitor = RecordingMonitor(project, stack, dict(stack_references or {}))
    engine = RecordingEngine()

    def run() -> None:
        settings.reset_options(project=project, stack=stack, preview=True, organization="organization")
        settings.SETTINGS.monitor = monitor
        settings.SETTINGS.engine = engine
        set_all_config(dict(config or {}), list(secret_config))
        with _event_loop() as loop:
            loop.run_until_complete(run_in_stack(program))

    with without_waste():
        # The SDK keeps its settings in context variables: a context of its own leaves the caller's alone.
        contextvars.copy_context().run(run)
    return monitor.graph(engine.messages)


class _InlineExecutor(concurrent.futures.ThreadPoolExecutor):
    """Does work at once, in the caller's thread, so that registrations come in one order."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - the future hands it to whoever waits
            future.set_exception(error)
        return future


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_InlineExecutor(1))
    # A program that ends early leaves one failed task for each of its outputs; its error is told once, to the
    # caller, and not again for each of them whenever they are collected.
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        yield loop
    finally:
        loop.close()
