"""Encryption of a Databricks workspace with keys of the environment's own."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_azure_native import databricks

from lakeplane.components.encryption_keys import EncryptionKey

__all__ = ["DatabricksKeys", "encryption", "root_encryption"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabricksKeys:
    """The three keys of a workspace; see "Customer-managed keys for encryption" of Azure Databricks.

    Attributes:
        services: Of what the control plane keeps: notebooks, queries, secrets.
        disks: Of the clusters' disks; followed through its rotation.
        root: Of the storage account that Databricks makes for itself.
        application_principal: Object id of the enterprise application AzureDatabricks in the tenant, which
            reads `services`.
        use_root: Encrypt that account with `root`. Databricks makes the account's identity with the workspace
            and refuses the key before that identity may read it, so the first update only prepares it.
    """

    services: EncryptionKey
    disks: EncryptionKey
    root: EncryptionKey
    application_principal: str
    use_root: bool = False


def encryption(keys: DatabricksKeys) -> databricks.WorkspacePropertiesEncryptionArgs:
    """Return the encryption of managed services and managed disks."""
    source = databricks.EncryptionKeySource.MICROSOFT_KEYVAULT
    return databricks.WorkspacePropertiesEncryptionArgs(
        entities=databricks.EncryptionEntitiesDefinitionArgs(
            managed_services=databricks.EncryptionV2Args(
                key_source=source,
                key_vault_properties=databricks.EncryptionV2KeyVaultPropertiesArgs(
                    key_name=keys.services.name,
                    key_vault_uri=keys.services.vault_uri,
                    key_version=keys.services.version,
                ),
            ),
            managed_disk=databricks.ManagedDiskEncryptionArgs(
                key_source=source,
                key_vault_properties=databricks.ManagedDiskEncryptionKeyVaultPropertiesArgs(
                    key_name=keys.disks.name,
                    key_vault_uri=keys.disks.vault_uri,
                    key_version=keys.disks.version,
                ),
                rotation_to_latest_key_version_enabled=True,
            ),
        )
    )


def root_encryption(keys: DatabricksKeys) -> databricks.WorkspaceEncryptionParameterArgs | None:
    """Return the encryption of the workspace's own storage account; none while it is only prepared."""
    if not keys.use_root:
        return None
    return databricks.WorkspaceEncryptionParameterArgs(
        value=databricks.EncryptionArgs(
            key_source=databricks.KeySource.MICROSOFT_KEYVAULT,
            key_name=keys.root.name,
            key_vault_uri=keys.root.vault_uri,
            key_version=keys.root.version,
        )
    )
