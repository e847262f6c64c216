"""Key vaults can't be purged before their time.

Without purge protection, whoever may delete the vault may also destroy its keys for good, and with them all
data that they encrypt.

Anti-pattern:

    VaultPropertiesArgs(enable_soft_delete=True)

Best practice:

    VaultPropertiesArgs(enable_soft_delete=True, enable_purge_protection=True)

Documents: Microsoft Learn, "Azure Key Vault recovery management with soft delete and purge protection".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import VAULT

RULE = Rule(
    code="KV001",
    title="key vaults can't be purged before their time",
    types=(VAULT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("properties.enablePurgeProtection", True),
    remedy="set properties.enable_purge_protection=True",
    sources=(
        "CKV_AZURE_110",
        "PSRule Azure.KeyVault.PurgeProtect",
    ),
)
