"""Security groups apply to private endpoints too.

A subnet's group leaves private endpoints alone unless the subnet says otherwise: whoever is in the network
reaches each of them on every port.

Anti-pattern:

    Subnet("private-endpoints", private_endpoint_network_policies="Disabled")

Best practice:

    Subnet("private-endpoints", private_endpoint_network_policies="Enabled")

Documents: Microsoft Learn, "Manage network policies for private endpoints".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import PRIVATE_ENDPOINT, SUBNET

_APPLY = must_be("privateEndpointNetworkPolicies", "Enabled", "NetworkSecurityGroupEnabled")


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    for subnet in stack.of(SUBNET):
        # An endpoint whose subnet isn't known yet stands in one of another stack, or in one asked too.
        if any(stack.points(one, "subnet.id", subnet) is True for one in stack.of(PRIVATE_ENDPOINT)):
            for found in _APPLY(subnet.inputs, settings):
                yield replace(found, urn=subnet.urn)


RULE = Rule(
    code="NW016",
    title="security groups apply to private endpoints too",
    types=(SUBNET,),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy='set private_endpoint_network_policies="Enabled" for subnets with private endpoints',
    sources=("MCSB NS-1",),
)
