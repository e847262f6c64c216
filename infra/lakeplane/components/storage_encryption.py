"""Encryption of storage accounts, with Microsoft's keys or the environment's own, and their identities."""

from __future__ import annotations

from pulumi_azure_native import storage

from lakeplane.components.encryption_keys import CustomerManagedKey
from lakeplane.components.managed_identities import ManagedIdentities, kind_of_identity, user_assigned

__all__ = ["account_identity", "encryption"]


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


def account_identity(
    key: CustomerManagedKey | None, more: ManagedIdentities | None = None
) -> storage.IdentityArgs | None:
    """Return the identities of an account: the one that reads its key, and further ones; None without any.

    Args:
        key: The account's own key; Microsoft's if none.
        more: Further identities; none if left out.
    """
    more = more or ManagedIdentities()
    users = user_assigned(more, *([key.identity] if key else []))
    kind = kind_of_identity(more, users)
    if kind is None:
        return None
    return storage.IdentityArgs(type=kind, user_assigned_identities=[one.id for one in users] or None)
