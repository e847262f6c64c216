"""Deleted blobs can be restored for at least seven days.

A wrong job or a stolen token deletes in seconds. Without soft delete, what is gone is gone.

Anti-pattern:

    BlobServiceProperties("blobs", delete_retention_policy=DeleteRetentionPolicyArgs(enabled=False))

Best practice:

    BlobServiceProperties("blobs", delete_retention_policy=DeleteRetentionPolicyArgs(enabled=True, days=7))

Documents: Microsoft Learn, "Soft delete for blobs".
"""

from lakeplane_policies.conditions import all_of, must, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import BLOB_SERVICE

RULE = Rule(
    code="ST007",
    title="deleted blobs can be restored for at least seven days",
    types=(BLOB_SERVICE,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("deleteRetentionPolicy.enabled", True),
        must("deleteRetentionPolicy.days", lambda days: days >= 7, "at least 7"),
    ),
    remedy="set delete_retention_policy with enabled=True and days of at least 7",
    sources=(
        "CKV2_AZURE_38",
        "PSRule Azure.Storage.SoftDelete",
    ),
)
