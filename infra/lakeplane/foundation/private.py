"""The foundation's private endpoints: every way into a service that is not its public door."""

from __future__ import annotations

import pulumi

from lakeplane.components.private_endpoints import PrivateEndpoint, PrivateEndpointArgs
from lakeplane.foundation.base import Base
from lakeplane.foundation.network import EnvironmentNetwork
from lakeplane.naming import PRIVATE_LINK_ZONES

__all__ = ["connect_privately", "databricks_groups"]


def connect_privately(
    base: Base, network: EnvironmentNetwork, target: str, target_id: pulumi.Input[str], *groups: str
) -> dict[str, PrivateEndpoint]:
    """Register an endpoint for each part of a resource.

    Args:
        base: The foundation's base.
        network: The network that the endpoints stand in.
        target: Short name of the resource, such as `lake`; part of the endpoints' names.
        target_id: ARM id of the resource.
        groups: Its parts, in Private Link's words, such as `blob`; see `lakeplane.naming`.
    """
    endpoints = {}
    for group in groups:
        name = f"{target}-{group.replace('_', '-')}"
        zones = [network.private_dns_zone_ids[zone] for zone in PRIVATE_LINK_ZONES[group]]
        endpoints[group] = PrivateEndpoint(
            name,
            PrivateEndpointArgs(
                placement=base.placement,
                endpoint_name=base.plan.names.private_endpoint(name),
                target_id=target_id,
                group=group,
                subnet_id=network.subnet_ids["private_endpoints"],
                private_dns_zone_ids=zones,
            ),
            base.opts,
        )
    return endpoints


def databricks_groups(base: Base) -> tuple[str, ...]:
    """Return the workspace's parts: one endpoint serves clusters and, in private mode, people too."""
    if base.plan.makes_browser_authentication:
        return ("databricks_ui_api", "browser_authentication")
    return ("databricks_ui_api",)
