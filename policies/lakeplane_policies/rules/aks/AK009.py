"""Pods sign in with workload identity.

Without an issuer and workload identity, pods need secrets, or borrow the identity of the node and with it
that of every other pod.

Anti-pattern:

    ManagedCluster("aks", oidc_issuer_profile=ManagedClusterOIDCIssuerProfileArgs(enabled=False))

Best practice:

    ManagedCluster(
        "aks",
        oidc_issuer_profile=ManagedClusterOIDCIssuerProfileArgs(enabled=True),
        security_profile=ManagedClusterSecurityProfileArgs(workload_identity=enabled),
    )

Documents: Microsoft Learn, "Use Microsoft Entra Workload ID with AKS".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK009",
    title="pods sign in with workload identity",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("oidcIssuerProfile.enabled", True),
        must_be("securityProfile.workloadIdentity.enabled", True),
    ),
    remedy="set oidc_issuer_profile.enabled=True and security_profile.workload_identity.enabled=True",
    sources=(
        "MCSB IM-3",
        "CIS 5.2.1",
    ),
)
