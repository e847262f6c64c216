"""The SDK's own work on each resource, done again with less: same results, fewer tasks and futures.

Each function here stands in for one of the SDK's of the same name and does what that one does as far as a
program can tell. `tests/sdk_adapter` renders with and without them and compares.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from pulumi import Alias, Output, ResourceOptions
from pulumi.output import _OutputData
from pulumi.runtime import resource as sdk_resource
from pulumi.runtime import settings
from pulumi.runtime.proto import alias_pb2, source_pb2

__all__ = [
    "nearest_frame",
    "no_urn",
    "prepare_aliases",
    "say_nothing",
    "transfer_properties",
    "wait_for_rpcs",
]

_CONSTRUCTORS = 3
_ALIASES: dict[str, alias_pb2.Alias] = {}
_sdk_prepare_aliases = sdk_resource.prepare_aliases


def no_urn(*_: Any, **__: Any) -> None:
    """Stand in for the URN of an alias, which nobody reads where the engine takes alias specs."""


def say_nothing(*_: Any, **__: Any) -> None:
    """Stand in for the SDK's debug messages, which a render leaves out."""


def nearest_frame() -> source_pb2.StackTrace:
    """Return where the program makes the resource at hand: one frame, where the SDK reads all from files.

    As in the SDK, that is above the third constructor from here: of `Resource`, of its two kinds, and of the
    resource. Packages' own lines are passed over, for they help nobody.
    """
    frame: FrameType | None = sys._getframe(1)
    constructors = 0
    while frame is not None and constructors < _CONSTRUCTORS:
        constructors += frame.f_code.co_name == "__init__"
        frame = frame.f_back
    while frame is not None and not _is_programs(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return source_pb2.StackTrace()
    place = source_pb2.SourcePosition(uri=Path(frame.f_code.co_filename).as_uri(), line=frame.f_lineno)
    return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=place)])


def _is_programs(file: str) -> bool:
    return file.startswith("/") and "/site-packages/" not in file


def transfer_properties(res: Any, props: Mapping[str, Any], custom: bool) -> dict[str, Any]:
    """Make an output of each input with one future, where the SDK makes four and a task.

    Nobody has to wait for these outputs at the end of a program: the registration that fulfils them is waited
    for, and fails with the same error.
    """
    loop = asyncio.get_running_loop()
    own = {res}
    unset: dict[bool, _OutputData[Any]] = {}
    resolvers: dict[str, Any] = {}
    for name in props:
        if name == "urn" or (name == "id" and custom):
            continue
        future: asyncio.Future[_OutputData[Any]] = loop.create_future()
        output: Output[Any] = object.__new__(Output)
        output._data = future  # the SDK's own way to make one
        res.__dict__[name] = output
        resolvers[name] = _Resolver(future, res, own, unset)
    return resolvers


class _Resolver:
    """Fulfils one output, as the SDK calls it."""

    __slots__ = ("_future", "_own", "_res", "_unset")

    def __init__(
        self,
        future: asyncio.Future[_OutputData[Any]],
        res: Any,
        own: set[Any],
        unset: dict[bool, _OutputData[Any]],
    ) -> None:
        self._future = future
        self._res = res
        self._own = own
        self._unset = unset

    def __call__(
        self, value: Any, is_known: bool, is_secret: bool, deps: set[Any] | None, failed: Exception | None
    ) -> None:
        if failed is not None:
            self._future.set_exception(failed)
            # Whoever awaits the output hears of it; if nobody does, the registration's own error is enough.
            self._future.exception()
        elif value is None and not deps and not is_secret:
            # Most outputs of a preview are alike: not set, or not known.
            if is_known not in self._unset:
                self._unset[is_known] = _OutputData(
                    resources=self._own, value=None, is_known=is_known, is_secret=False
                )
            self._future.set_result(self._unset[is_known])
        else:
            resources = {*deps, self._res} if deps else self._own
            self._future.set_result(
                _OutputData(resources=resources, value=value, is_known=is_known, is_secret=is_secret)
            )


async def prepare_aliases(
    resource: Any, options: ResourceOptions | None, supports_alias_specs: bool
) -> list[alias_pb2.Alias]:
    """Write alias specs; those that name a type alone, as the SDKs add by the dozen, without a task each."""
    given = options.aliases if options is not None else None
    if not given or not supports_alias_specs or isinstance(given, Output):
        return await _sdk_prepare_aliases(resource, options, supports_alias_specs)
    specs: list[alias_pb2.Alias] = []
    for alias in given:
        type_ = _only_type(alias)
        if type_ is not None:
            specs.append(_alias_of_type(type_))
        else:
            specs += await _sdk_prepare_aliases(resource, ResourceOptions(aliases=[alias]), True)
    return specs


def _only_type(alias: Any) -> str | None:
    """Return the type that an alias names, if it names nothing else."""
    if not isinstance(alias, Alias) or not isinstance(alias.type_, str):
        return None
    others: tuple[Any, ...] = (alias.name, alias.parent, alias.stack, alias.project)
    return alias.type_ if all(other is ... for other in others) else None


def _alias_of_type(type_: str) -> alias_pb2.Alias:
    if type_ not in _ALIASES:
        _ALIASES[type_] = alias_pb2.Alias(spec=alias_pb2.Alias.Spec(type=type_, parentUrn=""))
    return _ALIASES[type_]


async def wait_for_rpcs(await_all_outstanding_tasks: bool = True) -> None:
    """Wait until nothing is outstanding; the SDK looks through all outstanding outputs again for each."""
    manager = settings._get_rpc_manager()
    while True:
        while manager.rpcs:
            await asyncio.sleep(0)
            if not manager.rpcs:
                break
            try:
                await manager.rpcs.pop()
            except Exception as error:
                cause = manager.unhandled_exception
                if cause is not None:
                    raise error from cause.with_traceback(manager.exception_traceback)
                raise
        if manager.unhandled_exception is not None:
            raise manager.unhandled_exception.with_traceback(manager.exception_traceback)
        if await_all_outstanding_tasks:
            with settings.SETTINGS.lock:
                outstanding = list(settings.SETTINGS.outputs)
                settings.SETTINGS.outputs.clear()
            for task in outstanding:
                await task
        if not manager.rpcs and not (await_all_outstanding_tasks and settings.SETTINGS.outputs):
            return
