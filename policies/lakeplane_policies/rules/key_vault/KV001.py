"""Key vaults can't be purged before their time.

Anti-pattern: `enable_purge_protection` left out: whoever deletes the vault can destroy its keys for good.

Best practice: `VaultPropertiesArgs(..., enable_purge_protection=True)`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from lakeplane_policies.rule import Rule, must_be

RULE = Rule(
    code="KV001",
    title="key vaults can't be purged before their time",
    types=("azure-native:keyvault:Vault",),
    judge=must_be("properties.enablePurgeProtection", True),
    remedy="set properties.enable_purge_protection=True",
    sources=("CKV_AZURE_110", "PSRule Azure.KeyVault.PurgeProtect"),
)
