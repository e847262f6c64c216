"""Node pools are scale sets that scale.

Availability sets can neither be scaled, upgraded by image nor spread over zones; a pool that doesn't scale
pays for its peak all day or fails at it.

Anti-pattern:

    AgentPool("work", type="AvailabilitySet", enable_auto_scaling=False)

Best practice:

    AgentPool("work", type="VirtualMachineScaleSets", enable_auto_scaling=True)

Documents: Microsoft Learn, "Use the cluster autoscaler in AKS".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.pools import every_pool
from lakeplane_policies.rule import ADVISORY, ALIKE, Impact, Rule
from lakeplane_policies.tokens import AGENT_POOL, MANAGED_CLUSTER

RULE = Rule(
    code="AK026",
    title="node pools are scale sets that scale",
    types=(AGENT_POOL, MANAGED_CLUSTER),
    impact=Impact.LOW,
    tiers=ADVISORY,
    modes=ALIKE,
    judge=every_pool(all_of(must_be("type", "VirtualMachineScaleSets"), must_be("enableAutoScaling", True))),
    remedy='set type="VirtualMachineScaleSets" and enable_auto_scaling=True',
    sources=(
        "CKV_AZURE_169",
        "PSRule Azure.AKS.PoolScaleSet",
        "PSRule Azure.AKS.AutoScaling",
    ),
)
