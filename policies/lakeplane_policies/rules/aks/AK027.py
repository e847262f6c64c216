"""AKS clusters have the load balancer that is shut by default.

The basic load balancer is open to the internet by default, knows no zones, and is retired.

Anti-pattern:

    ContainerServiceNetworkProfileArgs(load_balancer_sku="basic")

Best practice:

    ContainerServiceNetworkProfileArgs(load_balancer_sku="standard")

Documents: Microsoft Learn, "Use a public standard load balancer in Azure Kubernetes Service".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK027",
    title="AKS clusters have the load balancer that is shut by default",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("networkProfile.loadBalancerSku", "standard"),
    remedy='set network_profile.load_balancer_sku="standard"',
    sources=(
        "PSRule Azure.AKS.StandardLB",
        "MCSB NS-1",
    ),
)
