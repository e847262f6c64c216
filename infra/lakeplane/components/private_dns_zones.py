"""Private DNS zones: of a hub, or of an environment that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import privatedns

from lakeplane.components.placement import Placement, known_id

__all__ = ["PrivateDnsZones", "PrivateDnsZonesArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateDnsZonesArgs:
    """What the zones need.

    Attributes:
        placement: Where they go.
        zones: The services' zones, such as `privatelink.blob.core.windows.net`.
        virtual_network_id: ARM id of the network that resolves them.
        link_name: Name of the links to that network.
    """

    placement: Placement
    zones: Sequence[str]
    virtual_network_id: pulumi.Input[str]
    link_name: str


class PrivateDnsZones(pulumi.ComponentResource):
    """Private DNS zones, each linked to the network.

    Attributes:
        zone_ids: ARM ids by zone; each waits for the zone and its link.
    """

    def __init__(
        self, name: str, args: PrivateDnsZonesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:network:PrivateDnsZones", name, None, opts)
        placement = args.placement
        common = {
            "resource_group_name": placement.resource_group_name,
            # The service has no regions.
            "location": "global",
            "tags": placement.tags,
        }
        child = pulumi.ResourceOptions(parent=self)
        self.zone_ids: dict[str, pulumi.Output[str]] = {}
        for zone_name in args.zones:
            key = zone_name.removeprefix("privatelink.").replace(".", "-")
            zone = privatedns.PrivateZone(f"{name}-{key}", private_zone_name=zone_name, **common, opts=child)
            link = privatedns.VirtualNetworkLink(
                f"{name}-{key}-link",
                virtual_network_link_name=args.link_name,
                private_zone_name=zone.name,
                virtual_network=privatedns.SubResourceArgs(id=args.virtual_network_id),
                registration_enabled=False,
                **common,
                opts=child,
            )
            self.zone_ids[zone_name] = known_id(
                link, placement.arm_id("Microsoft.Network/privateDnsZones", zone_name)
            )
        self.register_outputs({"zone_ids": self.zone_ids})
