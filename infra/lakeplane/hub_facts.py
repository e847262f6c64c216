"""What an environment behind a hub knows of the hub, planned from the hub's spec alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

__all__ = ["HubFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFacts:
    """Names, ids and addresses of one hub; every one is certain before the hub exists.

    Attributes:
        name: The hub's short name.
        region: Azure region; an environment behind the hub stands in the same one.
        subscription_id: Azure subscription of the hub, a GUID.
        tenant_id: Entra tenant of the hub, a GUID.
        resource_group_name: Resource group of everything that the hub makes.
        virtual_network_id: ARM id of the hub's network, which environments are peered with.
        address_space: Range of the hub's network.
        firewall_private_ip: Next hop of the environments' default route; None where environments leave by
            their own NAT gateway.
        dns_servers: Resolvers that environments use instead of Azure's; empty where each environment links
            the private DNS zones to its own network.
        private_dns_resource_group_id: ARM id of the resource group that holds the private DNS zones.
        log_workspace_id: ARM id of the log workspace.
        databricks_account_id: Databricks account, a GUID; None without account rights.
        metastore_id: Unity Catalog metastore of the region, a GUID; None while it is not known, because the
            hub creates it or the account's administrator has still to name it.
        metastore_name: Name of the metastore that the hub creates; None if it creates none.
        network_connectivity_config_name: Name of the region's one network connectivity config for serverless
            compute; None without account rights.
        network_policy_id: Id of the network policy that says what serverless compute may reach; None without
            account rights.
        web_authentication: Whether the hub has the region's one private browser log-in; environments then
            make no endpoint of their own for it.
        runner_jobs: Names of the container jobs that deploy from inside, by environment; none where the hub
            has none, or none yet.
        runner_identities: Names of the identities that they run as, by environment; none where the hub has
            no runner.
        private_endpoints_subnet_id: ARM id of the hub's subnet of private endpoints.
        environments: Ranges of the environments that the hub knows, by their names; its firewall lets nobody
            else out.
        allowed_fqdns: Domain names that its firewall lets clusters reach, besides what the services need.
        serverless_allowed_fqdns: Domain names that its network policy lets serverless compute reach.
        gpu_environments: Those of them whose GPU nodes it lets fetch their drivers.
    """

    name: str
    region: str
    subscription_id: str
    tenant_id: str
    resource_group_name: str
    virtual_network_id: str
    address_space: IPv4Network
    firewall_private_ip: IPv4Address | None
    dns_servers: tuple[IPv4Address, ...] = ()
    private_dns_resource_group_id: str
    log_workspace_id: str
    databricks_account_id: str | None
    metastore_id: str | None
    metastore_name: str | None = None
    network_connectivity_config_name: str | None
    network_policy_id: str | None = None
    web_authentication: bool = False
    runner_jobs: Mapping[str, str] = field(default_factory=dict)
    runner_identities: Mapping[str, str] = field(default_factory=dict)
    private_endpoints_subnet_id: str = ""
    environments: Mapping[str, IPv4Network] = field(default_factory=dict)
    allowed_fqdns: tuple[str, ...] = ()
    serverless_allowed_fqdns: tuple[str, ...] = ()
    gpu_environments: frozenset[str] = frozenset()

    @property
    def resource_group_id(self) -> str:
        """ARM id of the hub's resource group."""
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group_name}"

    def private_dns_zone_id(self, zone: str) -> str:
        """Return the ARM id of a private DNS zone, such as `privatelink.dfs.core.windows.net`."""
        return f"{self.private_dns_resource_group_id}/providers/Microsoft.Network/privateDnsZones/{zone}"
