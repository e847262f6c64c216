"""Firewalls have a policy, and a tier that can keep it.

A firewall without a policy lets nothing through until somebody adds rules by hand; a basic one can't deny
what Microsoft knows to be hostile.

Anti-pattern:

    AzureFirewall("egress", sku=AzureFirewallSkuArgs(name="AZFW_VNet", tier="Basic"))

Best practice:

    AzureFirewall(
        "egress",
        sku=AzureFirewallSkuArgs(name="AZFW_VNet", tier="Standard"),
        firewall_policy=SubResourceArgs(id=policy.id),
    )

Documents: Microsoft Learn, "Choose the right Azure Firewall version to meet your needs".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, must_be
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import FIREWALL

_TIER = must_be("sku.tier", "Standard", "Premium")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _TIER(inputs, settings)
    # An id that is known later is one that will be there.
    if read(inputs, "firewallPolicy.id") is State.ABSENT:
        yield Violation(("firewallPolicy", "id"), NOT_SET)


RULE = Rule(
    code="NW015",
    title="firewalls have a policy, and a tier that can keep it",
    types=(FIREWALL,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set sku.tier to Standard or Premium, and firewall_policy",
    sources=(
        "CKV_AZURE_219",
        "PSRule Azure.Firewall.Mode",
    ),
)
