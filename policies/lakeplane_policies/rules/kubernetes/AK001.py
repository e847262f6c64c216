"""AKS clusters know Entra users only.

Anti-pattern: `disable_local_accounts` left out or false: a certificate that nobody can revoke
is cluster admin.

Best practice: `ManagedCluster(..., disable_local_accounts=True, aad_profile=...)`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from lakeplane_policies.rule import Rule, must_be

RULE = Rule(
    code="AK001",
    title="AKS clusters know Entra users only",
    types=("azure-native:containerservice:ManagedCluster",),
    judge=must_be("disableLocalAccounts", True),
    remedy="set disable_local_accounts=True",
    sources=("CKV_AZURE_141", "PSRule Azure.AKS.LocalAccounts", "MCSB PA-1"),
)
