"""Node operating systems live on disks that end with the node.

Ephemeral disks start faster, cost nothing and keep nothing of a node that is gone; managed ones outlive it.

Anti-pattern:

    AgentPool("work", os_disk_type="Managed")

Best practice:

    AgentPool("work", os_disk_type="Ephemeral")

Documents: Microsoft Learn, "Ephemeral OS disks".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.pools import every_pool
from lakeplane_policies.rule import ADVISORY, ALIKE, Impact, Rule
from lakeplane_policies.tokens import AGENT_POOL, MANAGED_CLUSTER

RULE = Rule(
    code="AK015",
    title="node operating systems live on disks that end with the node",
    types=(AGENT_POOL, MANAGED_CLUSTER),
    impact=Impact.LOW,
    tiers=ADVISORY,
    modes=ALIKE,
    judge=every_pool(must_be("osDiskType", "Ephemeral")),
    remedy='set os_disk_type="Ephemeral" and a size whose cache or temporary disk holds it',
    sources=(
        "CKV_AZURE_226",
        "PSRule Azure.AKS.EphemeralOSDisk",
    ),
)
