"""Vault firewalls let in ranges of somebody, not of everybody.

A firewall whose list holds 0.0.0.0/0 is none. Ranges wider than /8 belong to no organisation.

Anti-pattern:

    IPRuleArgs(value="0.0.0.0/0")

Best practice:

    IPRuleArgs(value="203.0.113.0/24")

Documents: Microsoft Learn, "Configure Azure Key Vault networking settings".
"""

from lakeplane_policies.conditions import named_ranges
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import VAULT

RULE = Rule(
    code="KV010",
    title="vault firewalls let in ranges of somebody, not of everybody",
    types=(VAULT,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes="private: no list is needed; allow_list: every range of the list is judged",
    judge=named_ranges("properties.networkAcls.ipRules", "value"),
    remedy="name the ranges of your own networks",
    sources=(
        "CKV_AZURE_109",
        "PSRule Azure.KeyVault.Firewall",
    ),
)
