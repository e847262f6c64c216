"""Storage accounts have no local users.

Local users sign in to SFTP with passwords and keys of the account's own, past Entra, its conditional access
and its log.

Anti-pattern:

    StorageAccount("lake", is_local_user_enabled=True)

Best practice:

    StorageAccount("lake", is_local_user_enabled=False)

Documents: Microsoft Learn, "Authorize access to Azure Blob Storage from an SSH File Transfer Protocol (SFTP)
client".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST011",
    title="storage accounts have no local users",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("isLocalUserEnabled", False),
    remedy="set is_local_user_enabled=False",
    remediation={"isLocalUserEnabled": False},
    sources=("CKV_AZURE_244",),
)
