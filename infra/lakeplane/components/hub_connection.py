"""The connection between an environment's network and its hub's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network as azure
from pulumi_azure_native import privatedns

from lakeplane.components.placement import Placement

__all__ = ["HubConnection", "HubConnectionArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubConnectionArgs:
    """What a connection needs.

    Attributes:
        placement: Where the environment's side goes.
        connection_name: Name of the connection on the hub's side, where many environments meet.
        virtual_network_name: Name of the environment's network.
        virtual_network_id: ARM id of the environment's network.
        hub_name: The hub's name.
        hub_virtual_network_id: ARM id of the hub's network.
        linked_zone_ids: ARM ids of the hub's private DNS zones that the environment's network resolves by
            itself; none where it asks the hub's DNS servers.
        hub_provider: Provider of the hub's subscription; the identity needs `Network Contributor` on the
            hub's network and, with zones to link, `Private DNS Zone Contributor` on those. In access mode
            private it also gives the cluster a role on the hub's zone of API servers.
    """

    placement: Placement
    connection_name: str
    virtual_network_name: pulumi.Input[str]
    virtual_network_id: pulumi.Input[str]
    hub_name: str
    hub_virtual_network_id: str
    hub_provider: pulumi.ProviderResource
    linked_zone_ids: Sequence[str] = ()


class HubConnection(pulumi.ComponentResource):
    """Peering in both directions, and the hub's zones where the environment resolves names by itself.

    Attributes:
        virtual_network_id: ARM id of the environment's network; waits for the connection.
    """

    def __init__(
        self, name: str, args: HubConnectionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:network:HubConnection", name, None, opts)
        hub = pulumi.ResourceOptions(parent=self, provider=args.hub_provider)
        outward = azure.VirtualNetworkPeering(
            f"{name}-to-hub",
            virtual_network_peering_name=f"to-{args.hub_name}",
            virtual_network_name=args.virtual_network_name,
            resource_group_name=args.placement.resource_group_name,
            remote_virtual_network=azure.SubResourceArgs(id=args.hub_virtual_network_id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=True,
            allow_gateway_transit=False,
            use_remote_gateways=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        inward = azure.VirtualNetworkPeering(
            f"{name}-from-hub",
            virtual_network_peering_name=f"to-{args.connection_name}",
            virtual_network_name=args.hub_virtual_network_id.rpartition("/")[2],
            resource_group_name=_group(args.hub_virtual_network_id),
            remote_virtual_network=azure.SubResourceArgs(id=args.virtual_network_id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=True,
            allow_gateway_transit=False,
            use_remote_gateways=False,
            # Azure refuses two changes of peered networks at a time.
            opts=pulumi.ResourceOptions(parent=self, provider=args.hub_provider, depends_on=[outward]),
        )
        links = [
            privatedns.VirtualNetworkLink(
                f"{name}-{zone.rpartition('/')[2].removeprefix('privatelink.').replace('.', '-')}-link",
                virtual_network_link_name=args.connection_name,
                private_zone_name=zone.rpartition("/")[2],
                resource_group_name=_group(zone),
                location="global",
                tags=args.placement.tags,
                virtual_network=privatedns.SubResourceArgs(id=args.virtual_network_id),
                registration_enabled=False,
                opts=hub,
            )
            for zone in args.linked_zone_ids
        ]
        waits = pulumi.Output.all(*[each.urn for each in (outward, inward, *links)])
        self.virtual_network_id = pulumi.Output.all(waits, args.virtual_network_id).apply(
            lambda values: str(values[1])
        )
        self.register_outputs({"virtual_network_id": self.virtual_network_id})


def _group(arm_id: str) -> str:
    return arm_id.split("/")[4]
