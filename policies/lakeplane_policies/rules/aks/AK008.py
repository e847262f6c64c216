"""AKS clusters have a managed identity.

A service principal brings a secret that ends, leaks or is forgotten; Azure rotates a managed identity's by
itself.

Anti-pattern:

    ManagedCluster("aks", service_principal_profile=application_with_a_secret)

Best practice:

    ManagedCluster("aks", identity=ManagedClusterIdentityArgs(type="UserAssigned"))

Documents: Microsoft Learn, "Use a managed identity in Azure Kubernetes Service".
"""

from lakeplane_policies.conditions import all_of, must, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK008",
    title="AKS clusters have a managed identity",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("identity.type", "UserAssigned", "SystemAssigned"),
        must("servicePrincipalProfile.clientId", lambda client: client == "msi", absent=None),
    ),
    remedy='set identity.type="UserAssigned" and leave service_principal_profile out',
    sources=(
        "PSRule Azure.AKS.ManagedIdentity",
        "MCSB IM-3",
        "CIS 5.2.1",
    ),
)
