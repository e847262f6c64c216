"""Blob containers take nobody who hasn't signed in.

A container with public access hands out its blobs, or the list of them too, to anybody who knows the
address.

Anti-pattern:

    BlobContainer("gold", public_access="Blob")

Best practice:

    BlobContainer("gold", public_access="None")

Documents: Microsoft Learn, "Configure anonymous read access for containers and blobs".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import BLOB_CONTAINER

RULE = Rule(
    code="ST006",
    title="blob containers take nobody who hasn't signed in",
    types=(BLOB_CONTAINER,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("publicAccess", "None"),
    remedy='set public_access="None"',
    remediation={"publicAccess": "None"},
    sources=(
        "CKV_AZURE_34",
        "PSRule Azure.Storage.BlobAccessType",
    ),
)
