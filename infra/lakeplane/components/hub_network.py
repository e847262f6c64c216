"""The hub's virtual network: subnets for what environments share, and one way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network as azure

from lakeplane.components.diagnostics import NETWORK_LOGS, DiagnosticTarget, send_logs
from lakeplane.components.locks import lock_what_others_need
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.security_rules import no_lateral_logins
from lakeplane.hub_planning import HubAddresses

__all__ = ["HubNetwork", "HubNetworkArgs", "HubPeering"]

_DATABRICKS = "Microsoft.Databricks/workspaces"
_CONTAINER_APPS = "Microsoft.App/environments"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPeering:
    """A network of the company, whose owners make the other half of the peering.

    Attributes:
        virtual_network_id: ARM id of that network.
        use_remote_gateways: Whether the hub takes the routes of its gateway.
    """

    virtual_network_id: str
    use_remote_gateways: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HubNetworkArgs:
    """What a hub's network needs.

    Attributes:
        placement: Where it goes.
        addresses: The plan of its ranges.
        virtual_network_name: Name of the virtual network.
        network_security_group_name: Name of the security group of all subnets but the firewall's.
        route_table_name: Name of the route table that leads the runner to the firewall.
        nat_gateway_name: Name of the NAT gateway, where there is no firewall.
        public_ip_address_name: Name of the one public address, of the firewall or of the NAT gateway.
        log_workspace_id: ARM id of the log workspace.
        firewall: Let the runner leave through the firewall instead of a NAT gateway; true if left out.
        runner: Delegate a subnet to the runner; true if left out.
        web_authentication: Delegate two subnets to the log-in workspace; true if left out.
        zones: Availability zones of the public address; none in regions without zones.
        peerings: Networks of the company that it is peered with; none if left out.
        lock: Let Azure refuse to delete the network, and with it each of its subnets and peerings, which
            inherit the lock; not if left out.
        diagnostic_settings: Where else the logs are sent; the log workspace alone if left out.
    """

    placement: Placement
    addresses: HubAddresses
    virtual_network_name: str
    network_security_group_name: str
    route_table_name: str
    nat_gateway_name: str
    public_ip_address_name: str
    log_workspace_id: pulumi.Input[str]
    firewall: bool = True
    runner: bool = True
    web_authentication: bool = True
    zones: Sequence[str] = ()
    peerings: Sequence[HubPeering] = ()
    lock: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()


class HubNetwork(pulumi.ComponentResource):
    """Virtual network without a way in from outside, whose one public address is that of the way out.

    Attributes:
        virtual_network_id: ARM id of the virtual network.
        subnet_ids: ARM ids of the subnets by their attribute in the plan of ranges.
        public_ip_address_id: ARM id of the public address; None if nothing leaves by the hub.
        egress_address: The public address, which the runner (and with a firewall every environment) is seen
            under from outside; None if nothing leaves by the hub.
    """

    def __init__(self, name: str, args: HubNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:hub:HubNetwork", name, None, opts)
        self._name, self._args = name, args
        self._common = {
            "resource_group_name": args.placement.resource_group_name,
            "location": args.placement.location,
            "tags": args.placement.tags,
        }
        self._child = pulumi.ResourceOptions(parent=self)
        self.public_ip_address_id: pulumi.Output[str] | None = None
        self.egress_address: pulumi.Output[str] | None = None
        if args.firewall or args.runner:
            self._add_address()
        self._group = azure.NetworkSecurityGroup(
            f"{name}-security-group",
            network_security_group_name=args.network_security_group_name,
            # No cluster ever starts in the log-in workspace's subnets, so that the rule disturbs none.
            security_rules=[no_lateral_logins()],
            **self._common,
            opts=self._child,
        )
        self._network = azure.VirtualNetwork(
            f"{name}-virtual-network",
            virtual_network_name=args.virtual_network_name,
            address_space=azure.AddressSpaceArgs(address_prefixes=[str(args.addresses.space)]),
            **self._common,
            opts=self._child,
        )
        for key, resource, collection, physical in (
            ("security-group", self._group, "networkSecurityGroups", args.network_security_group_name),
            ("virtual-network", self._network, "virtualNetworks", args.virtual_network_name),
        ):
            self._send_logs(key, self._id(resource, collection, physical), collection)
        self._subnets: dict[str, azure.Subnet] = {}
        self._add_subnets()
        self._add_peerings()
        self.virtual_network_id = self._id(self._network, "virtualNetworks", args.virtual_network_name)
        if args.lock:
            lock_what_others_need(f"{name}-lock", resource_id=self.virtual_network_id, opts=self._child)
        self.subnet_ids = {
            key: self._id(
                subnet, "virtualNetworks", f"{args.virtual_network_name}/subnets/{_subnet_name(key)}"
            )
            for key, subnet in self._subnets.items()
        }
        self.register_outputs(
            {"virtual_network_id": self.virtual_network_id, "egress_address": self.egress_address}
        )

    def subnet_name(self, key: str) -> pulumi.Output[str]:
        """Return a subnet's name as a value that waits for the subnet."""
        return known_id(self._subnets[key], _subnet_name(key))

    def _add_address(self) -> None:
        args = self._args
        address = azure.PublicIPAddress(
            f"{self._name}-egress-address",
            public_ip_address_name=args.public_ip_address_name,
            sku=azure.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
            public_ip_allocation_method="Static",
            public_ip_address_version="IPv4",
            zones=list(args.zones) or None,
            **self._common,
            opts=self._child,
        )
        self.public_ip_address_id = self._id(address, "publicIPAddresses", args.public_ip_address_name)
        self.egress_address = address.ip_address
        self._send_logs("egress-address", self.public_ip_address_id, "publicIPAddresses")

    def _send_logs(self, key: str, resource_id: pulumi.Output[str], collection: str) -> None:
        send_logs(
            f"{self._name}-{key}-log",
            resource_id=resource_id,
            log_workspace_id=self._args.log_workspace_id,
            categories=NETWORK_LOGS[f"Microsoft.Network/{collection}"],
            opts=self._child,
            also_to=self._args.diagnostic_settings,
        )

    def _add_subnets(self) -> None:
        args = self._args
        if args.firewall:
            self._add_subnet("firewall", guarded=False)
        self._add_subnet("private_endpoints", private_endpoint_network_policies="Enabled")
        if args.web_authentication:
            self._add_subnet("login_host", delegation=_DATABRICKS)
            self._add_subnet("login_container", delegation=_DATABRICKS)
        if args.runner:
            self._add_subnet("runner", delegation=_CONTAINER_APPS, **self._way_out())

    def _add_peerings(self) -> None:
        # One after the other, and after the subnets: Azure refuses two changes of one network at a time.
        earlier: list[pulumi.Resource] = list(self._subnets.values())[-1:]
        for peering in self._args.peerings:
            name = peering.virtual_network_id.rpartition("/")[2]
            earlier = [
                azure.VirtualNetworkPeering(
                    f"{self._name}-to-{name}",
                    virtual_network_peering_name=f"to-{name}",
                    virtual_network_name=self._network.name,
                    resource_group_name=self._args.placement.resource_group_name,
                    remote_virtual_network=azure.SubResourceArgs(id=peering.virtual_network_id),
                    allow_virtual_network_access=True,
                    allow_forwarded_traffic=True,
                    allow_gateway_transit=False,
                    use_remote_gateways=peering.use_remote_gateways,
                    opts=pulumi.ResourceOptions(parent=self, depends_on=earlier),
                )
            ]

    def _way_out(self) -> dict[str, azure.RouteTableArgs | azure.SubResourceArgs]:
        args = self._args
        if args.firewall:
            table = azure.RouteTable(
                f"{self._name}-routes",
                route_table_name=args.route_table_name,
                disable_bgp_route_propagation=True,
                routes=[
                    azure.RouteArgs(
                        name="default",
                        address_prefix="0.0.0.0/0",
                        next_hop_type="VirtualAppliance",
                        next_hop_ip_address=str(args.addresses.firewall_private_ip),
                    )
                ],
                **self._common,
                opts=self._child,
            )
            return {
                "route_table": azure.RouteTableArgs(id=self._id(table, "routeTables", args.route_table_name))
            }
        gateway = azure.NatGateway(
            f"{self._name}-nat-gateway",
            nat_gateway_name=args.nat_gateway_name,
            sku=azure.NatGatewaySkuArgs(name="Standard"),
            public_ip_addresses=[azure.SubResourceArgs(id=self.public_ip_address_id)],
            idle_timeout_in_minutes=10,
            **self._common,
            opts=self._child,
        )
        return {
            "nat_gateway": azure.SubResourceArgs(id=self._id(gateway, "natGateways", args.nat_gateway_name))
        }

    def _add_subnet(
        self,
        key: str,
        *,
        guarded: bool = True,
        delegation: str | None = None,
        private_endpoint_network_policies: str | None = None,
        route_table: azure.RouteTableArgs | None = None,
        nat_gateway: azure.SubResourceArgs | None = None,
    ) -> None:
        """Add a subnet; one after the other, for Azure refuses two changes of one network at a time."""
        group = azure.NetworkSecurityGroupArgs(
            id=self._id(self._group, "networkSecurityGroups", self._args.network_security_group_name)
        )
        self._subnets[key] = azure.Subnet(
            f"{self._name}-{key.replace('_', '-')}-subnet",
            resource_group_name=self._args.placement.resource_group_name,
            virtual_network_name=self._network.name,
            subnet_name=_subnet_name(key),
            address_prefix=str(getattr(self._args.addresses, key)),
            default_outbound_access=False,
            # Azure Firewall's own subnet takes no group.
            network_security_group=group if guarded else None,
            delegations=[azure.DelegationArgs(name=key, service_name=delegation)] if delegation else None,
            private_endpoint_network_policies=private_endpoint_network_policies,
            route_table=route_table,
            nat_gateway=nat_gateway,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._subnets.values())[-1:]),
        )

    def _id(self, resource: pulumi.Resource, collection: str, name: str) -> pulumi.Output[str]:
        return known_id(resource, self._args.placement.arm_id(f"Microsoft.Network/{collection}", name))


def _subnet_name(key: str) -> str:
    # Azure asks for this name; the others are ours.
    return "AzureFirewallSubnet" if key == "firewall" else f"snet-{key.replace('_', '-')}"
