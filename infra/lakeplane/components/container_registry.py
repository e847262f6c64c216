"""The registry of the environment's container images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import containerregistry

from lakeplane.components.placement import Placement, firewall_addresses, known_id

__all__ = ["ContainerRegistry", "ContainerRegistryArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRegistryArgs:
    """What a registry needs.

    Attributes:
        placement: Where it goes.
        registry_name: Its name, unique in Azure.
        allowed_addresses: Public ranges that may reach it; with none, its public endpoint is off.
        egress_address: The environment's own public address, let in beside the ranges; only used with ranges.
        zone_redundant: Keep copies in several zones; not if left out.
        untagged_days: Days after which images without a tag are deleted; 7 if left out.
    """

    placement: Placement
    registry_name: str
    allowed_addresses: Sequence[IPv4Network] = ()
    egress_address: pulumi.Input[str] | None = None
    zone_redundant: bool = False
    untagged_days: int = 7


class ContainerRegistry(pulumi.ComponentResource):
    """Premium registry without an admin user or anonymous pulls.

    Attributes:
        registry_id: ARM id of the registry.
        login_server: Host that images are pulled from.
    """

    def __init__(
        self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:registry:ContainerRegistry", name, None, opts)
        addresses: list[pulumi.Input[str]] = [*firewall_addresses(args.allowed_addresses)]
        reachable = bool(addresses)
        if reachable and args.egress_address is not None:
            addresses.append(args.egress_address)
        registry = containerregistry.Registry(
            f"{name}-registry",
            registry_name=args.registry_name,
            resource_group_name=args.placement.resource_group_name,
            location=args.placement.location,
            tags=args.placement.tags,
            # Firewall rules and private endpoints come with this tier only.
            sku=containerregistry.SkuArgs(name="Premium"),
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            data_endpoint_enabled=True,
            public_network_access="Enabled" if reachable else "Disabled",
            network_rule_bypass_options="AzureServices",
            network_rule_set=containerregistry.NetworkRuleSetArgs(
                default_action="Deny",
                ip_rules=[
                    containerregistry.IPRuleArgs(i_p_address_or_range=address, action="Allow")
                    for address in addresses
                ],
            ),
            zone_redundancy="Enabled" if args.zone_redundant else "Disabled",
            policies=containerregistry.PoliciesArgs(
                retention_policy=containerregistry.RetentionPolicyArgs(
                    days=args.untagged_days, status="enabled"
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.registry_id = known_id(
            registry, args.placement.arm_id("Microsoft.ContainerRegistry/registries", args.registry_name)
        )
        self.login_server: pulumi.Output[str] = registry.login_server
        self.register_outputs({"registry_id": self.registry_id, "login_server": self.login_server})
