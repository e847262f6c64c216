"""No network security group lets anybody in from anywhere.

Anti-pattern: an inbound rule that allows `source_address_prefix="*"`: scanners find it within minutes.

Best practice: name the ranges or service tags that may enter, or no inbound rule at all.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy.proxy import UnknownValueError

from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import Rule, Violation

_ANYWHERE = frozenset({"*", "0.0.0.0/0", "::/0", "internet", "any"})
_NOT_KNOWN = "it is not known before the update, so nobody can say that it holds"


def _judge(inputs: Mapping[str, Any]) -> Iterator[Violation]:
    rules = read(inputs, "securityRules")
    if rules is State.UNKNOWN:
        yield Violation("securityRules", _NOT_KNOWN)
    elif rules is not State.ABSENT:
        for index in range(len(rules)):
            yield from _judge_rule(rules, index)


def _judge_rule(rules: Any, index: int) -> Iterator[Violation]:
    path = f"securityRules[{index}]"
    try:
        rule = rules[index]
    except UnknownValueError:
        rule = {"$unknown": True}
    # A security group without rules lets nobody in: only rules that are there can break this.
    direction, access = read(rule, "direction"), read(rule, "access")
    if State.UNKNOWN in (direction, access):
        yield Violation(path, _NOT_KNOWN)
    elif (str(direction).lower(), str(access).lower()) == ("inbound", "allow"):
        yield from _judge_sources(rule, path)


def _judge_sources(rule: Mapping[str, Any], path: str) -> Iterator[Violation]:
    single, several = read(rule, "sourceAddressPrefix"), read(rule, "sourceAddressPrefixes")
    if State.UNKNOWN in (single, several):
        yield Violation(f"{path}.sourceAddressPrefix", _NOT_KNOWN)
        return
    sources = [] if single is State.ABSENT else [single]
    sources += [] if several is State.ABSENT else list(several)
    groups = read(rule, "sourceApplicationSecurityGroups")
    if not sources and groups is State.ABSENT:
        yield Violation(f"{path}.sourceAddressPrefix", "it is not set")
    for source in sources:
        if str(source).lower() in _ANYWHERE:
            yield Violation(f"{path}.sourceAddressPrefix", f"it is {source!r}")


RULE = Rule(
    code="NW001",
    title="no network security group lets anybody in from anywhere",
    types=("azure-native:network:NetworkSecurityGroup",),
    judge=_judge,
    remedy="name the ranges or service tags that may enter, or remove the rule",
    sources=("CKV_AZURE_9", "CKV_AZURE_10", "CKV_AZURE_160", "PSRule Azure.NSG.AnyInboundSource"),
)
