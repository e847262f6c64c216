"""No network security group lets anybody in from anywhere.

An inbound rule for every source is found by scanners within minutes, whatever port it opens.

Anti-pattern:

    SecurityRuleArgs(direction="Inbound", access="Allow", source_address_prefix="*")

Best practice:

    SecurityRuleArgs(direction="Inbound", access="Allow", source_address_prefix="203.0.113.0/24")

Documents: Microsoft Learn, "Azure network security groups overview".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.addresses import opens_to_everybody
from lakeplane_policies.conditions import NOT_SET, every, named_ranges, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import SECURITY_GROUP


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    # A rule that is a resource of its own has its settings at the top. A group without rules lets nobody in.
    if read(inputs, "direction") is State.ABSENT:
        yield from every("securityRules", _judge_rule)(inputs, settings)
    else:
        yield from _judge_rule(inputs, settings)


def _judge_rule(rule: Any, settings: Settings) -> Iterator[Violation]:
    direction, access = read(rule, "direction"), read(rule, "access")
    if State.UNKNOWN in (direction, access):
        yield unknown("direction" if direction is State.UNKNOWN else "access")
    elif (str(direction).casefold(), str(access).casefold()) == ("inbound", "allow"):
        yield from _judge_sources(rule, settings)


def _judge_sources(rule: Any, settings: Settings) -> Iterator[Violation]:
    source = read(rule, "sourceAddressPrefix")
    several = read(rule, "sourceAddressPrefixes")
    if source is State.UNKNOWN:
        yield unknown("sourceAddressPrefix")
    elif source is State.ABSENT and several in (State.ABSENT, []):
        if read(rule, "sourceApplicationSecurityGroups") is State.ABSENT:
            yield Violation(("sourceAddressPrefix",), NOT_SET)
    elif source is not State.ABSENT and opens_to_everybody(source):
        yield Violation(("sourceAddressPrefix",), f"{show(source)}, which holds everybody")
    yield from named_ranges("sourceAddressPrefixes")(rule, settings)


RULE = Rule(
    code="NW001",
    title="no network security group lets anybody in from anywhere",
    types=(SECURITY_GROUP, "azure-native:network:SecurityRule"),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="name the ranges or service tags that may enter, or remove the rule",
    sources=(
        "CKV_AZURE_9",
        "CKV_AZURE_10",
        "CKV_AZURE_77",
        "CKV_AZURE_160",
        "PSRule Azure.NSG.AnyInboundSource",
    ),
)
