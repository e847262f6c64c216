"""Rights of identities on resources, with names that are the same in every run."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import authorization

from lakeplane.roles import role_assignment_name, role_definition_id

__all__ = ["assign_role"]


def assign_role(
    name: str,
    *,
    role: str,
    scope_id: str,
    scope: pulumi.Input[str],
    principal: str,
    principal_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> authorization.RoleAssignment:
    """Give a managed identity a built-in role.

    Args:
        name: Name in the program.
        role: Name of a built-in role.
        scope_id: ARM id of what the right is about.
        scope: The same id, as a value that waits for the resource.
        principal: ARM id of the identity.
        principal_id: Object id of the identity in Entra.
        opts: Options; the parent above all.
    """
    return authorization.RoleAssignment(
        name,
        role_assignment_name=role_assignment_name(scope_id, role, principal),
        role_definition_id=role_definition_id(scope_id.split("/")[2], role),
        scope=scope,
        principal_id=principal_id,
        # Without it Azure looks the principal up, and fails until a new identity is known everywhere.
        principal_type="ServicePrincipal",
        opts=opts,
    )
