"""Binds the list of transient errors to every resource of a program, by the engine's own error hooks.

The engine asks the hook after each failed create, update or delete, and tries again if it says so. What no
hook sees (checks, reads, functions, and deletions of `destroy`, which runs no program) is retried by
`lakeplane.engine`, with the same list and the same patience.
"""

from __future__ import annotations

import asyncio
import copy

import pulumi
from pulumi.runtime import register_stack_transformation
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import monitor_supports_feature

from lakeplane.waiting.patience import Patience
from lakeplane.waiting.transient_errors import find_transient

__all__ = ["retry_transient_errors"]

_HOOK = "lakeplane-transient-errors"


def retry_transient_errors() -> None:
    """Let the engine retry transient errors of every resource that the program registers from here on.

    Does nothing where there is no engine that knows error hooks, such as in a render.
    """
    if not monitor_supports_feature(resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS):
        return
    patience = Patience.from_environment()

    async def decide(args: pulumi.ErrorHookArgs) -> bool:
        error = find_transient(args.errors[0], args.type, args.failed_operation) if args.errors else None
        if error is None:
            return False
        waiting = patience.consider(error, f"{args.failed_operation} {args.urn}", args.name)
        pulumi.log.warn(waiting.text)
        await asyncio.sleep(waiting.seconds)
        return waiting.retries

    binding = pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(_HOOK, decide)])

    def bind(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not isinstance(args.resource, pulumi.CustomResource):
            return None
        opts = copy.copy(args.opts)  # the same options may serve several resources
        opts.hooks = pulumi.ResourceHookBinding.merge(opts.hooks, binding) if opts.hooks else binding
        return pulumi.ResourceTransformationResult(args.props, opts)

    register_stack_transformation(bind)
