"""The plan of an environment: everything that is decided before a resource exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lakeplane.addressing import AddressPlan, plan_addresses
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError
from lakeplane.naming import ResourceNames, aks_private_dns_zone, plan_names
from lakeplane.roles import ASSIGNED_ROLES, role_guid
from lakeplane.tags import plan_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lakeplane.hub_facts import HubFacts
    from lakeplane.spec import EnvironmentSpec

__all__ = ["EnvironmentPlan", "plan_environment"]


@dataclass(frozen=True, slots=True)
class EnvironmentPlan:
    """Spec, names, addresses and tags of one environment, and the ids that follow from them.

    Attributes:
        spec: What the team asked for.
        names: Physical names.
        addresses: Ranges of the network.
        tags: Tags of every resource.
        hub: The hub that the environment stands behind; none if it stands alone or brings its network.
    """

    spec: EnvironmentSpec
    names: ResourceNames
    addresses: AddressPlan
    tags: Mapping[str, str]
    hub: HubFacts | None = None

    @property
    def subscription_id(self) -> str:
        """Id of the Azure subscription, a GUID."""
        return self.spec.subscription

    @property
    def tenant_id(self) -> str:
        """Id of the Entra tenant, a GUID."""
        return self.spec.tenant

    @property
    def resource_group_id(self) -> str:
        """ARM id of the environment's resource group."""
        return self._group_id(self.names.resource_group)

    @property
    def databricks_managed_resource_group_id(self) -> str:
        """ARM id of the resource group that Databricks makes for its own resources."""
        return self._group_id(self.names.databricks_managed_resource_group)

    @property
    def databricks_workspace_id(self) -> str:
        """ARM id of the Databricks workspace."""
        return self._id("Microsoft.Databricks/workspaces", self.names.databricks_workspace)

    @property
    def access_connector_id(self) -> str:
        """ARM id of the identity with which Databricks reaches the lake."""
        return self._id("Microsoft.Databricks/accessConnectors", self.names.access_connector)

    @property
    def aks_cluster_id(self) -> str:
        """ARM id of the AKS cluster."""
        return self._id("Microsoft.ContainerService/managedClusters", self.names.aks_cluster)

    @property
    def storage_account_id(self) -> str:
        """ARM id of the lake's storage account."""
        return self._id("Microsoft.Storage/storageAccounts", self.names.storage_account)

    @property
    def ml_storage_account_id(self) -> str:
        """ARM id of the Azure Machine Learning workspace's own storage account."""
        return self._id("Microsoft.Storage/storageAccounts", self.names.ml_storage_account)

    @property
    def key_vault_id(self) -> str:
        """ARM id of the key vault."""
        return self._id("Microsoft.KeyVault/vaults", self.names.key_vault)

    @property
    def ml_key_vault_id(self) -> str:
        """ARM id of the vault that Azure Machine Learning keeps its secrets in."""
        return self._id("Microsoft.KeyVault/vaults", self.names.ml_key_vault)

    @property
    def aks_key_vault_id(self) -> str:
        """ARM id of the vault that keeps the key of the cluster's secrets."""
        return self._id("Microsoft.KeyVault/vaults", self.names.aks_key_vault)

    @property
    def ml_workspace_id(self) -> str:
        """ARM id of the Azure Machine Learning workspace."""
        return self._id("Microsoft.MachineLearningServices/workspaces", self.names.ml_workspace)

    @property
    def container_registry_id(self) -> str:
        """ARM id of the container registry."""
        return self._id("Microsoft.ContainerRegistry/registries", self.names.container_registry)

    @property
    def virtual_network_id(self) -> str:
        """ARM id of the network that clusters and nodes run in, made here or brought along."""
        brought = self.spec.network.bring_your_own
        if brought is not None:
            return brought.virtual_network
        return self._id("Microsoft.Network/virtualNetworks", self.names.virtual_network)

    def subnet_name(self, use: str) -> str:
        """Return the name of the subnet of a use, such as `aks_nodes`."""
        brought = self.spec.network.bring_your_own
        name: str = (
            getattr(brought.subnets, use) if brought is not None else getattr(self.names, f"subnet_{use}")
        )
        return name

    def subnet_id(self, use: str) -> str:
        """Return the ARM id of the subnet of a use, such as `aks_nodes`."""
        return f"{self.virtual_network_id}/subnets/{self.subnet_name(use)}"

    @property
    def egress(self) -> Literal["firewall", "nat_gateway"]:
        """What leads out: a route to a firewall, or a NAT gateway on each subnet."""
        network = self.spec.network
        if network.bring_your_own is not None:
            return network.bring_your_own.egress
        return "firewall" if self.hub is not None and self.hub.firewall_private_ip else "nat_gateway"

    @property
    def has_egress_address(self) -> bool:
        """Whether the environment is seen from outside under a public address of its own."""
        return self.egress == "nat_gateway" and self.spec.network.bring_your_own is None

    def private_dns_zone_id(self, zone: str) -> str:
        """Return the ARM id of the private DNS zone that endpoints register in."""
        brought = self.spec.network.bring_your_own
        if self.hub is not None:
            return self.hub.private_dns_zone_id(zone)
        group = brought.private_dns_zones if brought is not None else self.resource_group_id
        return f"{group}/providers/Microsoft.Network/privateDnsZones/{zone}"

    @property
    def aks_private_dns_zone_id(self) -> str | None:
        """ARM id of the zone in which a private API server registers; None where AKS makes one itself.

        The one that it makes is linked to the environment's network alone, so that whoever asks another DNS
        server, as networks behind a hub do, finds no API server.
        """
        network = self.spec.network
        if self.spec.access.mode != "private" or (self.hub is None and network.bring_your_own is None):
            return None
        return self.private_dns_zone_id(aks_private_dns_zone(self.spec.region))

    @property
    def makes_browser_authentication(self) -> bool:
        """Whether sign-in over Private Link comes through this workspace; there is one a region and zone."""
        brought = self.spec.network.bring_your_own
        if self.spec.access.mode != "private" or self.hub is not None:
            return False
        return brought is None or brought.browser_authentication == "own"

    @property
    def databricks_storage_account_id(self) -> str:
        """ARM id of the storage account that Databricks makes for itself."""
        group = self.databricks_managed_resource_group_id
        return f"{group}/providers/Microsoft.Storage/storageAccounts/{self.names.databricks_storage_account}"

    @property
    def watch_emails(self) -> tuple[str, ...]:
        """Who is told of alerts and budgets: those whom the spec names, else the owner if an address."""
        if self.spec.watch.emails:
            return self.spec.watch.emails
        return (self.spec.owner,) if "@" in self.spec.owner and " " not in self.spec.owner else ()

    @property
    def log_workspace_id(self) -> str:
        """ARM id of the environment's own log workspace."""
        return self._id("Microsoft.OperationalInsights/workspaces", self.names.log_workspace)

    def assigned_roles(self, principal_type: str) -> tuple[str, ...]:
        """Return the roles that the program gives to principals of a kind: its own, and those of the spec."""
        own = ASSIGNED_ROLES if principal_type == "ServicePrincipal" else ()
        asked = (one for one in self.spec.role_assignments if one.principal_type == principal_type)
        by_guid = {role_guid(role): role for role in (*(one.role for one in asked), *own)}
        return tuple(sorted(by_guid.values()))

    @property
    def catalog(self) -> str:
        """Unity Catalog catalog of the environment."""
        return self.names.catalog

    def lake_url(self, container: str) -> str:
        """Return the URL of a container of the lake, without a final slash."""
        return f"abfss://{container}@{self.names.storage_account}.dfs.core.windows.net"

    def stack(self, layer: str) -> str:
        """Return the name of a layer's stack, such as `dev.foundation`."""
        return f"{self.spec.name}.{layer}"

    def _group_id(self, name: str) -> str:
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{name}"

    def _id(self, kind: str, name: str) -> str:
        return f"{self.resource_group_id}/providers/{kind}/{name}"


def plan_environment(spec: EnvironmentSpec, hub: HubFacts | None = None) -> EnvironmentPlan:
    """Plan an environment from its spec alone; the same spec always yields the same plan.

    Args:
        spec: What the team asked for.
        hub: What is to be known of the hub that the spec names; needed if it names one.

    Raises:
        PlanError: The spec's address space cannot be cut into subnets, or the hub doesn't fit.
    """
    findings = list(_hub_findings(spec, hub))
    if findings:
        raise PlanError(findings)
    plan = EnvironmentPlan(
        spec=spec,
        names=plan_names(spec),
        addresses=plan_addresses(spec.network.address_space),
        tags=plan_tags(spec),
        hub=hub if spec.network.hub else None,
    )
    for index, setting in enumerate(spec.diagnostic_settings):
        if setting.log_workspace.lower() == plan.log_workspace_id.lower():
            raise PlanError(
                Diagnostic(
                    code="PLN011",
                    summary="logs would be sent to the environment's own log workspace twice",
                    detail=f"found {setting.log_workspace}",
                    remedy="remove it; every service sends its logs there anyway",
                    path=("diagnostic_settings", index, "log_workspace"),
                )
            )
    return plan


def _hub_findings(spec: EnvironmentSpec, hub: HubFacts | None) -> Iterator[Diagnostic]:
    name = spec.network.hub
    if name is None:
        return
    if hub is None or hub.name != name:
        yield Diagnostic(
            code="PLN002",
            summary="nothing is known of the hub",
            detail=f"found network.hub {name!r}; allowed: the name of a hub whose spec can be read",
            remedy="put the hub's spec beside the environment's, or remove network.hub",
            path=("network", "hub"),
        )
        return
    if hub.region != spec.region:
        yield Diagnostic(
            code="PLN003",
            summary="the hub is in another region",
            detail=f"the hub {name!r} is in {hub.region}, and the environment in {spec.region}",
            remedy="name the hub of the environment's region, or change the region",
            path=("network", "hub"),
        )
    if hub.address_space.overlaps(spec.network.address_space):
        yield Diagnostic(
            code="PLN004",
            summary="the address space overlaps the hub's",
            detail=f"found {spec.network.address_space}; the hub {name!r} has {hub.address_space}, and "
            "peered networks must not overlap",
            remedy="take a private range that is free in the hub and in its other environments",
            path=("network", "address_space"),
        )
    yield from _firewall_findings(spec, hub)


def _firewall_findings(spec: EnvironmentSpec, hub: HubFacts) -> Iterator[Diagnostic]:
    """Find what the hub's firewall would stop: the first update would fail on Azure, after half an hour."""
    if hub.firewall_private_ip is None:
        return
    known = hub.environments.get(spec.name)
    if known != spec.network.address_space:
        found = f"it knows {spec.name!r} by {known}" if known else f"it does not know {spec.name!r}"
        yield Diagnostic(
            code="PLN005",
            summary="the hub's firewall would let nothing out of the environment",
            detail=f"{found}; the network has {spec.network.address_space}",
            remedy=f"put {{name: {spec.name}, address_space: {spec.network.address_space}}} under "
            f"environments in {hub.name}.yaml, and update the hub first",
            path=("network", "hub"),
        )
    elif spec.aks.gpu_node_size is not None and spec.name not in hub.gpu_environments:
        yield Diagnostic(
            code="PLN006",
            summary="the hub's firewall would keep GPU nodes from their drivers",
            detail=f"found {spec.aks.gpu_node_size}; the hub has no gpu_nodes for {spec.name!r}",
            remedy=f"add gpu_nodes: true to {spec.name!r} under environments in {hub.name}.yaml, and update "
            "the hub first",
            path=("aks", "gpu_node_size"),
        )
