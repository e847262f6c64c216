"""Rights on key vaults are Azure roles.

Anti-pattern: `enable_rbac_authorization` left out: access policies give rights that no role review shows.

Best practice: `VaultPropertiesArgs(..., enable_rbac_authorization=True)`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from lakeplane_policies.rule import Rule, must_be

RULE = Rule(
    code="KV002",
    title="rights on key vaults are Azure roles",
    types=("azure-native:keyvault:Vault",),
    judge=must_be("properties.enableRbacAuthorization", True),
    remedy="set properties.enable_rbac_authorization=True",
    sources=("PSRule Azure.KeyVault.RBAC",),
)
