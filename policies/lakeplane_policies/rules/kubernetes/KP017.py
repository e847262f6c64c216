"""Namespaces are closed by a network policy.

A pod that no policy selects talks to everybody. One that selects all and allows nothing closes the
namespace, so that each way has to be opened by name.

Anti-pattern:

    Namespace("serving")

Best practice:

    NetworkPolicy(
        "deny-all",
        metadata=ObjectMetaArgs(namespace="serving"),
        spec=NetworkPolicySpecArgs(pod_selector=LabelSelectorArgs(), policy_types=["Ingress", "Egress"]),
    )

Documents: Kubernetes documentation, "Network Policies", section "Default policies".
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import NAMESPACE, NETWORK_POLICY

_BOTH = {"Ingress", "Egress"}


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for namespace in stack.of(NAMESPACE):
        name = read(namespace.inputs, "metadata.name")
        answers = [_closes(policy, namespace.urn, name) for policy in stack.of(NETWORK_POLICY)]
        if True in answers:
            continue
        if State.UNKNOWN in answers:
            yield replace(unknown(), urn=namespace.urn)
        else:
            yield Violation((), "no NetworkPolicy of the stack closes it", urn=namespace.urn)


def _closes(policy: Resource, urn: str, name: Any) -> bool | State:
    spec = read(policy.inputs, "spec")
    types, selector = read(spec, "policyTypes"), read(spec, "podSelector")
    here = read(policy.inputs, "metadata.namespace")
    by_name = isinstance(here, str) and here == name
    if not by_name and urn not in policy.property_dependencies.get("metadata", ()):
        return State.UNKNOWN if State.UNKNOWN in (here, name) else False
    if State.UNKNOWN in (spec, types, selector):
        return State.UNKNOWN
    everything = selector is State.ABSENT or (isinstance(selector, dict) and not any(selector.values()))
    rules = [read(spec, "ingress"), read(spec, "egress")]
    closed = isinstance(types, list) and set(map(str, types)) >= _BOTH
    return everything and closed and all(rule in (State.ABSENT, []) for rule in rules)


RULE = Rule(
    code="KP017",
    title="namespaces are closed by a network policy",
    types=(NAMESPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add a NetworkPolicy for all pods and both directions, without rules",
    sources=(
        "CKV2_K8S_6",
        "CIS 4.4.2",
    ),
)
