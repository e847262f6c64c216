"""Deleted containers can be restored for at least seven days.

Who deletes a container deletes every blob in it; soft delete of blobs alone doesn't bring the container
back.

Anti-pattern:

    BlobServiceProperties("blobs", container_delete_retention_policy=DeleteRetentionPolicyArgs(enabled=False))

Best practice:

    policy = DeleteRetentionPolicyArgs(enabled=True, days=7)
    BlobServiceProperties("blobs", container_delete_retention_policy=policy)

Documents: Microsoft Learn, "Soft delete for containers".
"""

from lakeplane_policies.conditions import all_of, must, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import BLOB_SERVICE

RULE = Rule(
    code="ST008",
    title="deleted containers can be restored for at least seven days",
    types=(BLOB_SERVICE,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("containerDeleteRetentionPolicy.enabled", True),
        must("containerDeleteRetentionPolicy.days", lambda days: days >= 7, "at least 7"),
    ),
    remedy="set container_delete_retention_policy with enabled=True and days of at least 7",
    sources=("PSRule Azure.Storage.ContainerSoftDelete",),
)
