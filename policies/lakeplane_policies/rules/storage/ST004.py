"""Storage accounts take Entra identities, not shared keys.

A shared key opens everything in the account, never ends by itself, and leaves no name in the log.

Anti-pattern:

    StorageAccount("lake", allow_shared_key_access=True)

Best practice:

    StorageAccount("lake", allow_shared_key_access=False)

Documents: Microsoft Learn, "Prevent Shared Key authorization for an Azure Storage account".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST004",
    title="storage accounts take Entra identities, not shared keys",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("allowSharedKeyAccess", False),
    remedy="set allow_shared_key_access=False, and give identities roles",
    sources=(
        "CKV2_AZURE_40",
        "PSRule Azure.Storage.LocalAuth",
        "MCSB IM-1",
    ),
)
