"""Rights of identities on resources, with names that are the same in every run."""

from __future__ import annotations

import uuid

import pulumi
from pulumi_azure_native import authorization

__all__ = ["BUILT_IN_ROLES", "assign_role", "role_assignment_name", "role_definition_id"]

# Microsoft Learn, "Azure built-in roles".
BUILT_IN_ROLES = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage File Data Privileged Contributor": "69566ab7-960f-475b-8e7c-b3118f30c6bd",
}

_NAMESPACE = uuid.UUID("6f6c1f0e-9d3a-5b57-8a55-3f6f0c0a7b11")


def role_assignment_name(scope: str, role: str, principal: str) -> str:
    """Return the GUID that names an assignment.

    Azure refuses a second assignment of the same role to the same principal on the same scope. With a GUID
    made of the three, a run that was cut off finds its own assignment again instead.

    Args:
        scope: ARM id of what the right is about.
        role: Name of a built-in role.
        principal: ARM id of the identity, which is known before the identity has a principal id.
    """
    return str(uuid.uuid5(_NAMESPACE, "\n".join((scope.lower(), BUILT_IN_ROLES[role], principal.lower()))))


def role_definition_id(subscription_id: str, role: str) -> str:
    """Return the ARM id of a built-in role, as Azure itself writes it, so that a refresh shows no drift."""
    definition = f"Microsoft.Authorization/roleDefinitions/{BUILT_IN_ROLES[role]}"
    return f"/subscriptions/{subscription_id}/providers/{definition}"


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
