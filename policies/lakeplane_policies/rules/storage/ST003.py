"""Nobody reads a storage account without signing in.

While an account allows anonymous access, one container's setting opens its data to the world, and no log
names who read it.

Anti-pattern:

    StorageAccount("lake", allow_blob_public_access=True)

Best practice:

    StorageAccount("lake", allow_blob_public_access=False)

Documents: Microsoft Learn, "Remediate anonymous read access to blob data".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST003",
    title="nobody reads a storage account without signing in",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("allowBlobPublicAccess", False),
    remedy="set allow_blob_public_access=False",
    remediation={"allowBlobPublicAccess": False},
    sources=(
        "CKV2_AZURE_47",
        "CKV_AZURE_59",
        "PSRule Azure.Storage.BlobPublicAccess",
    ),
)
