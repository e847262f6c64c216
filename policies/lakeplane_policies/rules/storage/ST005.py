"""Storage accounts deny every network that isn't named.

Without a default of Deny the account's public endpoint answers the whole internet, and one leaked token is
enough.

Anti-pattern:

    StorageAccount("lake", network_rule_set=NetworkRuleSetArgs(default_action="Allow"))

Best practice:

    StorageAccount(
        "lake",
        network_rule_set=NetworkRuleSetArgs(
            default_action="Deny", ip_rules=[IPRuleArgs(i_p_address_or_range="203.0.113.0/24")]
        ),
    )

Documents: Microsoft Learn, "Azure Storage firewall rules".
"""

from lakeplane_policies.doors import denies_by_default
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST005",
    title="storage accounts deny every network that isn't named",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="private: passes once the public endpoint is off; allow_list: the default denies",
    judge=denies_by_default("networkRuleSet.defaultAction"),
    remedy='set network_rule_set with default_action="Deny", or public_network_access="Disabled"',
    sources=(
        "CKV_AZURE_35",
        "PSRule Azure.Storage.Firewall",
        "MCSB NS-2",
    ),
)
