"""Registries deny every network that isn't named.

A public endpoint without a default of Deny answers the whole internet.

Anti-pattern:

    Registry("images", network_rule_set=NetworkRuleSetArgs(default_action="Allow"))

Best practice:

    Registry("images", network_rule_set=NetworkRuleSetArgs(default_action="Deny"))

Documents: Microsoft Learn, "Configure public IP network rules".
"""

from lakeplane_policies.doors import denies_by_default
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import REGISTRY

RULE = Rule(
    code="CR004",
    title="registries deny every network that isn't named",
    types=(REGISTRY,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="private: passes once the public endpoint is off; allow_list: the default denies",
    judge=denies_by_default("networkRuleSet.defaultAction"),
    remedy='set network_rule_set with default_action="Deny"',
    sources=(
        "CKV_AZURE_139",
        "PSRule Azure.ACR.Firewall",
    ),
)
