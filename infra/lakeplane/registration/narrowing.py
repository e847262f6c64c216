"""Leaves everything of a stack as it is but some resources.

The engine has `--target` for that, and states have been left inconsistent by it (pulumi/pulumi#16638, #16720,
#18267, #20307). Here the engine runs an ordinary update of the whole program, in which all other resources
ignore every change of their inputs; so it keeps what it would otherwise have to patch around.

What ignoring cannot keep back, a resource that comes, goes or is replaced, is for the caller to see in a
preview before.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable, Mapping

import pulumi
from pulumi.runtime import register_stack_transformation

__all__ = ["narrow", "narrowed_to"]

_VARIABLE = "LAKEPLANE_ONLY"


def narrowed_to(urns: Iterable[str]) -> dict[str, str]:
    """Return the variables under which the program changes nothing but these resources."""
    return {_VARIABLE: json.dumps(sorted(urns))}


def narrow(environment: Mapping[str, str] = os.environ) -> None:
    """Let all resources that the program registers from here on, but those named, ignore changes.

    Does nothing where the variable of `narrowed_to` is not set.

    Args:
        environment: Where the variable is looked for; this process's own if left out.
    """
    text = environment.get(_VARIABLE)
    if text is None:
        return
    wanted = {_type_and_name(urn) for urn in json.loads(text)}

    def keep(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not isinstance(args.resource, pulumi.CustomResource) or (args.type_, args.name) in wanted:
            return None
        opts = copy.copy(args.opts)  # the same options may serve several resources
        opts.ignore_changes = ["*"]
        return pulumi.ResourceTransformationResult(args.props, opts)

    register_stack_transformation(keep)


def _type_and_name(urn: str) -> tuple[str, str]:
    _, _, qualified, name = urn.split("::", 3)
    return qualified.rpartition("$")[2], name
