"""The environment's virtual network: subnets without a way in from outside, and one way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

import pulumi
from pulumi_azure_native import network as azure

from lakeplane.addressing import AddressPlan
from lakeplane.components.diagnostics import NETWORK_LOGS, DiagnosticTarget, send_logs
from lakeplane.components.locks import lock_what_others_need
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.security_rules import no_lateral_logins

__all__ = ["Network", "NetworkArgs", "SubnetNames"]

_DATABRICKS = "Microsoft.Databricks/workspaces"
_AKS = "Microsoft.ContainerService/managedClusters"


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
        nat_gateway_name: Name of the NAT gateway, the only way out unless there is a firewall.
        public_ip_address_name: Name of the NAT gateway's public address.
        route_table_name: Name of the route table that leads to a firewall.
        subnet_names: Names of the subnets.
        log_workspace_id: ARM id of the log workspace.
        zones: Availability zones of the public address; none in regions without zones.
        firewall_address: Private address of the firewall that everything leaves through; a NAT gateway of the
            network's own if left out.
        dns_servers: Addresses that are asked for names; Azure's own resolver if left out.
        lock: Let Azure refuse to delete the network, and with it each of its subnets and peerings, which
            inherit the lock; not if left out.
        diagnostic_settings: Where else the logs are sent; the log workspace alone if left out.
    """

    placement: Placement
    addresses: AddressPlan
    virtual_network_name: str
    network_security_group_name: str
    nat_gateway_name: str
    public_ip_address_name: str
    route_table_name: str
    subnet_names: SubnetNames
    log_workspace_id: pulumi.Input[str]
    zones: Sequence[str] = ()
    firewall_address: IPv4Address | None = None
    dns_servers: Sequence[IPv4Address] = ()
    lock: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()


class Network(pulumi.ComponentResource):
    """Virtual network with subnets for Databricks, AKS and private endpoints, and one way out.

    Attributes:
        virtual_network_id: ARM id of the virtual network.
        subnet_ids: ARM ids of the subnets by their key in the address plan.
        databricks_host_subnet_name: Name of Databricks' host ("public") subnet; waits for the subnet.
        databricks_container_subnet_name: Name of Databricks' container ("private") subnet; waits as well.
        virtual_network_name: Name of the virtual network; waits for it and its subnets.
        egress_address: Public address that the environment is seen under from outside; none behind a
            firewall, which has its own.
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
        self._way_out = self._add_way_out(common)
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
            security_rules=[no_lateral_logins()],
            **common,
            opts=child,
        )
        self._virtual_network = azure.VirtualNetwork(
            f"{name}-virtual-network",
            virtual_network_name=args.virtual_network_name,
            address_space=azure.AddressSpaceArgs(address_prefixes=[str(args.addresses.space)]),
            dhcp_options=azure.DhcpOptionsArgs(dns_servers=[str(each) for each in args.dns_servers])
            if args.dns_servers
            else None,
            **common,
            opts=child,
        )
        self._send_logs()
        self._subnets: dict[str, azure.Subnet] = {}
        self._add_subnets()

        self.virtual_network_id = known_id(
            self._virtual_network,
            placement.arm_id("Microsoft.Network/virtualNetworks", args.virtual_network_name),
        )
        if args.lock:
            lock_what_others_need(f"{name}-lock", resource_id=self.virtual_network_id, opts=child)
        self.subnet_ids = {key: self._subnet_id(key) for key in self._subnets}
        self.databricks_host_subnet_name = self._waiting_name("databricks_host")
        self.databricks_container_subnet_name = self._waiting_name("databricks_container")
        self.virtual_network_name = known_id(list(self._subnets.values())[-1], args.virtual_network_name)
        self.register_outputs(
            {"virtual_network_id": self.virtual_network_id, "egress_address": self.egress_address}
        )

    def _add_way_out(self, common: dict[str, Any]) -> dict[str, Any]:
        """Add what leads out, and return what a subnet says to use it."""
        args = self._args
        child = pulumi.ResourceOptions(parent=self)
        self.egress_address: pulumi.Output[str] | None = None
        if args.firewall_address is not None:
            routes = azure.RouteTable(
                f"{self._name}-routes",
                route_table_name=args.route_table_name,
                disable_bgp_route_propagation=True,
                routes=[
                    azure.RouteArgs(
                        name="everything-to-the-firewall",
                        address_prefix="0.0.0.0/0",
                        next_hop_type="VirtualAppliance",
                        next_hop_ip_address=str(args.firewall_address),
                    )
                ],
                **common,
                opts=child,
            )
            route_table = self._id(routes, "routeTables", args.route_table_name)
            return {"route_table": azure.RouteTableArgs(id=route_table)}
        public_address = azure.PublicIPAddress(
            f"{self._name}-egress-address",
            public_ip_address_name=args.public_ip_address_name,
            sku=azure.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
            public_ip_allocation_method="Static",
            public_ip_address_version="IPv4",
            zones=list(args.zones) or None,
            **common,
            opts=child,
        )
        address_id = self._id(public_address, "publicIPAddresses", args.public_ip_address_name)
        gateway = azure.NatGateway(
            f"{self._name}-nat-gateway",
            nat_gateway_name=args.nat_gateway_name,
            sku=azure.NatGatewaySkuArgs(name="Standard"),
            public_ip_addresses=[azure.SubResourceArgs(id=address_id)],
            idle_timeout_in_minutes=10,
            **common,
            opts=child,
        )
        self.egress_address = public_address.ip_address
        self._send_logs_of("egress-address", public_address, "publicIPAddresses", args.public_ip_address_name)
        gateway_id = self._id(gateway, "natGateways", args.nat_gateway_name)
        return {"nat_gateway": azure.SubResourceArgs(id=gateway_id)}

    def _send_logs(self) -> None:
        args = self._args
        group_name = args.network_security_group_name
        self._send_logs_of(
            "databricks-security-group", self._databricks_group, "networkSecurityGroups", group_name
        )
        self._send_logs_of(
            "platform-security-group",
            self._platform_group,
            "networkSecurityGroups",
            f"{group_name}-platform",
        )
        self._send_logs_of(
            "virtual-network", self._virtual_network, "virtualNetworks", args.virtual_network_name
        )

    def _send_logs_of(self, key: str, resource: pulumi.Resource, collection: str, name: str) -> None:
        send_logs(
            f"{self._name}-{key}-log",
            resource_id=self._id(resource, collection, name),
            log_workspace_id=self._args.log_workspace_id,
            categories=NETWORK_LOGS[f"Microsoft.Network/{collection}"],
            opts=pulumi.ResourceOptions(parent=self),
            also_to=self._args.diagnostic_settings,
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
            delegations=[azure.DelegationArgs(name=key, service_name=delegation)] if delegation else None,
            **(self._way_out if way_out else {}),
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
