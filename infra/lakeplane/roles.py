"""Azure's built-in roles, which of them lakeplane's programs assign, and the names of assignments."""

from __future__ import annotations

import re
import uuid

__all__ = [
    "ASSIGNED_ROLES",
    "BUILT_IN_ROLES",
    "gives_roles",
    "is_role",
    "reaches_stored_data",
    "role_assignment_name",
    "role_definition_id",
    "role_guid",
]

# Microsoft Learn, "Azure built-in roles".
BUILT_IN_ROLES = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "AcrPush": "8311e382-0749-4cb8-b61a-304f252e45ec",
    "Azure Kubernetes Service RBAC Admin": "3498e952-d568-435e-9b2c-8d77e338d7f7",
    "Azure Kubernetes Service Cluster User Role": "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
    "Azure Kubernetes Service RBAC Cluster Admin": "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
    "Azure Kubernetes Service RBAC Reader": "7f6c6a51-bcf8-42ba-9220-52d62157d7db",
    "Azure Kubernetes Service RBAC Writer": "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
    "AzureML Compute Operator": "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",
    "AzureML Data Scientist": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    "Container Apps Jobs Operator": "b9a307c4-5aa3-4b52-ba60-2b17c136cd7b",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Contributor": "f25e0fa2-a7c8-4377-a976-54943a77a395",
    "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
    "Key Vault Crypto Service Encryption User": "e147488a-f6f5-4113-8e2d-b22465e65bf6",
    "Key Vault Data Access Administrator": "8b54135c-b56d-4d72-a534-26097cfdc8d8",
    "Key Vault Reader": "21090545-7ca7-4776-b22c-e363652d74d2",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Log Analytics Contributor": "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
    "Log Analytics Reader": "73c42c96-874c-492b-b04d-ab87d138a893",
    "Locks Contributor": "28bf596f-4eb7-45ce-b5bc-6cf482fec137",
    "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
    "Monitoring Reader": "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Private DNS Zone Contributor": "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Reader and Data Access": "c12c1c16-33a1-487b-954d-41c89c60f349",
    "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "Storage Account Backup Contributor": "e5e2a7ff-d759-4cd2-bb51-3152d37e2eb1",
    "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
    "Storage Account Key Operator Service Role": "81a9662b-bebf-436f-a333-f67b29880f12",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Blob Delegator": "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
    "Storage File Data Privileged Contributor": "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    "Storage File Data Privileged Reader": "b8eda974-7b85-4f76-af95-65846b26df6d",
    "Storage File Data SMB Share Contributor": "0c867c2a-1d8c-454a-a3db-ab2ea1bdc8bb",
    "Storage File Data SMB Share Elevated Contributor": "a7264617-510b-434b-a828-9731dc254ea7",
    "Storage File Data SMB Share Reader": "aba4ae5f-2193-4029-9191-0cb91df5e314",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Queue Data Message Processor": "8a0f0c08-91a1-4084-bc3d-661d67233fed",
    "Storage Queue Data Message Sender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "Storage Queue Data Reader": "19e7f393-937e-4f77-808e-94535e297925",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Storage Table Data Reader": "76199698-9eea-4c19-bc75-cec21354c6b6",
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

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Microsoft Learn, "Azure built-in roles": those that may write role assignments on what stands here.
_GIVING = (
    "Key Vault Data Access Administrator",
    "Owner",
    "Role Based Access Control Administrator",
    "User Access Administrator",
)
# The only ones that a lake lets others have: they read what it is, watch it, or keep it from deletion.
# Roles for other services list keys of storage accounts too, so what is not known here counts as one of them.
_HARMLESS_ON_STORAGE = ("Locks Contributor", "Monitoring Reader", "Reader")
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


def is_role(role: str) -> bool:
    """Tell whether something is the name of a role known here, or the GUID of any."""
    return role in BUILT_IN_ROLES or _GUID.fullmatch(role) is not None


def role_guid(role: str) -> str:
    """Return the GUID of a role's definition.

    Args:
        role: Name of a built-in role, or the GUID of another one, one's own too.
    """
    return role.lower() if _GUID.fullmatch(role) else BUILT_IN_ROLES[role]


def gives_roles(role: str) -> bool:
    """Tell whether a built-in role lets its holder give rights to anybody, himself included."""
    return role_guid(role) in {BUILT_IN_ROLES[name] for name in _GIVING}


def reaches_stored_data(role: str) -> bool:
    """Tell whether a role on a storage account may lead to what it keeps, at once or by its keys."""
    return role_guid(role) not in {BUILT_IN_ROLES[name] for name in _HARMLESS_ON_STORAGE}


def role_definition_id(subscription_id: str, role: str) -> str:
    """Return the ARM id of a role, as Azure itself writes it, so that a refresh shows no drift."""
    definition = f"Microsoft.Authorization/roleDefinitions/{role_guid(role)}"
    return f"/subscriptions/{subscription_id}/providers/{definition}"
