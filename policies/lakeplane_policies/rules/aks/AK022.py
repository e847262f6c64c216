"""Nobody changes what AKS manages.

Changes in the node resource group, made by hand, are undone or break upgrades; the lockdown refuses them.

Anti-pattern:

    ManagedClusterNodeResourceGroupProfileArgs(restriction_level="Unrestricted")

Best practice:

    ManagedClusterNodeResourceGroupProfileArgs(restriction_level="ReadOnly")

Documents: Microsoft Learn, "Deploy a fully managed resource group using node resource group lockdown in
AKS".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK022",
    title="nobody changes what AKS manages",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("nodeResourceGroupProfile.restrictionLevel", "ReadOnly"),
    remedy='set node_resource_group_profile.restriction_level="ReadOnly"',
    sources=("MCSB PV-2",),
)
