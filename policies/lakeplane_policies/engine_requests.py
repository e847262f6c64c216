"""Working out once for each of the engine's requests what the SDK works out anew for every policy."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format
from pulumi_policy import policy as sdk

__all__ = ["install", "once"]

_MEMO: ContextVar[dict[Hashable, Any] | None] = ContextVar("memo", default=None)
_SDK: Any = sdk  # what is put in here has no public name


def once(key: Hashable, make: Callable[[], Any]) -> Any:
    """Return what was made under a key during this request; make it, if nothing was or none is served."""
    memo = _MEMO.get()
    if memo is None:
        return make()
    if key not in memo:
        memo[key] = make()
    return memo[key]


def install() -> None:
    """Let the SDK read each resource of a request once, not once for each of the pack's policies."""
    base = _SDK._PolicyAnalyzerServicer
    served = {name: _as_one(getattr(base, name)) for name in ("Analyze", "AnalyzeStack")}
    _SDK._PolicyAnalyzerServicer = type("Servicer", (base,), served)
    # All that the SDK calls of this module.
    _SDK.json_format = SimpleNamespace(MessageToDict=_of_same_object(json_format.MessageToDict))
    _SDK.deserialize_properties = _of_same_object(_SDK.deserialize_properties)
    _SDK.unknown_checking_proxy = _of_same_object(_SDK.unknown_checking_proxy)


def _of_same_object(function: Callable[..., Any]) -> Callable[..., Any]:
    def remembered(given: Any, *more: Any) -> Any:
        if more:  # with secrets, for remediations: those change what they are given
            return function(given, *more)
        # Kept beside its result, so that no other object gets its identity while the request is served.
        return once((function.__name__, id(given)), lambda: (given, function(given)))[1]

    return remembered


def _as_one(serve: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any, Any], Any]:
    def served(self: Any, request: Any, context: Any) -> Any:
        token = _MEMO.set({})
        gc.disable()  # it would go through all that the memo holds, again and again, and find nothing
        try:
            return serve(self, request, context)
        finally:
            gc.enable()
            _MEMO.reset(token)

    return served
