"""Subnets have no way out that nobody made.

Azure gives machines a default way out, under an address of Azure's choice and past every firewall, unless
the subnet is told not to.

Anti-pattern:

    Subnet("nodes", default_outbound_access=True)

Best practice:

    Subnet("nodes", default_outbound_access=False)

Documents: Microsoft Learn, "Default outbound access in Azure".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import SUBNET

RULE = Rule(
    code="NW003",
    title="subnets have no way out that nobody made",
    types=(SUBNET,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("defaultOutboundAccess", False),
    remedy="set default_outbound_access=False",
    sources=(
        "PSRule Azure.VNET.PrivateSubnet",
        "MCSB NS-1",
    ),
)
