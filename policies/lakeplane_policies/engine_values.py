"""Values as the engine hands them to a policy pack, in the form in which rules read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

from lakeplane_policies.reading import State
from lakeplane_policies.stack import Resource
from lakeplane_policies.tokens import STACK

__all__ = ["from_engine", "resource_of", "with_links"]


def from_engine(value: Any) -> Any:
    """Return a value with `State.UNKNOWN` where the SDK raises an error; it reveals secrets itself."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    # Numbers come as the wire has them, as floats; programs write whole ones.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _item(holder: Any, key: Any) -> Any:
    try:
        return from_engine(holder[key])
    except UnknownValueError:
        return State.UNKNOWN


def resource_of(args: ResourceValidationArgs) -> Resource:
    """Return the resource that the engine is about to register, by its inputs."""
    return Resource(
        urn=args.urn,
        type=args.resource_type,
        inputs=from_engine(args.props),
        parent=args.opts.parent,
        protect=args.opts.protect,
    )


def with_links(seen: Resource, registered: PolicyResource) -> Resource:
    """Return a resource by the inputs seen before, with what the engine knows once all are registered."""
    return Resource(
        urn=seen.urn,
        type=seen.type,
        inputs=seen.inputs,
        parent=seen.parent,
        dependencies=tuple(one.urn for one in registered.dependencies),
        property_dependencies={
            name: tuple(one.urn for one in behind)
            for name, behind in registered.property_dependencies.items()
        },
        protect=seen.protect,
        outputs=from_engine(registered.props) if seen.type == STACK else {},
    )
