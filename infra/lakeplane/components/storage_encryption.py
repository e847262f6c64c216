"""Encryption of storage accounts, with Microsoft's keys or the environment's own."""

from __future__ import annotations

from pulumi_azure_native import storage

from lakeplane.components.encryption_keys import CustomerManagedKey

__all__ = ["encryption", "encryption_identity"]


def encryption(key: CustomerManagedKey | None) -> storage.EncryptionArgs:
    """Return an account's encryption: twice, the inner one always with Microsoft's keys.

    Args:
        key: The outer key, read without its version so that it follows the rotation; Microsoft's if none.
    """
    services = storage.EncryptionServicesArgs(
        blob=storage.EncryptionServiceArgs(enabled=True, key_type="Account"),
        file=storage.EncryptionServiceArgs(enabled=True, key_type="Account"),
    )
    if key is None:
        return storage.EncryptionArgs(
            key_source="Microsoft.Storage", require_infrastructure_encryption=True, services=services
        )
    return storage.EncryptionArgs(
        key_source="Microsoft.Keyvault",
        require_infrastructure_encryption=True,
        services=services,
        encryption_identity=storage.EncryptionIdentityArgs(encryption_user_assigned_identity=key.identity.id),
        key_vault_properties=storage.KeyVaultPropertiesArgs(
            key_name=key.key.name, key_vault_uri=key.key.vault_uri
        ),
    )


def encryption_identity(key: CustomerManagedKey | None) -> storage.IdentityArgs | None:
    """Return the identity with which an account reads its key; none with Microsoft's keys."""
    if key is None:
        return None
    return storage.IdentityArgs(type="UserAssigned", user_assigned_identities=[key.identity.id])
