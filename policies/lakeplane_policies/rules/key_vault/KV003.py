"""Key vaults deny every network that isn't named.

A vault's public endpoint answers the whole internet unless its firewall denies by default.

Anti-pattern:

    VaultPropertiesArgs(network_acls=NetworkRuleSetArgs(default_action="Allow"))

Best practice:

    VaultPropertiesArgs(network_acls=NetworkRuleSetArgs(default_action="Deny", bypass="AzureServices"))

Documents: Microsoft Learn, "Configure Azure Key Vault networking settings".
"""

from lakeplane_policies.doors import denies_by_default
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import VAULT

RULE = Rule(
    code="KV003",
    title="key vaults deny every network that isn't named",
    types=(VAULT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="private: passes once the public endpoint is off; allow_list: the default denies",
    judge=denies_by_default("properties.networkAcls.defaultAction", access="properties.publicNetworkAccess"),
    remedy='set properties.network_acls with default_action="Deny"',
    sources=(
        "CKV_AZURE_109",
        "PSRule Azure.KeyVault.Firewall",
        "MCSB NS-2",
    ),
)
