"""What holds data, kept by the engine."""

from __future__ import annotations

import pulumi

from lakeplane.provider_models.stateful import holding

__all__ = ["protecting_data"]


def protecting_data(wanted: bool) -> list[pulumi.ResourceTransformation]:
    """Return the transformations with which the engine refuses to delete what holds data.

    `lakeplane.provider_models.stateful` lists the types; `lakeplane destroy` reads the same table. Given as
    options of a component, they hold for all that is in it.

    Args:
        wanted: Whether it is to be kept; with no, there are no transformations.
    """
    return [_protect] if wanted else []


def _protect(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    if holding(args.type_) is None:
        return None
    protected = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformationResult(args.props, protected)
