"""AKS clusters know Entra users only.

Local accounts are certificates with the rights of a cluster administrator. Nobody can revoke one, and the
log shows no name.

Anti-pattern:

    ManagedCluster("aks", disable_local_accounts=False)

Best practice:

    ManagedCluster("aks", disable_local_accounts=True, aad_profile=entra)

Documents: Microsoft Learn, "Manage local accounts with AKS-managed Microsoft Entra integration".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK001",
    title="AKS clusters know Entra users only",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("disableLocalAccounts", True),
    remedy="set disable_local_accounts=True",
    sources=(
        "CKV_AZURE_141",
        "PSRule Azure.AKS.LocalAccounts",
        "MCSB PA-1",
    ),
)
