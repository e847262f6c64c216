"""Deleted vaults and keys can be restored for at least seven days.

Without soft delete a wrong click ends every key, secret and certificate in the vault. The days can't be
changed later.

Anti-pattern:

    VaultPropertiesArgs(enable_soft_delete=False)

Best practice:

    VaultPropertiesArgs(enable_soft_delete=True, soft_delete_retention_in_days=90)

Documents: Microsoft Learn, "Azure Key Vault soft-delete overview".
"""

from lakeplane_policies.conditions import all_of, must, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import VAULT

RULE = Rule(
    code="KV005",
    title="deleted vaults and keys can be restored for at least seven days",
    types=(VAULT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("properties.enableSoftDelete", True),
        must("properties.softDeleteRetentionInDays", lambda days: 7 <= days <= 90, "7 to 90"),
    ),
    remedy="set properties.enable_soft_delete=True and soft_delete_retention_in_days",
    sources=(
        "CKV_AZURE_42",
        "CKV_AZURE_111",
        "PSRule Azure.KeyVault.SoftDelete",
    ),
)
