"""Node disks are encrypted on the host.

Without encryption at host, temporary disks and caches of nodes lie in clear on the machines under them, with
whatever pods wrote there.

Anti-pattern:

    AgentPool("work", enable_encryption_at_host=False)

Best practice:

    AgentPool("work", enable_encryption_at_host=True)

Documents: Microsoft Learn, "Host-based encryption on Azure Kubernetes Service".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.pools import every_pool
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import AGENT_POOL, MANAGED_CLUSTER

RULE = Rule(
    code="AK014",
    title="node disks are encrypted on the host",
    types=(AGENT_POOL, MANAGED_CLUSTER),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_pool(must_be("enableEncryptionAtHost", True)),
    remedy="set enable_encryption_at_host=True in every pool",
    sources=(
        "CKV_AZURE_227",
        "MCSB DP-4",
    ),
)
