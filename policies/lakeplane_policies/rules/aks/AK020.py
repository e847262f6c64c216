"""AKS clusters have neither HTTP routing for trials nor the old dashboard.

HTTP application routing puts services on the internet without TLS; the dashboard gave whoever reached it the
rights of its account. Both are off unless asked for.

Anti-pattern:

    {"httpApplicationRouting": ManagedClusterAddonProfileArgs(enabled=True)}

Best practice:

    {"azurepolicy": ManagedClusterAddonProfileArgs(enabled=True)}

Documents: Microsoft Learn, "HTTP application routing add-on for AKS (retired)".
"""

from lakeplane_policies.conditions import all_of, must_not_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK020",
    title="AKS clusters have neither HTTP routing for trials nor the old dashboard",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_not_be("addonProfiles.httpApplicationRouting.enabled", True),
        must_not_be("addonProfiles.kubeDashboard.enabled", True),
        must_not_be("addonProfiles.KubeDashboard.enabled", True),
    ),
    remedy="remove the add-ons httpApplicationRouting and kubeDashboard",
    sources=(
        "CKV_AZURE_8",
        "CKV_AZURE_246",
        "PSRule Azure.AKS.HttpAppRouting",
    ),
)
