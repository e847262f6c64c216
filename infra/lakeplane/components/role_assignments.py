"""Rights of identities on resources, with names that are the same in every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_azure_native import authorization

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError
from lakeplane.roles import is_role, reaches_stored_data, role_assignment_name, role_definition_id, role_guid

__all__ = ["RoleGrant", "assign_role", "grant_roles", "refuse_stored_data"]

# People come and go, so that they get rights by their groups.
PrincipalType = Literal["Group", "ServicePrincipal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """A right that somebody gets on one resource.

    Attributes:
        role: Name of a built-in role that `lakeplane.roles` knows, or the GUID of any other.
        principal_id: Object id of the group or the identity in Entra.
        principal_type: What it is; `ServicePrincipal` for managed identities and applications.
        principal: What stands for it in the assignment's name, such as the ARM id of an identity that is not
            there yet; its object id if left out, which must be plain text then.
    """

    role: str
    principal_id: pulumi.Input[str]
    principal_type: PrincipalType
    principal: str | None = None


def assign_role(
    name: str,
    *,
    role: str,
    scope_id: str,
    scope: pulumi.Input[str],
    principal: str,
    principal_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    principal_type: PrincipalType = "ServicePrincipal",
) -> authorization.RoleAssignment:
    """Give a managed identity, or a group, a role.

    Args:
        name: Name in the program.
        role: Name of a built-in role, or the GUID of another one.
        scope_id: ARM id of what the right is about.
        scope: The same id, as a value that waits for the resource.
        principal: ARM id of the identity.
        principal_id: Object id of the identity in Entra.
        opts: Options; the parent above all.
        principal_type: What the principal is; a managed identity, which Azure calls so, if left out.
    """
    return authorization.RoleAssignment(
        name,
        role_assignment_name=role_assignment_name(scope_id, role, principal),
        role_definition_id=role_definition_id(scope_id.split("/")[2], role),
        scope=scope,
        principal_id=principal_id,
        # Without it Azure looks the principal up, and fails until a new identity is known everywhere.
        principal_type=principal_type,
        opts=opts,
    )


def grant_roles(
    name: str,
    grants: Sequence[RoleGrant],
    *,
    scope_id: str,
    scope: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Give rights on a resource to others than the program's own identities.

    Each is named after role and principal, so that one can be added or taken away without touching another.

    Args:
        name: First part of the assignments' names in the program.
        grants: The rights.
        scope_id: ARM id of the resource.
        scope: The same id, as a value that waits for the resource.
        opts: Options; the parent above all.

    Raises:
        PlanError: A role is unknown, or nothing stands for a principal in an assignment's name.
    """
    for grant in grants:
        principal = _principal(name, grant)
        role = role_guid(grant.role)
        assign_role(
            f"{name}-{role_assignment_name('', role, principal)[:8]}-grant",
            role=role,
            scope_id=scope_id,
            scope=scope,
            principal=principal,
            principal_id=grant.principal_id,
            principal_type=grant.principal_type,
            opts=opts,
        )


def refuse_stored_data(name: str, grants: Sequence[RoleGrant]) -> None:
    """Refuse rights that lead to what a storage account keeps: only access connectors hold them on a lake.

    Raises:
        PlanError: A role is none of those that only watch the account or keep it from being deleted.
    """
    for grant in grants:
        if is_role(grant.role) and reaches_stored_data(grant.role):
            raise PlanError(
                Diagnostic(
                    code="PLN008",
                    summary="a right on the lake that leads to its data",
                    detail=f"found {grant.role!r}; allowed: Reader, Monitoring Reader, Locks Contributor",
                    remedy="grant tables and volumes in Unity Catalog",
                    resource=name,
                )
            )


def _principal(name: str, grant: RoleGrant) -> str:
    """Return what stands for the principal in the assignment's name."""
    if not is_role(grant.role):
        raise PlanError(
            Diagnostic(
                code="PLN007",
                summary="a role that nobody knows",
                detail=f"found {grant.role!r}; allowed: a name of lakeplane.roles, or a GUID",
                remedy="give the GUID of the role's definition: `az role definition list --name`",
                resource=name,
            )
        )
    principal = grant.principal or grant.principal_id
    if not isinstance(principal, str):
        raise PlanError(
            Diagnostic(
                code="PLN009",
                summary="nothing stands for the principal in the assignment's name",
                detail="the object id is known only once the identity is there",
                remedy="give the identity's ARM id as principal",
                resource=name,
            )
        )
    return principal
