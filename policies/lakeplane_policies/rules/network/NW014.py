"""Networks ask resolvers that know private endpoints.

A resolver on the internet answers with the public address of each service, and learns every name that is
asked for. Without resolvers of its own a network asks Azure's.

Anti-pattern:

    DhcpOptionsArgs(dns_servers=["8.8.8.8"])

Best practice:

    DhcpOptionsArgs(dns_servers=["10.16.0.4"])

Documents: Microsoft Learn, "Name resolution for resources in Azure virtual networks".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.addresses import is_private_range
from lakeplane_policies.conditions import every, show
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings

_AZURES_OWN = "168.63.129.16"


def _judge(server: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    if server != _AZURES_OWN and not (is_private_range(server) and "/" not in str(server)):
        yield Violation((), show(server))


RULE = Rule(
    code="NW014",
    title="networks ask resolvers that know private endpoints",
    types=("azure-native:network:VirtualNetwork",),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every("dhcpOptions.dnsServers", _judge),
    remedy="name the hub's firewall or a resolver inside the network, or none",
    sources=(
        "CKV_AZURE_182",
        "CKV_AZURE_183",
        "MCSB NS-10",
    ),
)
