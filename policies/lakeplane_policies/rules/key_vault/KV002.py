"""Rights on key vaults are Azure roles.

Access policies live in the vault and give rights that no review of roles shows; whoever may write the vault
may give them to himself.

Anti-pattern:

    VaultPropertiesArgs(access_policies=[AccessPolicyEntryArgs(object_id=team, permissions=everything)])

Best practice:

    VaultPropertiesArgs(enable_rbac_authorization=True)

Documents: Microsoft Learn, "Azure role-based access control (Azure RBAC) vs. access policies".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import VAULT

RULE = Rule(
    code="KV002",
    title="rights on key vaults are Azure roles",
    types=(VAULT,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("properties.enableRbacAuthorization", True),
    remedy="set properties.enable_rbac_authorization=True",
    sources=(
        "PSRule Azure.KeyVault.RBAC",
        "MCSB PA-7",
    ),
)
