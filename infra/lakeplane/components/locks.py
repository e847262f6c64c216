"""Locks on what holds data, or what others need."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import authorization

__all__ = ["lock_against_deletion", "lock_what_others_need"]

_ON_PURPOSE = "lakeplane destroy --unprotect removes it on purpose."


def lock_against_deletion(
    name: str, *, resource_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> authorization.ManagementLockByScope:
    """Let Azure refuse to delete a resource, whoever asks.

    The engine's `protect` stops the engine alone; a lock stops the portal and scripts too. It goes before the
    resource when an environment is destroyed on purpose. While it stands, Azure also refuses to take back
    what hangs on the resource: role assignments, diagnostic settings, and what lies inside it (Microsoft
    Learn, "Lock your Azure resources", and MicrosoftDocs/azure-docs issues 110791 and 92388).

    Args:
        name: Name in the program.
        resource_id: ARM id of the resource.
        opts: Options; the parent above all.
    """
    return _lock(name, "holds-data", "Holds data.", resource_id, opts)


def lock_what_others_need(
    name: str, *, resource_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> authorization.ManagementLockByScope:
    """Let Azure refuse to delete a resource that holds nothing, but that others stop working without.

    Args:
        name: Name in the program.
        resource_id: ARM id of the resource.
        opts: Options; the parent above all.
    """
    return _lock(name, "others-need-it", "Others need it.", resource_id, opts)


def _lock(
    name: str, lock_name: str, why: str, resource_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> authorization.ManagementLockByScope:
    return authorization.ManagementLockByScope(
        name,
        lock_name=lock_name,
        scope=resource_id,
        level="CanNotDelete",
        notes=f"{why} {_ON_PURPOSE}",
        opts=opts,
    )
