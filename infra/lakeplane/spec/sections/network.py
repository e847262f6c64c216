"""Where an environment stands in the network."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Literal, Self

from pydantic import model_validator

from lakeplane.spec.address_ranges import CidrRange
from lakeplane.spec.arm_ids import SubnetName, VirtualNetworkId
from lakeplane.spec.hub_scalars import HubName, ResourceGroupId
from lakeplane.spec.refusals import finding
from lakeplane.spec.sections.base import SpecModel

__all__ = ["ExistingNetworkSpec", "ExistingSubnetsSpec", "NetworkSpec"]


class ExistingSubnetsSpec(SpecModel):
    """Names of the subnets in a network that exists already, one for each use.

    Attributes:
        databricks_host: Of the clusters' hosts; /26 or larger, delegated to Microsoft.Databricks/workspaces.
        databricks_container: Of the clusters' containers; as large, delegated in the same way.
        aks_nodes: Of AKS nodes; without delegation.
        aks_api_server: Of the AKS API server; /28 or larger, delegated to
            Microsoft.ContainerService/managedClusters.
        private_endpoints: Of private endpoints; without delegation.
    """

    databricks_host: SubnetName
    databricks_container: SubnetName
    aks_nodes: SubnetName
    aks_api_server: SubnetName
    private_endpoints: SubnetName

    @model_validator(mode="after")
    def _each_its_own(self) -> Self:
        names = [getattr(self, field).lower() for field in type(self).model_fields]
        for field, name in zip(type(self).model_fields, names, strict=True):
            if names.count(name) > 1 and names.index(name) != list(type(self).model_fields).index(field):
                raise finding(
                    "SPC037",
                    f"subnet {name} has two uses",
                    allowed="a subnet of its own for each use",
                    remedy="name another subnet; a delegated one takes nothing else",
                    at=field,
                )
        return self


class ExistingNetworkSpec(SpecModel):
    """A network that exists already; nothing of it is created or changed.

    Attributes:
        virtual_network: ARM id of the virtual network, in the environment's subscription and region.
        subnets: Names of its subnets, one for each use, with security groups and a way out.
        private_dns_zones: ARM id of the resource group that holds the zones of private endpoints, linked to
            where the network asks for names; in access mode private, the zone `private.REGION.azmk8s.io` of
            API servers as well.
        egress: What leads out of the network: `firewall` (a route for 0.0.0.0/0) or `nat_gateway`;
            `firewall` if left out.
        browser_authentication: `own`: sign-in over Private Link comes through this environment's workspace.
            `shared`: the zone already has the region's only endpoint for it; `own` if left out.
    """

    virtual_network: VirtualNetworkId
    subnets: ExistingSubnetsSpec
    private_dns_zones: ResourceGroupId
    egress: Literal["firewall", "nat_gateway"] = "firewall"
    browser_authentication: Literal["own", "shared"] = "own"


class NetworkSpec(SpecModel):
    """The environment's virtual network: its own, its own behind a hub, or one that exists already.

    Attributes:
        address_space: Private IPv4 range of /16 to /24; 10.20.0.0/20 if left out. For a network that exists
            already it is that network's, so that AKS's inner ranges stay outside it.
        hub: Name of the hub that the network is connected to, whose firewall and private DNS zones it uses;
            it stands alone, with a NAT gateway and zones of its own, if left out.
        bring_your_own: A network that exists already; a new one is made if left out.
    """

    address_space: CidrRange = IPv4Network("10.20.0.0/20")
    hub: HubName | None = None
    bring_your_own: ExistingNetworkSpec | None = None

    @model_validator(mode="after")
    def _one_way_at_a_time(self) -> Self:
        if self.hub is not None and self.bring_your_own is not None:
            raise finding(
                "SPC037",
                "a network is brought, or made behind a hub, not both",
                allowed="network.hub or network.bring_your_own",
                remedy="remove network.hub; who owns the network connects it",
                at="hub",
            )
        if self.bring_your_own is not None and "address_space" not in self.model_fields_set:
            raise finding(
                "SPC037",
                "nothing says which addresses the network has",
                allowed="the network's own range",
                remedy="add network.address_space, so that AKS's inner ranges stay outside it",
                at="address_space",
            )
        if self.hub is not None and "address_space" not in self.model_fields_set:
            raise finding(
                "SPC037",
                "behind a hub every network has a range of its own",
                allowed="a private range that is free in the hub and in its other environments",
                remedy="add network.address_space",
                at="address_space",
            )
        return self
