"""The plan of a hub: names, ranges and ids that are decided before a resource exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from lakeplane.hub_facts import HubFacts
from lakeplane.naming import PRIVATE_DNS_ZONES, NameRule, aks_private_dns_zone, physical_name
from lakeplane.spec.hub import load_hub

if TYPE_CHECKING:
    from pathlib import Path

    from lakeplane.spec.hub import HubSpec

__all__ = ["HubAddresses", "HubNames", "HubPlan", "hub_beside", "plan_hub"]

_RULES: Mapping[str, NameRule] = {
    "resource_group": NameRule("rg", 90),
    "virtual_network": NameRule("vnet", 64),
    "nsg": NameRule("nsg", 80),
    "route_table": NameRule("rt", 80),
    "firewall": NameRule("afw", 56),
    "firewall_policy": NameRule("afwp", 80),
    "public_ip": NameRule("pip", 80, suffix="egress"),
    "nat_gateway": NameRule("ng", 80),
    "log_workspace": NameRule("log", 63),
    "budget": NameRule("budget", 63),
    "web_authentication_workspace": NameRule("dbw", 64, suffix="login"),
    "web_authentication_managed_group": NameRule("rg-dbw", 90, suffix="login", unique=True),
    "web_authentication_endpoint": NameRule("pep", 64, suffix="login"),
    "runner_environment": NameRule("cae", 60),
}
_FIREWALL_HOST = 4  # Azure keeps the first four addresses of a subnet; a firewall alone in it gets the next


@dataclass(frozen=True, slots=True)
class HubNames:
    """Every physical name of a hub, known before anything exists."""

    resource_group: str
    virtual_network: str
    nsg: str
    route_table: str
    firewall: str
    firewall_policy: str
    public_ip: str
    nat_gateway: str
    log_workspace: str
    budget: str
    web_authentication_workspace: str
    web_authentication_managed_group: str
    web_authentication_endpoint: str
    runner_environment: str
    network_connectivity_config: str
    network_policy: str


@dataclass(frozen=True, slots=True)
class HubAddresses:
    """Ranges of a hub's network; eighths of a /23, so that each service gets the size that it asks for.

    Attributes:
        space: The virtual network.
        firewall: Azure Firewall's own subnet, a /26 as it asks for.
        private_endpoints: Subnet of private endpoints, a /26.
        login_host: Host subnet of the web-authentication workspace, a /26 as Databricks asks for.
        login_container: Its container subnet, as large.
        runner: Subnet of the runner, a /26; Container Apps needs a /27 at least.
    """

    space: IPv4Network
    firewall: IPv4Network
    private_endpoints: IPv4Network
    login_host: IPv4Network
    login_container: IPv4Network
    runner: IPv4Network

    @property
    def firewall_private_ip(self) -> IPv4Address:
        """The firewall's address; the hub's stack fails if Azure gave it another."""
        return self.firewall[_FIREWALL_HOST]


@dataclass(frozen=True, slots=True)
class HubPlan:
    """Spec, names, addresses and tags of one hub, and what environments behind it need to know.

    Attributes:
        spec: What the platform's owners asked for.
        names: Physical names.
        addresses: Ranges of the network.
        tags: Tags of every resource.
    """

    spec: HubSpec
    names: HubNames
    addresses: HubAddresses
    tags: Mapping[str, str]

    @property
    def resource_group_id(self) -> str:
        """ARM id of the hub's resource group."""
        return f"/subscriptions/{self.spec.subscription}/resourceGroups/{self.names.resource_group}"

    @property
    def has_firewall(self) -> bool:
        """Whether environments leave through the hub's firewall."""
        return self.spec.network.egress == "firewall"

    @property
    def runner_jobs(self) -> dict[str, str]:
        """Names of the runner's jobs by environment; Container Apps takes 32 characters and no more."""
        return {one.name: f"caj-{one.name}" for one in self.spec.environments}

    @property
    def runner_identities(self) -> dict[str, str]:
        """Names of the jobs' identities by environment, so that each has rights in its own alone."""
        return {
            one.name: physical_name(NameRule("id", 128, suffix=f"runner-{one.name}"), self.spec)
            for one in self.spec.environments
        }

    @property
    def private_dns_zones(self) -> tuple[str, ...]:
        """The zone of every private endpoint that an environment has, and of private AKS API servers."""
        return (*PRIVATE_DNS_ZONES, aks_private_dns_zone(self.spec.region))

    @property
    def facts(self) -> HubFacts:
        """What an environment behind the hub needs to know of it."""
        spec = self.spec
        address = self.addresses.firewall_private_ip if self.has_firewall else None
        managed, new = spec.databricks.account_id is not None, spec.databricks.metastore.create
        return HubFacts(
            name=spec.name,
            region=spec.region,
            subscription_id=spec.subscription,
            tenant_id=spec.tenant,
            resource_group_name=self.names.resource_group,
            virtual_network_id=self.arm_id("Microsoft.Network/virtualNetworks", self.names.virtual_network),
            address_space=self.addresses.space,
            firewall_private_ip=address,
            dns_servers=(address,) if address is not None else (),
            private_dns_resource_group_id=spec.private_dns.existing_resource_group or self.resource_group_id,
            log_workspace_id=self.arm_id(
                "Microsoft.OperationalInsights/workspaces", self.names.log_workspace
            ),
            databricks_account_id=spec.databricks.account_id,
            metastore_id=spec.databricks.metastore.existing,
            metastore_name=new.name if new is not None else None,
            network_connectivity_config_name=self.names.network_connectivity_config if managed else None,
            network_policy_id=self.names.network_policy if managed else None,
            web_authentication=spec.databricks.web_authentication,
            runner_jobs=self.runner_jobs if spec.runner and spec.runner.image else {},
            runner_identities=self.runner_identities if spec.runner else {},
            # What `components.hub_network` calls it.
            private_endpoints_subnet_id=self.arm_id(
                "Microsoft.Network/virtualNetworks",
                f"{self.names.virtual_network}/subnets/snet-private-endpoints",
            ),
            environments={one.name: one.address_space for one in spec.environments},
            allowed_fqdns=spec.network.allowed_fqdns,
            serverless_allowed_fqdns=spec.databricks.serverless_allowed_fqdns,
            gpu_environments=frozenset(one.name for one in spec.environments if one.gpu_nodes),
        )

    def arm_id(self, type_: str, name: str) -> str:
        """Return the ARM id of a resource in the hub's group."""
        return f"{self.resource_group_id}/providers/{type_}/{name}"

    def stack(self, layer: str = "hub") -> str:
        """Return the name of the hub's stack, such as `hub.hub`."""
        return f"{self.spec.name}.{layer}"


def plan_hub(spec: HubSpec) -> HubPlan:
    """Plan a hub from its spec alone; the same spec always yields the same plan."""
    names = {key: physical_name(rule, spec) for key, rule in _RULES.items()}
    return HubPlan(
        spec=spec,
        names=HubNames(
            **names,
            network_connectivity_config=spec.databricks.network_connectivity
            or f"ncc-{spec.name}-{spec.region}"[:30],
            network_policy=f"np-{spec.name}-{spec.region}",
        ),
        addresses=_plan_addresses(spec.network.address_space),
        tags={
            "application": "lakeplane",
            "cost-centre": spec.cost_centre,
            "hub": spec.name,
            "organisation": spec.organisation,
            "owner": spec.owner,
        },
    )


def hub_beside(spec: Path, name: str | None) -> HubFacts | None:
    """Return what is to be known of a hub whose spec lies beside an environment's.

    Args:
        spec: Path of the environment's spec.
        name: Name of the hub, and of its file; none if the environment names none.

    Returns:
        The facts; None if no hub is named or there is no such file, which the environment's plan tells.

    Raises:
        SpecError: The hub's spec is wrong.
    """
    path = spec.parent / f"{name}.yaml"
    return plan_hub(load_hub(path)).facts if name is not None and path.is_file() else None


def _plan_addresses(space: IPv4Network) -> HubAddresses:
    firewall, endpoints, host, container, runner, *_ = (
        part for part, _ in zip(space.subnets(new_prefix=26), range(8), strict=False)
    )
    return HubAddresses(
        space=space,
        firewall=firewall,
        private_endpoints=endpoints,
        login_host=host,
        login_container=container,
        runner=runner,
    )
