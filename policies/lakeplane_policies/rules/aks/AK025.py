"""Pods and services of clusters have private ranges.

Pods and services on public ranges shadow whoever owns those addresses: traffic meant for them stays inside,
or pods' leaves.

Anti-pattern:

    ContainerServiceNetworkProfileArgs(pod_cidr="20.0.0.0/8")

Best practice:

    ContainerServiceNetworkProfileArgs(pod_cidr="10.244.0.0/16", service_cidr="10.0.0.0/16")

Documents: Microsoft Learn, "Azure CNI Overlay networking", section "IP address planning", and RFC 1918.
"""

from lakeplane_policies.addresses import is_private_range
from lakeplane_policies.conditions import all_of, must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK025",
    title="pods and services of clusters have private ranges",
    types=(MANAGED_CLUSTER,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must("networkProfile.podCidr", is_private_range, "a range of RFC 1918"),
        must("networkProfile.serviceCidr", is_private_range, "a range of RFC 1918"),
        must("networkProfile.dnsServiceIP", is_private_range, "an address of RFC 1918"),
    ),
    remedy="set network_profile.pod_cidr and service_cidr to private ranges",
    sources=(
        "PSRule Azure.AKS.CNISubnetSize",
        "MCSB NS-1",
    ),
)
