"""The environment's virtual network: subnets without a way in from outside, and one way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network as azure

from lakeplane.addressing import AddressPlan
from lakeplane.components.placement import Placement, known_id

__all__ = ["Network", "NetworkArgs", "SubnetNames"]

_DATABRICKS = "Microsoft.Databricks/workspaces"
_AKS = "Microsoft.ContainerService/managedClusters"
# Traffic to these services leaves through Azure's backbone, so that their firewalls can name the subnet.
_SERVICE_ENDPOINTS = ("Microsoft.KeyVault", "Microsoft.Storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetNames:
    """Names of the subnets."""

    databricks_host: str
    databricks_container: str
    aks_nodes: str
    aks_api_server: str
    private_endpoints: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkArgs:
    """What a network needs.

    Attributes:
        placement: Where it goes.
        addresses: The plan of its ranges.
        virtual_network_name: Name of the virtual network.
        network_security_group_name: Name of the security group of the Databricks subnets; the one of all
            other subnets has it with the ending `-platform`.
        nat_gateway_name: Name of the NAT gateway, the only way out.
        public_ip_address_name: Name of the NAT gateway's public address.
        subnet_names: Names of the subnets.
        zones: Availability zones of the public address; none in regions without zones.
    """

    placement: Placement
    addresses: AddressPlan
    virtual_network_name: str
    network_security_group_name: str
    nat_gateway_name: str
    public_ip_address_name: str
    subnet_names: SubnetNames
    zones: Sequence[str] = ()


class Network(pulumi.ComponentResource):
    """Virtual network with subnets for Databricks, AKS and private endpoints, and a NAT gateway.

    Attributes:
        virtual_network_id: ARM id of the virtual network.
        subnet_ids: ARM ids of the subnets by their key in the address plan.
        databricks_host_subnet_name: Name of Databricks' host ("public") subnet; waits for the subnet.
        databricks_container_subnet_name: Name of Databricks' container ("private") subnet; waits as well.
        egress_address: Public address that the environment is seen under from outside.
    """

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:network:Network", name, None, opts)
        self._name = name
        self._args = args
        placement = args.placement
        common = {
            "resource_group_name": placement.resource_group_name,
            "location": placement.location,
            "tags": placement.tags,
        }
        child = pulumi.ResourceOptions(parent=self)
        public_address = azure.PublicIPAddress(
            f"{name}-egress-address",
            public_ip_address_name=args.public_ip_address_name,
            sku=azure.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
            public_ip_allocation_method="Static",
            public_ip_address_version="IPv4",
            zones=list(args.zones) or None,
            **common,
            opts=child,
        )
        self._nat_gateway = azure.NatGateway(
            f"{name}-nat-gateway",
            nat_gateway_name=args.nat_gateway_name,
            sku=azure.NatGatewaySkuArgs(name="Standard"),
            public_ip_addresses=[
                azure.SubResourceArgs(
                    id=self._id(public_address, "publicIPAddresses", args.public_ip_address_name)
                )
            ],
            idle_timeout_in_minutes=10,
            **common,
            opts=child,
        )
        self._databricks_group = azure.NetworkSecurityGroup(
            f"{name}-databricks-security-group",
            network_security_group_name=args.network_security_group_name,
            **common,
            # The workspace writes its own rules into the group.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["securityRules"]),
        )
        self._platform_group = azure.NetworkSecurityGroup(
            f"{name}-platform-security-group",
            network_security_group_name=f"{args.network_security_group_name}-platform",
            security_rules=[_no_lateral_logins()],
            **common,
            opts=child,
        )
        self._virtual_network = azure.VirtualNetwork(
            f"{name}-virtual-network",
            virtual_network_name=args.virtual_network_name,
            address_space=azure.AddressSpaceArgs(address_prefixes=[str(args.addresses.space)]),
            **common,
            opts=child,
        )
        self._subnets: dict[str, azure.Subnet] = {}
        self._add_subnets()

        self.virtual_network_id = known_id(
            self._virtual_network,
            placement.arm_id("Microsoft.Network/virtualNetworks", args.virtual_network_name),
        )
        self.subnet_ids = {key: self._subnet_id(key) for key in self._subnets}
        self.databricks_host_subnet_name = self._waiting_name("databricks_host")
        self.databricks_container_subnet_name = self._waiting_name("databricks_container")
        self.egress_address = public_address.ip_address
        self.register_outputs(
            {"virtual_network_id": self.virtual_network_id, "egress_address": self.egress_address}
        )

    def _add_subnets(self) -> None:
        databricks = {"group": self._databricks_group, "delegation": _DATABRICKS}
        self._add_subnet("databricks_host", **databricks)
        self._add_subnet("databricks_container", **databricks)
        self._add_subnet("aks_nodes", group=self._platform_group)
        self._add_subnet("aks_api_server", group=self._platform_group, delegation=_AKS, way_out=False)
        self._add_subnet("private_endpoints", group=self._platform_group, way_out=False)

    def _add_subnet(
        self,
        key: str,
        *,
        group: azure.NetworkSecurityGroup,
        delegation: str | None = None,
        way_out: bool = True,
    ) -> None:
        """Add a subnet; one after the other, for Azure refuses two changes of one network at a time."""
        args = self._args
        group_name = args.network_security_group_name
        if group is self._platform_group:
            group_name = f"{group_name}-platform"
        earlier = list(self._subnets.values())[-1:]
        self._subnets[key] = azure.Subnet(
            f"{self._name}-{key.replace('_', '-')}-subnet",
            resource_group_name=args.placement.resource_group_name,
            virtual_network_name=self._virtual_network.name,
            subnet_name=getattr(args.subnet_names, key),
            address_prefix=str(args.addresses.subnets[key]),
            default_outbound_access=False,
            network_security_group=azure.NetworkSecurityGroupArgs(
                id=self._id(group, "networkSecurityGroups", group_name)
            ),
            nat_gateway=azure.SubResourceArgs(
                id=self._id(self._nat_gateway, "natGateways", args.nat_gateway_name)
            )
            if way_out
            else None,
            delegations=[azure.DelegationArgs(name=key, service_name=delegation)] if delegation else None,
            service_endpoints=[
                azure.ServiceEndpointPropertiesFormatArgs(service=each) for each in _SERVICE_ENDPOINTS
            ]
            if way_out
            else None,
            private_endpoint_network_policies="Enabled" if key == "private_endpoints" else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=earlier),
        )

    def _id(self, resource: pulumi.Resource, collection: str, name: str) -> pulumi.Output[str]:
        return known_id(resource, self._args.placement.arm_id(f"Microsoft.Network/{collection}", name))

    def _subnet_id(self, key: str) -> pulumi.Output[str]:
        network_id = self._args.placement.arm_id(
            "Microsoft.Network/virtualNetworks", self._args.virtual_network_name
        )
        return known_id(self._subnets[key], f"{network_id}/subnets/{getattr(self._args.subnet_names, key)}")

    def _waiting_name(self, key: str) -> pulumi.Output[str]:
        subnet_name: str = getattr(self._args.subnet_names, key)
        return known_id(self._subnets[key], subnet_name)


def _no_lateral_logins() -> azure.SecurityRuleArgs:
    """Nodes have no reason to log in to each other; Azure's default rules already refuse the way in."""
    return azure.SecurityRuleArgs(
        name="deny-lateral-logins",
        description="No remote logins from one machine to another",
        priority=1000,
        direction="Outbound",
        access="Deny",
        protocol="Tcp",
        source_address_prefix="VirtualNetwork",
        source_port_range="*",
        destination_address_prefix="VirtualNetwork",
        destination_port_ranges=["22", "3389"],
    )
