"""AKS clusters enforce Azure Policy.

The add-on lets the organisation's policies judge pods; without it a landing zone's rules stop at the
cluster's edge.

Anti-pattern:

    ManagedCluster("aks", addon_profiles={})

Best practice:

    {"azurepolicy": ManagedClusterAddonProfileArgs(enabled=True)}

Documents: Microsoft Learn, "Understand Azure Policy for Kubernetes clusters".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK006",
    title="AKS clusters enforce Azure Policy",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("addonProfiles.azurepolicy.enabled", True),
    remedy='add addon_profiles["azurepolicy"] with enabled=True',
    sources=(
        "CKV_AZURE_116",
        "PSRule Azure.AKS.AzurePolicyAddOn",
    ),
)
