"""What hangs on a resource whatever it is: a lock, rights of others, private ways in."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from lakeplane.components.locks import lock_against_deletion
from lakeplane.components.placement import Placement
from lakeplane.components.private_endpoints import PrivateEndpointSettings, add_private_endpoints
from lakeplane.components.role_assignments import RoleGrant, grant_roles

__all__ = ["attach"]


def attach(
    name: str,
    *,
    arm_id: str,
    resource_id: pulumi.Input[str],
    parent: pulumi.Resource,
    placement: Placement,
    lock: bool = False,
    role_assignments: Sequence[RoleGrant] = (),
    private_endpoints: Sequence[PrivateEndpointSettings] = (),
) -> None:
    """Hang on a resource what a component's common inputs ask for; logs are sent by `diagnostics`.

    Args:
        name: The component's name.
        arm_id: ARM id of the resource, known before it exists.
        resource_id: The same id, as a value that waits for the resource.
        parent: The component.
        placement: Where private endpoints go.
        lock: Let Azure refuse to delete it, for it holds data; not if left out.
        role_assignments: Rights of others on it; none if left out.
        private_endpoints: Private ways to it; none if left out.
    """
    child = pulumi.ResourceOptions(parent=parent)
    if lock:
        lock_against_deletion(f"{name}-lock", resource_id=resource_id, opts=child)
    grant_roles(name, role_assignments, scope_id=arm_id, scope=resource_id, opts=child)
    add_private_endpoints(name, private_endpoints, placement=placement, target_id=resource_id, opts=child)
