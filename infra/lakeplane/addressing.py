"""Addresses of one environment, cut from its address space; pure arithmetic.

The space is divided into quarters: the two subnets of Databricks (each node takes one address in both), the
nodes of AKS, and one quarter shared by private endpoints and the AKS API server. So every space that the spec
allows (/16 to /24) yields subnets of the sizes that the services ask for, and none overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from ipaddress import IPv4Address, IPv4Network

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError

__all__ = ["AddressPlan", "firewall_addresses", "plan_addresses"]

_HOST_PREFIX = 31
_SERVICE_RANGES = ("10.0.0.0/16", "172.16.0.0/16", "192.168.0.0/16")
_POD_RANGES = ("10.244.0.0/16", "10.245.0.0/16")


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """Ranges of the virtual network, and those that exist inside AKS only.

    Attributes:
        space: The virtual network.
        databricks_host: Subnet of the clusters' hosts, a quarter of the space; Databricks needs /26 at least.
        databricks_container: Subnet of the clusters' containers, as large.
        aks_nodes: Subnet of AKS nodes, a quarter of the space; pods have an overlay of their own.
        private_endpoints: Subnet of private endpoints, an eighth of the space.
        aks_api_server: Subnet delegated to the AKS API server, a /28.
        aks_services: Range of Kubernetes services, outside the space.
        aks_pods: Range of the pods' overlay, outside the space.
        aks_dns_service: Address of the cluster's DNS, inside `aks_services`.
    """

    space: IPv4Network
    databricks_host: IPv4Network
    databricks_container: IPv4Network
    aks_nodes: IPv4Network
    private_endpoints: IPv4Network
    aks_api_server: IPv4Network
    aks_services: IPv4Network
    aks_pods: IPv4Network
    aks_dns_service: IPv4Address

    @property
    def subnets(self) -> dict[str, IPv4Network]:
        """The subnets of the virtual network, by name."""
        inside = (
            "databricks_host",
            "databricks_container",
            "aks_nodes",
            "private_endpoints",
            "aks_api_server",
        )
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name in inside}


def plan_addresses(space: IPv4Network) -> AddressPlan:
    """Cut an address space into the environment's subnets.

    Args:
        space: The virtual network's range, /16 to /24.

    Raises:
        PlanError: The space is too small or too large.
    """
    if not 16 <= space.prefixlen <= 24:
        raise PlanError(
            Diagnostic(
                code="PLN001",
                summary="address space has the wrong size",
                detail=f"found {space}; allowed: a prefix length of 16 to 24",
                remedy="take /20 unless clusters of several hundred nodes are planned",
                path=("network", "address_space"),
            )
        )
    host, container, nodes, rest = space.subnets(prefixlen_diff=2)
    endpoints, small = rest.subnets(prefixlen_diff=1)
    services = _first_free(_SERVICE_RANGES, space)
    return AddressPlan(
        space=space,
        databricks_host=host,
        databricks_container=container,
        aks_nodes=nodes,
        private_endpoints=endpoints,
        aks_api_server=next(small.subnets(new_prefix=28)),
        aks_services=services,
        aks_pods=_first_free(_POD_RANGES, space),
        aks_dns_service=services[10],
    )


def _first_free(candidates: tuple[str, ...], space: IPv4Network) -> IPv4Network:
    # A space of /16 or smaller overlaps at most one of several disjoint ranges of /16.
    return next(free for free in map(IPv4Network, candidates) if not free.overlaps(space))


def firewall_addresses(ranges: Sequence[IPv4Network]) -> list[str]:
    """Write public ranges as Azure's firewalls take them: never /31 or /32, single addresses bare."""
    written: list[str] = []
    for network in ranges:
        if network.prefixlen >= _HOST_PREFIX:
            written += [str(address) for address in network]
        else:
            written.append(str(network))
    return written
