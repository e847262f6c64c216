"""Locks on what holds data."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import authorization

__all__ = ["lock_against_deletion"]


def lock_against_deletion(
    name: str, *, resource_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> authorization.ManagementLockByScope:
    """Let Azure refuse to delete a resource, whoever asks.

    The engine's `protect` stops the engine alone; a lock stops the portal and scripts too. It goes before the
    resource when an environment is destroyed on purpose.

    Args:
        name: Name in the program.
        resource_id: ARM id of the resource.
        opts: Options; the parent above all.
    """
    return authorization.ManagementLockByScope(
        name,
        lock_name="holds-data",
        scope=resource_id,
        level="CanNotDelete",
        notes="Holds data. lakeplane destroy --unprotect removes it on purpose.",
        opts=opts,
    )
