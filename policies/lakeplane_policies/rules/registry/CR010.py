"""Registry firewalls let in ranges of somebody, not of everybody.

A firewall whose list holds 0.0.0.0/0 is none. Ranges wider than /8 belong to no organisation.

Anti-pattern:

    IPRuleArgs(i_p_address_or_range="0.0.0.0/0", action="Allow")

Best practice:

    IPRuleArgs(i_p_address_or_range="203.0.113.0/24", action="Allow")

Documents: Microsoft Learn, "Configure public IP network rules".
"""

from lakeplane_policies.conditions import named_ranges
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR010",
    title="registry firewalls let in ranges of somebody, not of everybody",
    types=(REGISTRY,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes="private: no list is needed; allow_list: every range of the list is judged",
    judge=named_ranges("networkRuleSet.ipRules", "iPAddressOrRange"),
    remedy="name the ranges of your own networks",
    sources=("PSRule Azure.ACR.Firewall",),
)
