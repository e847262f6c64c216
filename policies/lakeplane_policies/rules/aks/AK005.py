"""Nodes have no public addresses.

A node with an address of its own stands on the internet with its kubelet, past every firewall of the
network.

Anti-pattern:

    AgentPool("work", enable_node_public_ip=True)

Best practice:

    AgentPool("work", enable_node_public_ip=False)

Documents: Microsoft Learn, "Use instance-level public IPs in AKS".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.pools import every_pool
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import AGENT_POOL, MANAGED_CLUSTER

RULE = Rule(
    code="AK005",
    title="nodes have no public addresses",
    types=(AGENT_POOL, MANAGED_CLUSTER),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_pool(must_be("enableNodePublicIP", False)),
    remedy="set enable_node_public_ip=False in every pool",
    sources=(
        "CKV_AZURE_143",
        "CIS 5.4.3",
    ),
)
