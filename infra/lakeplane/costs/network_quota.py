"""Limits of networks and accounts: addresses, private endpoints, storage accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from lakeplane.costs.billed import Billed, Estate, at, text, whole
from lakeplane.costs.quota_model import Tally

__all__ = [
    "AKS_ADDRESSES",
    "DATABRICKS_ADDRESSES",
    "SubnetAddresses",
    "addresses_a_node",
    "count_network",
    "databricks_subnets",
]

_ACCOUNT = "azure-native:storage:StorageAccount"
_ADDRESS = "azure-native:network:PublicIPAddress"
_AKS = "azure-native:containerservice:ManagedCluster"
_ENDPOINT = "azure-native:network:PrivateEndpoint"
_SUBNET = "azure-native:network:Subnet"
_WORKSPACE = "azure-native:databricks:Workspace"

# Microsoft Learn, "Azure Virtual Network FAQ": the first four addresses of a subnet and its last.
_RESERVED = 5
_ENDPOINTS_A_NETWORK = 1000
_PODS_A_NODE = 30
_ACCOUNTS_A_REGION = 250
_NETWORK_USAGES = "usages of Microsoft.Network, `az network list-usages`"
_PRIVATE_LINK = "Microsoft Learn, Azure Private Link limits; more with high-scale private endpoints"
_STORAGE = "Microsoft Learn, Scalability targets for standard storage accounts; 500 on request"


@dataclass(frozen=True, slots=True)
class SubnetAddresses:
    """Addresses that the nodes of a service take of a subnet.

    Attributes:
        source: Where the way of counting comes from.
    """

    source: str

    def count(self, tally: Tally, billed: Billed, subnet_id: str, nodes: int, how: str) -> None:
        """Count one address a node, against the size of the subnet where the program makes it."""
        network, _, name = subnet_id.partition("/subnets/")
        network = network.rpartition("/")[2]
        tally.add(
            "addresses",
            f"{network}/{name}",
            billed.resource.urn,
            nodes,
            unit="addresses",
            how=how,
            source=f"{self.source}; Azure keeps {_RESERVED} of each subnet",
            limit=_free_addresses(billed.estate, network, name),
        )


AKS_ADDRESSES = SubnetAddresses(
    "Microsoft Learn, Azure CNI: a node takes one address with an overlay, else one more for each of its pods"
)
DATABRICKS_ADDRESSES = SubnetAddresses(
    "Microsoft Learn, Deploy Azure Databricks in your virtual network: a node takes one of both subnets"
)


def addresses_a_node(profile: Mapping[str, Any], estate: Estate) -> int:
    """Return how many addresses of its subnet an AKS node takes."""
    for resource in estate.by_type.get(_AKS, ()):
        network = resource.inputs.get("networkProfile")
        if text(network, "networkPlugin") == "azure" and text(network, "networkPluginMode") != "overlay":
            return 1 + (whole(profile, "maxPods") or _PODS_A_NODE)
    return 1


def databricks_subnets(estate: Estate) -> Iterator[str]:
    """Return the ids of the subnets that clusters run in, as the workspace names them."""
    for resource in estate.by_type.get(_WORKSPACE, ()):
        parameters = resource.inputs.get("parameters")
        network = text(parameters, "customVirtualNetworkId", "value")
        for key in ("customPublicSubnetName", "customPrivateSubnetName"):
            name = text(parameters, key, "value")
            if network and name:
                yield f"{network}/subnets/{name}"


def count_network(tally: Tally, billed: Billed) -> None:
    """Count what a resource takes of the limits of networks and accounts."""
    urn, region, inputs = billed.resource.urn, billed.region, billed.inputs
    match billed.resource.type:
        case token if token == _ADDRESS:
            standard = text(inputs, "sku", "name") in ("Standard", "StandardV2")
            name = "StandardSkuPublicIpAddresses" if standard else "PublicIPAddresses"
            tally.add(name, region, urn, 1, unit="addresses", how="1 address", source=_NETWORK_USAGES)
        case token if token == _AKS and at(inputs, "networkProfile", "outboundType") in (
            None,
            "loadBalancer",
        ):
            how = "1 address of the outbound load balancer, which AKS makes"
            name = "StandardSkuPublicIpAddresses"
            tally.add(name, region, urn, 1, unit="addresses", how=how, source=_NETWORK_USAGES)
        case token if token == _ENDPOINT:
            network = (text(inputs, "subnet", "id") or "").partition("/subnets/")[0].rpartition("/")[2]
            tally.add(
                "private endpoints",
                network or region,
                urn,
                1,
                unit="endpoints",
                how="1 endpoint",
                source=_PRIVATE_LINK,
                limit=_ENDPOINTS_A_NETWORK if network else None,
            )
        case token if token in (_ACCOUNT, _WORKSPACE):
            how = "1 account" if token == _ACCOUNT else "1 account that Databricks makes for the workspace"
            tally.add(
                "StorageAccounts",
                region,
                urn,
                1,
                unit="accounts",
                how=how,
                source=_STORAGE,
                limit=_ACCOUNTS_A_REGION,
            )
        case _:
            pass


def _free_addresses(estate: Estate, network: str, name: str) -> int | None:
    for resource in estate.by_type.get(_SUBNET, ()):
        found = (text(resource.inputs, "virtualNetworkName"), text(resource.inputs, "subnetName"))
        if found == (network, name):
            prefix = text(resource.inputs, "addressPrefix")
            return IPv4Network(prefix).num_addresses - _RESERVED if prefix and ":" not in prefix else None
    return None
