"""Storage firewalls let in ranges of somebody, not of everybody.

A firewall whose list holds 0.0.0.0/0 is none. Ranges wider than /8 belong to no organisation.

Anti-pattern:

    IPRuleArgs(i_p_address_or_range="0.0.0.0/0")

Best practice:

    IPRuleArgs(i_p_address_or_range="203.0.113.0/24")

Documents: Microsoft Learn, "Azure Storage firewall rules".
"""

from lakeplane_policies.conditions import named_ranges
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST018",
    title="storage firewalls let in ranges of somebody, not of everybody",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes="private: no list is needed; allow_list: every range of the list is judged",
    judge=named_ranges("networkRuleSet.ipRules", "iPAddressOrRange"),
    remedy="name the ranges of your own networks",
    sources=(
        "CKV_AZURE_35",
        "PSRule Azure.Storage.Firewall",
    ),
)
