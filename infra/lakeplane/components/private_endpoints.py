"""Private ways from the environment's network to a service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network as azure

from lakeplane.components.placement import Placement, known_id

__all__ = ["PrivateEndpoint", "PrivateEndpointArgs", "PrivateEndpointSettings", "add_private_endpoints"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateEndpointSettings:
    """A private endpoint that a component makes of its own service.

    Attributes:
        endpoint_name: Its name.
        group: The part of the service, in Private Link's words, such as `vault`.
        subnet_id: ARM id of the subnet that its address is taken from.
        private_dns_zone_ids: ARM ids of the private DNS zones in which the address is registered.
    """

    endpoint_name: str
    group: str
    subnet_id: pulumi.Input[str]
    private_dns_zone_ids: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateEndpointArgs:
    """What a private endpoint needs.

    Attributes:
        placement: Where it goes.
        endpoint_name: Its name.
        target_id: ARM id of the resource that it leads to.
        group: The part of that resource, in Private Link's words, such as `blob` or `databricks_ui_api`.
        subnet_id: ARM id of the subnet that its address is taken from.
        private_dns_zone_ids: ARM ids of the private DNS zones in which the address is registered.
    """

    placement: Placement
    endpoint_name: str
    target_id: pulumi.Input[str]
    group: str
    subnet_id: pulumi.Input[str]
    private_dns_zone_ids: Sequence[pulumi.Input[str]]


class PrivateEndpoint(pulumi.ComponentResource):
    """One address inside the network that leads to one part of one resource, with its names.

    Attributes:
        endpoint_id: ARM id of the endpoint; waits until its names are registered.
    """

    def __init__(
        self, name: str, args: PrivateEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:network:PrivateEndpoint", name, None, opts)
        placement = args.placement
        endpoint = azure.PrivateEndpoint(
            f"{name}-endpoint",
            private_endpoint_name=args.endpoint_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            subnet=azure.SubnetArgs(id=args.subnet_id),
            custom_network_interface_name=f"nic-{args.endpoint_name}",
            private_link_service_connections=[
                azure.PrivateLinkServiceConnectionArgs(
                    name=args.endpoint_name,
                    private_link_service_id=args.target_id,
                    group_ids=[args.group],
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        names = azure.PrivateDnsZoneGroup(
            f"{name}-names",
            # Azure keeps one group for each endpoint, and its own tools call it so.
            private_dns_zone_group_name="default",
            private_endpoint_name=endpoint.name,
            resource_group_name=placement.resource_group_name,
            private_dns_zone_configs=[
                azure.PrivateDnsZoneConfigArgs(name=f"zone-{number}", private_dns_zone_id=zone)
                for number, zone in enumerate(args.private_dns_zone_ids)
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.endpoint_id = known_id(
            names, placement.arm_id("Microsoft.Network/privateEndpoints", args.endpoint_name)
        )
        self.register_outputs({"endpoint_id": self.endpoint_id})


def add_private_endpoints(
    name: str,
    wanted: Sequence[PrivateEndpointSettings],
    *,
    placement: Placement,
    target_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Make private endpoints of a service.

    Args:
        name: First part of their names in the program; the endpoint's own name is the second.
        wanted: The endpoints.
        placement: Where they go.
        target_id: ARM id of the service.
        opts: Options; the parent above all.
    """
    for one in wanted:
        PrivateEndpoint(
            f"{name}-{one.endpoint_name}",
            PrivateEndpointArgs(
                placement=placement,
                endpoint_name=one.endpoint_name,
                target_id=target_id,
                group=one.group,
                subnet_id=one.subnet_id,
                private_dns_zone_ids=one.private_dns_zone_ids,
            ),
            opts,
        )
