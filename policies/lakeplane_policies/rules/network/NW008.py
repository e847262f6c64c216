"""Firewall rules name who may go where, by what.

One rule from any source or to any destination turns the firewall into a router: whoever steals data needs no
other way.

Anti-pattern:

    NetworkRuleArgs(source_addresses=["*"], destination_addresses=["*"], destination_ports=["*"])

Best practice:

    NetworkRuleArgs(
        source_addresses=["10.24.0.0/22"],
        destination_addresses=["Storage"],
        destination_ports=["443"],
        ip_protocols=["TCP"],
    )

Documents: Microsoft Learn, "Azure Firewall policy rule sets".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, all_of, every, must, must_be, named_ranges, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings


def _collection(collection: Any, settings: Settings) -> Iterator[Violation]:
    action = read(collection, "action.type")
    if action is State.UNKNOWN:
        yield unknown("action", "type")
    elif str(action).casefold() != "deny":
        yield from every("rules", _rule)(collection, settings)


def _rule(rule: Any, settings: Settings) -> Iterator[Violation]:
    if read(rule, "sourceIpGroups") is State.ABSENT:
        yield from _SOURCES(rule, settings)
    kind = read(rule, "ruleType")
    if kind == "ApplicationRule":
        yield from _APPLICATION(rule, settings)
    elif kind == "NetworkRule":
        yield from _NETWORK(rule, settings)
    else:  # nothing enters this network by a translated address
        yield unknown("ruleType") if kind is State.UNKNOWN else Violation(("ruleType",), show(kind))


def _one_protocol(protocol: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    if str(protocol).casefold() == "any":
        yield Violation((), show(protocol))


def _one_name(name: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    if str(name).strip("*.") == "":
        yield Violation((), show(name))


_SOURCES = named_ranges("sourceAddresses", absent=NOT_SET)
_APPLICATION = all_of(
    every("protocols", must_be("protocolType", "Https"), absent=NOT_SET),
    every("targetFqdns", _one_name),
)
_NETWORK = all_of(
    named_ranges("destinationAddresses"),
    must("destinationPorts", lambda ports: "*" not in ports, "ports by number"),
    every("ipProtocols", _one_protocol, absent=NOT_SET),
)


RULE = Rule(
    code="NW008",
    title="firewall rules name who may go where, by what",
    types=("azure-native:network:FirewallPolicyRuleCollectionGroup",),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every("ruleCollections", _collection, absent=NOT_SET),
    remedy="name sources, destinations, ports and protocols; applications speak Https",
    sources=("MCSB NS-3",),
)
