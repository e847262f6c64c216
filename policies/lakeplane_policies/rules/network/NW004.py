"""Machines of a network don't log in to each other.

Whoever holds one machine tries the others by SSH and remote desktop. Nothing here works that way, so the
network may refuse it. Only groups of Databricks' subnets are left alone: Databricks asks that workers reach
each other on every port.

Anti-pattern:

    NetworkSecurityGroup("nodes", security_rules=[])

Best practice:

    NetworkSecurityGroup(
        "nodes",
        security_rules=[
            SecurityRuleArgs(
                direction="Outbound",
                access="Deny",
                protocol="Tcp",
                destination_port_ranges=["22", "3389"],
                source_address_prefix="VirtualNetwork",
                destination_address_prefix="VirtualNetwork",
            )
        ],
    )

Documents: Microsoft Learn, "Network security group rules in an Azure Databricks virtual network", and Azure
Well-Architected Framework, "Recommendations for building a segmentation strategy".
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State, holds_unknown, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import SECURITY_GROUP, SUBNET

_DATABRICKS = "Microsoft.Databricks/workspaces"
_PORTS = {"22", "3389"}
_INSIDE = {"*", "VirtualNetwork"}


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for group in stack.of(SECURITY_GROUP):
        behind = [
            one for one in stack.of(SUBNET) if stack.points(one, "networkSecurityGroup.id", group) is True
        ]
        if behind and all(_is_databricks(subnet) for subnet in behind):
            continue
        rules = read(group.inputs, "securityRules")
        denied = [_denied(rule) for rule in rules] if isinstance(rules, list) else []
        if {port for ports in denied for port in ports} >= _PORTS:
            continue
        if rules is State.UNKNOWN or holds_unknown(rules):
            yield replace(unknown("securityRules"), urn=group.urn)
        else:
            yield Violation(("securityRules",), "no rule denies log-ins inside the network", urn=group.urn)


def _denied(rule: Any) -> set[str]:
    """Return those of the ports that a rule denies to machines of the network."""
    asked = {name: str(read(rule, name)) for name in ("direction", "access", "protocol")}
    ends = {str(read(rule, name)) for name in ("sourceAddressPrefix", "destinationAddressPrefix")}
    if (asked["direction"], asked["access"]) != ("Outbound", "Deny") or asked["protocol"] not in ("Tcp", "*"):
        return set()
    several = read(rule, "destinationPortRanges")
    ports = {str(port) for port in several} if isinstance(several, list) else set()
    ports.add(str(read(rule, "destinationPortRange")))
    return (_PORTS if "*" in ports else ports & _PORTS) if ends <= _INSIDE else set()


def _is_databricks(subnet: Resource) -> bool:
    delegations = read(subnet.inputs, "delegations")
    return isinstance(delegations, list) and any(
        read(one, "serviceName") == _DATABRICKS for one in delegations
    )


RULE = Rule(
    code="NW004",
    title="machines of a network don't log in to each other",
    types=(SECURITY_GROUP,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add an outbound rule that denies TCP ports 22 and 3389 to VirtualNetwork",
    sources=(
        "PSRule Azure.NSG.LateralTraversal",
        "MCSB NS-1",
    ),
)
