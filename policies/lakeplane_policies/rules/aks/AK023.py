"""Nodes forget images that nothing runs.

Images that lie on nodes keep their flaws, and start again without anybody pulling them.

Anti-pattern:

    ManagedClusterSecurityProfileImageCleanerArgs(enabled=False)

Best practice:

    ManagedClusterSecurityProfileImageCleanerArgs(enabled=True)

Documents: Microsoft Learn, "Use Image Cleaner to clean up stale images on your AKS cluster".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ADVISORY, ALIKE, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK023",
    title="nodes forget images that nothing runs",
    types=(MANAGED_CLUSTER,),
    impact=Impact.LOW,
    tiers=ADVISORY,
    modes=ALIKE,
    judge=must_be("securityProfile.imageCleaner.enabled", True),
    remedy="set security_profile.image_cleaner.enabled=True",
    sources=("MCSB PV-5",),
)
