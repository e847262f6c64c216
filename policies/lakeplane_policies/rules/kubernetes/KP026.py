"""Network policies let in somebody, not everybody.

An ingress rule without peers, or with a block of all addresses, opens its port to the whole network.

Anti-pattern:

    NetworkPolicyIngressRuleArgs(ports=[scoring])

Best practice:

    NetworkPolicyIngressRuleArgs(ports=[scoring], from_=[gateways])

Documents: Kubernetes documentation, "Network Policies".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.addresses import opens_to_everybody
from lakeplane_policies.conditions import NOT_SET, all_of, every, must
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import NETWORK_POLICY

_PEERS = every("from", must("ipBlock.cidr", lambda block: not opens_to_everybody(block), absent=None))
_EGRESS = every("to", must("ipBlock.cidr", lambda block: not opens_to_everybody(block), absent=None))


def _judge(rule: Any, settings: Settings) -> Iterator[Violation]:
    if read(rule, "from") in (State.ABSENT, []):
        yield Violation(("from",), NOT_SET)
    yield from _PEERS(rule, settings)


RULE = Rule(
    code="KP026",
    title="network policies let in somebody, not everybody",
    types=(NETWORK_POLICY,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(every("spec.ingress", _judge), every("spec.egress", _EGRESS)),
    remedy="name the peers of each ingress rule",
    sources=(
        "CKV2_K8S_6",
        "CIS 4.4.2",
    ),
)
