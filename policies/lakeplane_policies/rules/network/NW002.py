"""Every subnet has a network security group.

A subnet without a group takes whatever the network's other rules let through, and nobody can shut a port in
it.

Anti-pattern:

    Subnet("nodes", address_prefix="10.24.0.0/22")

Best practice:

    Subnet(
        "nodes",
        address_prefix="10.24.0.0/22",
        network_security_group=NetworkSecurityGroupArgs(id=group.id),
    )

Documents: Microsoft Learn, "Azure network security groups overview".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import SUBNET

# Azure refuses a group on these: Microsoft Learn, "Azure Firewall FAQ" and "About VPN Gateway settings".
_GATEWAYS = (
    "AzureFirewallManagementSubnet",
    "AzureFirewallSubnet",
    "GatewaySubnet",
    "RouteServerSubnet",
)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    group, name = read(inputs, "networkSecurityGroup.id"), read(inputs, "subnetName")
    # An id that is known later is one that will be there.
    if group is State.ABSENT and name not in _GATEWAYS:
        path = ("networkSecurityGroup", "id")
        yield unknown(*path) if name is State.UNKNOWN else Violation(path, NOT_SET)


RULE = Rule(
    code="NW002",
    title="every subnet has a network security group",
    types=(SUBNET,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set network_security_group; only the subnets of Azure's own gateways take none",
    sources=(
        "CKV2_AZURE_31",
        "PSRule Azure.VNET.UseNSGs",
        "MCSB NS-1",
    ),
)
