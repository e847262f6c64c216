"""Peered networks share no gateway.

A peering that lends or uses a gateway joins the other network's on-premises and partner connections to this
one, past its firewall.

Anti-pattern:

    VirtualNetworkPeering("to-hub", use_remote_gateways=True)

Best practice:

    VirtualNetworkPeering("to-hub", allow_gateway_transit=False, use_remote_gateways=False)

Documents: Microsoft Learn, "Create, change, or delete a virtual network peering".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="NW009",
    title="peered networks share no gateway",
    types=("azure-native:network:VirtualNetworkPeering",),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(must_be("allowGatewayTransit", False), must_be("useRemoteGateways", False)),
    remedy="set allow_gateway_transit=False and use_remote_gateways=False",
    sources=(
        "SAT INFO-7",
        "MCSB NS-1",
    ),
)
