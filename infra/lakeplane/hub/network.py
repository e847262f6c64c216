"""The hub's network, its firewall and its private DNS zones."""

from __future__ import annotations

from lakeplane.components.egress_rules import EgressSource, plan_egress_rules
from lakeplane.components.hub_firewall import HubFirewall, HubFirewallArgs
from lakeplane.components.hub_network import HubNetwork, HubNetworkArgs, HubPeering
from lakeplane.components.private_dns_zones import PrivateDnsZones, PrivateDnsZonesArgs
from lakeplane.hub.base import HubBase

__all__ = ["deploy_dns", "deploy_firewall", "deploy_network"]


def deploy_network(base: HubBase) -> HubNetwork:
    """Register the hub's network."""
    plan, names = base.plan, base.plan.names
    return HubNetwork(
        "network",
        HubNetworkArgs(
            placement=base.placement,
            addresses=plan.addresses,
            virtual_network_name=names.virtual_network,
            network_security_group_name=names.nsg,
            route_table_name=names.route_table,
            nat_gateway_name=names.nat_gateway,
            public_ip_address_name=names.public_ip,
            log_workspace_id=base.logs.workspace_id,
            firewall=plan.has_firewall,
            runner=plan.spec.runner is not None,
            web_authentication=plan.spec.databricks.web_authentication,
            zones=base.zones,
            peerings=tuple(
                HubPeering(
                    virtual_network_id=peered.virtual_network,
                    use_remote_gateways=peered.use_remote_gateways,
                )
                for peered in plan.spec.network.peerings
            ),
        ),
        base.opts,
    )


def deploy_firewall(base: HubBase, network: HubNetwork) -> HubFirewall | None:
    """Register the firewall, where environments leave through it."""
    plan, address_id = base.plan, network.public_ip_address_id
    if not plan.has_firewall or address_id is None:
        return None
    return HubFirewall(
        "firewall",
        HubFirewallArgs(
            placement=base.placement,
            firewall_name=plan.names.firewall,
            policy_name=plan.names.firewall_policy,
            subnet_id=network.subnet_ids["firewall"],
            public_ip_address_id=address_id,
            private_ip=plan.addresses.firewall_private_ip,
            log_workspace_id=base.logs.workspace_id,
            rules=plan_egress_rules(
                plan.spec.region,
                [
                    EgressSource(address_space=one.address_space, gpu_nodes=one.gpu_nodes)
                    for one in plan.spec.environments
                ],
                plan.addresses.runner if plan.spec.runner is not None else None,
                plan.spec.network.allowed_fqdns,
                [space for one in plan.spec.network.peerings for space in one.address_spaces],
            ),
            zones=base.zones,
        ),
        base.opts,
    )


def deploy_dns(base: HubBase, network: HubNetwork) -> PrivateDnsZones | None:
    """Register the private DNS zones, unless they are there already."""
    plan = base.plan
    if plan.spec.private_dns.existing_resource_group is not None:
        return None
    return PrivateDnsZones(
        "dns",
        PrivateDnsZonesArgs(
            placement=base.placement,
            zones=plan.private_dns_zones,
            link_name=f"hub-{plan.spec.name}",
            virtual_network_id=network.virtual_network_id,
        ),
        base.opts,
    )
