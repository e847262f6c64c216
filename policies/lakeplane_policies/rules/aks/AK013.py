"""AKS clusters send logs and metrics of their workloads.

Without them an outage is told by users. The add-on signs in by itself only with Entra; its older way is a
key in the cluster.

Anti-pattern:

    ManagedCluster("aks", addon_profiles={})

Best practice:

    ManagedCluster(
        "aks",
        addon_profiles={
            "omsagent": ManagedClusterAddonProfileArgs(enabled=True, config={"useAADAuth": "true"})
        },
        azure_monitor_profile=metrics,
    )

Documents: Microsoft Learn, "Enable monitoring for AKS clusters".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK013",
    title="AKS clusters send logs and metrics of their workloads",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("addonProfiles.omsagent.enabled", True),
        must_be("addonProfiles.omsagent.config.useAADAuth", "true"),
        must_be("azureMonitorProfile.metrics.enabled", True),
    ),
    remedy='enable addon_profiles["omsagent"] with useAADAuth "true", and azure_monitor_profile.metrics',
    sources=(
        "CKV_AZURE_4",
        "PSRule Azure.AKS.ContainerInsights",
        "MCSB LT-4",
    ),
)
