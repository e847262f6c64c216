"""The control plane in prod has an SLA.

The free tier promises nothing, and its API server is throttled first.

Anti-pattern:

    ManagedClusterSKUArgs(name="Base", tier="Free")

Best practice:

    ManagedClusterSKUArgs(name="Base", tier="Standard")

Documents: Microsoft Learn, "Free, Standard, and Premium pricing tiers for AKS cluster management".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, IN_PROD, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK018",
    title="the control plane in prod has an SLA",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=IN_PROD,
    modes=ALIKE,
    judge=must_be("sku.tier", "Standard", "Premium"),
    remedy='set sku.tier="Standard"',
    sources=(
        "CKV_AZURE_170",
        "PSRule Azure.AKS.UptimeSLA",
    ),
)
