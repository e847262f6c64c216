"""Which resources cost money by themselves."""

from __future__ import annotations

from lakeplane.render import Resource

__all__ = ["is_billable"]

# Types with a meter of their own in Azure's price list. What they hold or do decides how much; types that are
# not here (networks, identities, roles, settings, catalogs) have no meter.
_BILLABLE = frozenset(
    {
        "azure-native:applicationinsights:Component",
        "azure-native:containerregistry:Registry",
        "azure-native:containerservice:AgentPool",
        "azure-native:containerservice:ManagedCluster",
        "azure-native:keyvault:Vault",
        "azure-native:network:NatGateway",
        "azure-native:network:PublicIPAddress",
        "azure-native:operationalinsights:Workspace",
        "azure-native:storage:StorageAccount",
        "databricks:index/instancePool:InstancePool",
        "databricks:index/job:Job",
    }
)


def is_billable(resource: Resource) -> bool:
    """Tell whether a resource costs money by itself."""
    return resource.type in _BILLABLE
