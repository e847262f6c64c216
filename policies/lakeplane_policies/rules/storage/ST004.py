"""Storage accounts take Entra identities, not shared keys.

Anti-pattern: `allow_shared_key_access=True`, or left out: a leaked key opens everything, and no log
names who.

Best practice: `StorageAccount(..., allow_shared_key_access=False)`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from lakeplane_policies.rule import Rule, must_be

RULE = Rule(
    code="ST004",
    title="storage accounts take Entra identities, not shared keys",
    types=("azure-native:storage:StorageAccount",),
    judge=must_be("allowSharedKeyAccess", False),
    remedy="set allow_shared_key_access=False, and give identities roles",
    sources=("CKV2_AZURE_40", "PSRule Azure.Storage.LocalAuth", "MCSB IM-1"),
)
