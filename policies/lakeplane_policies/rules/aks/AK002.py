"""AKS clusters ask Azure who may do what.

Without Entra and Azure roles, rights in the cluster live in the cluster, out of sight of everybody who
reviews roles.

Anti-pattern:

    ManagedCluster("aks", enable_rbac=False)

Best practice:

    ManagedCluster(
        "aks",
        enable_rbac=True,
        aad_profile=ManagedClusterAADProfileArgs(managed=True, enable_azure_rbac=True),
    )

Documents: Microsoft Learn, "Use Azure role-based access control for Kubernetes authorization".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK002",
    title="AKS clusters ask Azure who may do what",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("enableRBAC", True),
        must_be("aadProfile.managed", True),
        must_be("aadProfile.enableAzureRBAC", True),
    ),
    remedy="set enable_rbac=True, and aad_profile with managed=True and enable_azure_rbac=True",
    sources=(
        "CKV_AZURE_5",
        "PSRule Azure.AKS.AzureRBAC",
        "PSRule Azure.AKS.ManagedAAD",
        "PSRule Azure.AKS.UseRBAC",
        "CIS 5.5.1",
        "CIS 5.5.2",
    ),
)
