"""Storage firewalls let pass no more than trusted services.

The firewall's bypass for logs and metrics lets anybody read them from anywhere; the one for Azure's trusted
services asks for an identity with a role.

Anti-pattern:

    NetworkRuleSetArgs(default_action="Deny", bypass="Logging, Metrics")

Best practice:

    NetworkRuleSetArgs(default_action="Deny", bypass="None")

Documents: Microsoft Learn, "Trusted Azure services and resource instances".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import STORAGE_ACCOUNT

RULE = Rule(
    code="ST017",
    title="storage firewalls let pass no more than trusted services",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("networkRuleSet.bypass", "None", "AzureServices"),
    remedy='set network_rule_set.bypass to "None", or to "AzureServices" where a service needs it',
    sources=(
        "CKV_AZURE_36",
        "MCSB NS-2",
    ),
)
