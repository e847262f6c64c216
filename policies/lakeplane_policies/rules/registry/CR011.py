"""Registries forget manifests that no tag names.

Images that nothing names pile up, cost money and keep their flaws for whoever pulls by digest.

Anti-pattern:

    PoliciesArgs(retention_policy=RetentionPolicyArgs(status="disabled"))

Best practice:

    PoliciesArgs(retention_policy=RetentionPolicyArgs(status="enabled", days=7))

Documents: Microsoft Learn, "Set a retention policy for untagged manifests".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ADVISORY, ALIKE, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR011",
    title="registries forget manifests that no tag names",
    types=(REGISTRY,),
    impact=Impact.LOW,
    tiers=ADVISORY,
    modes=ALIKE,
    judge=must_be("policies.retentionPolicy.status", "enabled"),
    remedy='set policies.retention_policy.status="enabled"',
    sources=(
        "CKV_AZURE_167",
        "PSRule Azure.ACR.Retention",
    ),
)
