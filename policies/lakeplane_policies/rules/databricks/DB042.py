"""Principals make clusters and pools under policies only.

The entitlement to create clusters goes past every policy.

Anti-pattern:

    ServicePrincipal("jobs", allow_cluster_create=True)

Best practice:

    ServicePrincipal("jobs", allow_cluster_create=False, allow_instance_pool_create=False)

Documents: Microsoft Learn, "Manage entitlements".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="DB042",
    title="principals make clusters and pools under policies only",
    types=(
        "databricks:index/group:Group",
        "databricks:index/servicePrincipal:ServicePrincipal",
        "databricks:index/user:User",
    ),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(must_be("allowClusterCreate", False), must_be("allowInstancePoolCreate", False)),
    remedy="set allow_cluster_create=False and allow_instance_pool_create=False",
    sources=(
        "SAT INFO-4",
        "SAT GOV-1",
    ),
)
