"""Nobody reads a storage account without signing in.

Anti-pattern: `allow_blob_public_access=True`, or left out: one container's setting opens data to the world.

Best practice: `StorageAccount(..., allow_blob_public_access=False)`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from lakeplane_policies.rule import Rule, must_be

RULE = Rule(
    code="ST003",
    title="nobody reads a storage account without signing in",
    types=("azure-native:storage:StorageAccount",),
    judge=must_be("allowBlobPublicAccess", False),
    remedy="set allow_blob_public_access=False",
    sources=("CKV2_AZURE_47", "CKV_AZURE_59", "PSRule Azure.Storage.BlobPublicAccess"),
)
