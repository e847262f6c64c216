"""AKS networks have an engine for network policies.

Without an engine, NetworkPolicy objects are accepted and do nothing: every pod reaches every other.

Anti-pattern:

    ContainerServiceNetworkProfileArgs(network_plugin="kubenet", network_policy="none")

Best practice:

    ContainerServiceNetworkProfileArgs(
        network_plugin="azure", network_policy="cilium", network_dataplane="cilium"
    )

Documents: Microsoft Learn, "Secure traffic between pods by using network policies in AKS".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.reading import read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import MANAGED_CLUSTER

_ENGINES = must_be("networkProfile.networkPolicy", "cilium", "azure", "calico")
_CILIUM = must_be("networkProfile.networkPolicy", "cilium")
_CILIUMS_DATAPLANE = must_be("networkProfile.networkDataplane", "cilium")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _ENGINES(inputs, settings)
    if read(inputs, "networkProfile.networkPolicy") == "cilium":
        yield from _CILIUMS_DATAPLANE(inputs, settings)
    elif read(inputs, "networkProfile.networkDataplane") == "cilium":
        yield from _CILIUM(inputs, settings)


RULE = Rule(
    code="AK004",
    title="AKS networks have an engine for network policies",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(must_be("networkProfile.networkPlugin", "azure"), _judge),
    remedy='set network_profile with network_plugin="azure" and network_policy="cilium"',
    sources=(
        "CKV_AZURE_7",
        "CKV2_AZURE_29",
        "PSRule Azure.AKS.NetworkPolicy",
        "PSRule Azure.AKS.AzureCNI",
        "CIS 5.4.4",
    ),
)
