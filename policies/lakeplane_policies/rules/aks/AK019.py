"""Nodes hold at least 50 pods.

The default of 30 is soon full of the system's own pods; the number can't be raised later without a new pool.

Anti-pattern:

    AgentPool("work", max_pods=30)

Best practice:

    AgentPool("work", max_pods=110)

Documents: Microsoft Learn, "Azure CNI Overlay networking", section "Maximum pods per node".
"""

from lakeplane_policies.conditions import must
from lakeplane_policies.pools import every_pool
from lakeplane_policies.rule import ADVISORY, ALIKE, Impact, Rule
from lakeplane_policies.tokens import AGENT_POOL, MANAGED_CLUSTER

RULE = Rule(
    code="AK019",
    title="nodes hold at least 50 pods",
    types=(AGENT_POOL, MANAGED_CLUSTER),
    impact=Impact.LOW,
    tiers=ADVISORY,
    modes=ALIKE,
    judge=every_pool(must("maxPods", lambda pods: pods >= 50, "at least 50")),
    remedy="set max_pods to 50 or more",
    sources=(
        "CKV_AZURE_168",
        "PSRule Azure.AKS.NodeMinPods",
    ),
)
