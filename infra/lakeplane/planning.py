"""The plan of an environment: everything that is decided before a resource exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakeplane.addressing import AddressPlan, plan_addresses
from lakeplane.naming import ResourceNames, plan_names
from lakeplane.tags import plan_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """

    spec: EnvironmentSpec
    names: ResourceNames
    addresses: AddressPlan
    tags: Mapping[str, str]

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
    def ml_workspace_id(self) -> str:
        """ARM id of the Azure Machine Learning workspace."""
        return self._id("Microsoft.MachineLearningServices/workspaces", self.names.ml_workspace)

    @property
    def container_registry_id(self) -> str:
        """ARM id of the container registry."""
        return self._id("Microsoft.ContainerRegistry/registries", self.names.container_registry)

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


def plan_environment(spec: EnvironmentSpec) -> EnvironmentPlan:
    """Plan an environment from its spec alone; the same spec always yields the same plan.

    Raises:
        PlanError: The spec's address space cannot be cut into subnets.
    """
    return EnvironmentPlan(
        spec=spec,
        names=plan_names(spec),
        addresses=plan_addresses(spec.network.address_space),
        tags=plan_tags(spec),
    )
