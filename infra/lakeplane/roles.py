"""Azure's built-in roles, which of them lakeplane's programs assign, and the names of assignments."""

from __future__ import annotations

import uuid

__all__ = ["ASSIGNED_ROLES", "BUILT_IN_ROLES", "role_assignment_name", "role_definition_id"]

# Microsoft Learn, "Azure built-in roles".
BUILT_IN_ROLES = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "AcrPush": "8311e382-0749-4cb8-b61a-304f252e45ec",
    "Azure Kubernetes Service Cluster User Role": "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
    "Azure Kubernetes Service RBAC Cluster Admin": "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
    "Container Apps Jobs Operator": "b9a307c4-5aa3-4b52-ba60-2b17c136cd7b",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Contributor": "f25e0fa2-a7c8-4377-a976-54943a77a395",
    "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
    "Key Vault Crypto Service Encryption User": "e147488a-f6f5-4113-8e2d-b22465e65bf6",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Locks Contributor": "28bf596f-4eb7-45ce-b5bc-6cf482fec137",
    "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Private DNS Zone Contributor": "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage File Data Privileged Contributor": "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
}

ASSIGNED_ROLES = (
    "AcrPull",
    "AcrPush",
    "Contributor",
    "Key Vault Administrator",
    "Key Vault Contributor",
    "Key Vault Crypto Service Encryption User",
    "Key Vault Crypto User",
    "Managed Identity Operator",
    "Network Contributor",
    "Private DNS Zone Contributor",
    "Storage Blob Data Contributor",
    "Storage Blob Data Reader",
    "Storage File Data Privileged Contributor",
)
"""Roles that the programs assign to the identities they make; whoever deploys may assign no other."""

_NAMESPACE = uuid.UUID("6f6c1f0e-9d3a-5b57-8a55-3f6f0c0a7b11")


def role_assignment_name(scope: str, role: str, principal: str) -> str:
    """Return the GUID that names an assignment.

    Azure refuses a second assignment of the same role to the same principal on the same scope. With a GUID
    made of the three, a run that was cut off finds its own assignment again instead.

    Args:
        scope: ARM id of what the right is about.
        role: Name of a built-in role, or the GUID of another one.
        principal: ARM id of the identity, which is known before the identity has a principal id.
    """
    definition = BUILT_IN_ROLES.get(role, role)
    return str(uuid.uuid5(_NAMESPACE, "\n".join((scope.lower(), definition, principal.lower()))))


def role_definition_id(subscription_id: str, role: str) -> str:
    """Return the ARM id of a built-in role, as Azure itself writes it, so that a refresh shows no drift."""
    definition = f"Microsoft.Authorization/roleDefinitions/{BUILT_IN_ROLES[role]}"
    return f"/subscriptions/{subscription_id}/providers/{definition}"
