"""The foundation's network: its own, its own behind a hub, or one that exists already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure_native

from lakeplane.components.hub_connection import HubConnection, HubConnectionArgs
from lakeplane.components.network import Network, NetworkArgs, SubnetNames
from lakeplane.components.private_dns_zones import PrivateDnsZones, PrivateDnsZonesArgs
from lakeplane.foundation.base import Base
from lakeplane.hub_facts import HubFacts
from lakeplane.naming import PRIVATE_DNS_ZONES

__all__ = ["EnvironmentNetwork", "deploy_network"]

_SUBNETS = ("databricks_host", "databricks_container", "aks_nodes", "aks_api_server", "private_endpoints")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentNetwork:
    """What the other parts of the foundation see of the network, whoever made it.

    Attributes:
        virtual_network_id: ARM id of the virtual network.
        subnet_ids: ARM ids of the subnets by use.
        databricks_host_subnet_name: Name of Databricks' host ("public") subnet.
        databricks_container_subnet_name: Name of Databricks' container ("private") subnet.
        private_dns_zone_ids: ARM ids of the private DNS zones by zone.
        egress_address: Public address that the environment is seen under from outside; empty behind a
            firewall or in a network that was brought along, whose owners know it.
    """

    virtual_network_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]
    databricks_host_subnet_name: pulumi.Input[str]
    databricks_container_subnet_name: pulumi.Input[str]
    private_dns_zone_ids: Mapping[str, pulumi.Input[str]]
    egress_address: pulumi.Input[str]


def deploy_network(base: Base) -> EnvironmentNetwork:
    """Register the network and the zones that private endpoints are found by, as far as they are ours."""
    if base.plan.spec.network.bring_your_own is not None:
        return _brought(base)
    network = _own(base)
    if base.plan.hub is not None:
        return _behind_hub(base, base.plan.hub, network)
    zones = PrivateDnsZones(
        "private-dns",
        PrivateDnsZonesArgs(
            placement=base.placement,
            zones=PRIVATE_DNS_ZONES,
            virtual_network_id=network.virtual_network_id,
            link_name=base.plan.names.virtual_network,
        ),
        base.opts,
    )
    return EnvironmentNetwork(
        virtual_network_id=network.virtual_network_id,
        subnet_ids=network.subnet_ids,
        databricks_host_subnet_name=network.databricks_host_subnet_name,
        databricks_container_subnet_name=network.databricks_container_subnet_name,
        private_dns_zone_ids=zones.zone_ids,
        egress_address=network.egress_address or "",
    )


def _own(base: Base) -> Network:
    plan, names = base.plan, base.plan.names
    return Network(
        "network",
        NetworkArgs(
            placement=base.placement,
            addresses=plan.addresses,
            virtual_network_name=names.virtual_network,
            network_security_group_name=names.nsg,
            nat_gateway_name=names.nat_gateway,
            public_ip_address_name=names.nat_public_ip,
            route_table_name=names.route_table,
            subnet_names=SubnetNames(**{use: plan.subnet_name(use) for use in _SUBNETS}),
            log_workspace_id=base.logs.workspace_id,
            diagnostic_settings=base.diagnostic_settings,
            zones=base.zones,
            firewall_address=plan.hub.firewall_private_ip if plan.hub else None,
            dns_servers=plan.hub.dns_servers if plan.hub else (),
        ),
        base.opts,
    )


def _behind_hub(base: Base, hub: HubFacts, network: Network) -> EnvironmentNetwork:
    plan = base.plan
    zone_ids = {zone: plan.private_dns_zone_id(zone) for zone in PRIVATE_DNS_ZONES}
    connection = HubConnection(
        "hub-connection",
        HubConnectionArgs(
            placement=base.placement,
            connection_name=plan.names.virtual_network,
            virtual_network_name=network.virtual_network_name,
            virtual_network_id=network.virtual_network_id,
            hub_name=hub.name,
            hub_virtual_network_id=hub.virtual_network_id,
            hub_provider=azure_native.Provider(
                "hub", subscription_id=hub.subscription_id, tenant_id=hub.tenant_id, location=hub.region
            ),
            linked_zone_ids=() if hub.dns_servers else tuple(zone_ids.values()),
        ),
        base.opts,
    )

    def connected(value: pulumi.Input[str]) -> pulumi.Output[str]:
        """Whatever runs in the network needs the hub's way out from its first moment."""
        return pulumi.Output.all(connection.virtual_network_id, value).apply(lambda both: str(both[1]))

    return EnvironmentNetwork(
        virtual_network_id=connection.virtual_network_id,
        subnet_ids={use: connected(subnet) for use, subnet in network.subnet_ids.items()},
        databricks_host_subnet_name=connected(network.databricks_host_subnet_name),
        databricks_container_subnet_name=connected(network.databricks_container_subnet_name),
        private_dns_zone_ids=zone_ids,
        egress_address=network.egress_address or "",
    )


def _brought(base: Base) -> EnvironmentNetwork:
    plan = base.plan
    return EnvironmentNetwork(
        virtual_network_id=plan.virtual_network_id,
        subnet_ids={use: plan.subnet_id(use) for use in _SUBNETS},
        databricks_host_subnet_name=plan.subnet_name("databricks_host"),
        databricks_container_subnet_name=plan.subnet_name("databricks_container"),
        private_dns_zone_ids={zone: plan.private_dns_zone_id(zone) for zone in PRIVATE_DNS_ZONES},
        egress_address="",
    )
