"""The environments' way out: an Azure Firewall that lets out what is listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

import pulumi
from pulumi_azure_native import monitor
from pulumi_azure_native import network as azure

from lakeplane.components.egress_rules import EgressRule
from lakeplane.components.placement import Placement, known_id

__all__ = ["HubFirewall", "HubFirewallArgs"]

_HTTPS = azure.FirewallPolicyRuleApplicationProtocolArgs(protocol_type="Https", port=443)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFirewallArgs:
    """What a firewall needs.

    Attributes:
        placement: Where it goes.
        firewall_name: Name of the firewall.
        policy_name: Name of its policy.
        subnet_id: ARM id of the subnet `AzureFirewallSubnet`.
        public_ip_address_id: ARM id of the public address under which traffic leaves.
        private_ip: The address that it will have; the update fails if Azure gives it another, because routes
            of all environments name this one.
        log_workspace_id: ARM id of the log workspace that keeps what was let out and what was not.
        rules: What may leave; nothing if left out.
        zones: Availability zones; none in regions without zones.
    """

    placement: Placement
    firewall_name: str
    policy_name: str
    subnet_id: pulumi.Input[str]
    public_ip_address_id: pulumi.Input[str]
    private_ip: IPv4Address
    log_workspace_id: pulumi.Input[str]
    rules: Sequence[EgressRule] = ()
    zones: Sequence[str] = ()


class HubFirewall(pulumi.ComponentResource):
    """Azure Firewall that refuses all but its rules, answers DNS for the environments, and logs everything.

    Attributes:
        firewall_id: ARM id of the firewall.
        private_ip: Its private address, checked against the planned one.
    """

    def __init__(self, name: str, args: HubFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:hub:HubFirewall", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        common = {
            "resource_group_name": args.placement.resource_group_name,
            "location": args.placement.location,
            "tags": args.placement.tags,
        }
        policy = azure.FirewallPolicy(
            f"{name}-policy",
            firewall_policy_name=args.policy_name,
            sku=azure.FirewallPolicySkuArgs(tier="Standard"),
            threat_intel_mode="Deny",
            # Names in rules hold only for whom the firewall itself resolves them.
            dns_settings=azure.DnsSettingsArgs(enable_proxy=True),
            **common,
            opts=child,
        )
        policy_id = known_id(
            policy, args.placement.arm_id("Microsoft.Network/firewallPolicies", args.policy_name)
        )
        rules = azure.FirewallPolicyRuleCollectionGroup(
            f"{name}-rules",
            rule_collection_group_name="lakeplane",
            firewall_policy_name=policy.name,
            resource_group_name=args.placement.resource_group_name,
            priority=200,
            rule_collections=_collections(args.rules),
            opts=child,
        )
        firewall = azure.AzureFirewall(
            f"{name}-firewall",
            azure_firewall_name=args.firewall_name,
            sku=azure.AzureFirewallSkuArgs(name="AZFW_VNet", tier="Standard"),
            firewall_policy=azure.SubResourceArgs(id=policy_id),
            ip_configurations=[
                azure.AzureFirewallIPConfigurationArgs(
                    name="egress",
                    subnet=azure.SubResourceArgs(id=args.subnet_id),
                    public_ip_address=azure.SubResourceArgs(id=args.public_ip_address_id),
                )
            ],
            zones=list(args.zones) or None,
            **common,
            # A policy that firewalls use takes minutes to change; the first time it is quicker before.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rules]),
        )
        self.firewall_id = known_id(
            firewall, args.placement.arm_id("Microsoft.Network/azureFirewalls", args.firewall_name)
        )
        self.private_ip: pulumi.Output[str] = firewall.ip_configurations.apply(
            lambda configurations: _checked(configurations, args.private_ip)
        )
        monitor.DiagnosticSetting(
            f"{name}-logs",
            name="firewall",
            resource_uri=self.firewall_id,
            workspace_id=args.log_workspace_id,
            log_analytics_destination_type="Dedicated",
            logs=[monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)],
            metrics=[monitor.DiagnosticsMetricSettingsArgs(category="AllMetrics", enabled=True)],
            opts=child,
        )
        self.register_outputs({"firewall_id": self.firewall_id, "private_ip": self.private_ip})


def _checked(
    configurations: Sequence[azure.outputs.AzureFirewallIPConfigurationResponse] | None, planned: IPv4Address
) -> str:
    found = configurations[0].private_ip_address if configurations else ""
    if found != str(planned):
        raise pulumi.RunError(
            f"the firewall got the address {found or 'none'}, and routes lead to {planned}: its subnet must "
            "hold nothing else; remove what is in it, then update again"
        )
    return found


def _collections(
    rules: Sequence[EgressRule],
) -> list[azure.FirewallPolicyFilterRuleCollectionArgs]:
    network = [_network_rule(rule) for rule in rules if rule.service_tags]
    application = [_application_rule(rule) for rule in rules if rule.fqdns or rule.fqdn_tags]
    return [
        azure.FirewallPolicyFilterRuleCollectionArgs(
            rule_collection_type="FirewallPolicyFilterRuleCollection",
            name=f"allow-{kind}",
            priority=priority,
            action=azure.FirewallPolicyFilterRuleCollectionActionArgs(type="Allow"),
            rules=found,
        )
        for kind, priority, found in (("network", 100, network), ("application", 200, application))
        if found
    ]


def _network_rule(rule: EgressRule) -> azure.NetworkRuleArgs:
    return azure.NetworkRuleArgs(
        rule_type="NetworkRule",
        name=rule.name,
        description=rule.reason,
        ip_protocols=["TCP"],
        source_addresses=list(rule.source),
        destination_addresses=list(rule.service_tags),
        destination_ports=list(rule.ports),
    )


def _application_rule(rule: EgressRule) -> azure.ApplicationRuleArgs:
    return azure.ApplicationRuleArgs(
        rule_type="ApplicationRule",
        name=rule.name,
        description=rule.reason,
        protocols=[_HTTPS],
        source_addresses=list(rule.source),
        target_fqdns=list(rule.fqdns) or None,
        fqdn_tags=list(rule.fqdn_tags) or None,
    )
