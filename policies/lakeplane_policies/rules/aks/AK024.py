"""AKS nodes leave by the network's one way out.

With a load balancer or a managed gateway of its own, the cluster leaves past the environment's firewall,
under addresses that nobody listed.

Anti-pattern:

    ContainerServiceNetworkProfileArgs(outbound_type="loadBalancer")

Best practice:

    ContainerServiceNetworkProfileArgs(outbound_type="userDefinedRouting")

Documents: Microsoft Learn, "Customize cluster egress with outbound types in AKS".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK024",
    title="AKS nodes leave by the network's one way out",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be(
        "networkProfile.outboundType", "userDefinedRouting", "userAssignedNATGateway", "none", "block"
    ),
    remedy='set network_profile.outbound_type to "userDefinedRouting" or "userAssignedNATGateway"',
    sources=(
        "MCSB NS-1",
        "MCSB NS-3",
    ),
)
