"""Resource types that hold what nobody can make again, and what that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Holding", "held_by", "holding"]


@dataclass(frozen=True, slots=True)
class Holding:
    """What is lost with a resource.

    Attributes:
        what: In words.
        source: Where it is written that deleting the resource deletes it.
    """

    what: str
    source: str


_UNITY = "Databricks documentation, SQL reference"

_TABLE: Mapping[str, Holding] = {
    "azure-native:containerregistry:Registry": Holding(
        "container images", "Microsoft Learn, az acr delete: deletes the registry and all its images"
    ),
    "azure-native:containerservice:ManagedCluster": Holding(
        "objects of a cluster, and disks that it provisioned",
        "Microsoft Learn, AKS FAQ: the node resource group goes with the cluster, disks included",
    ),
    "azure-native:databricks:Workspace": Holding(
        "notebooks, jobs and their history",
        "Microsoft Learn, delete an Azure Databricks workspace: what it holds can't be recovered",
    ),
    "azure-native:keyvault:Key": Holding(
        "an encryption key, and all that it encrypts",
        "Microsoft Learn, Key Vault soft-delete overview: a purged key is gone, and with it what it wraps",
    ),
    "azure-native:keyvault:Secret": Holding("a secret", "Microsoft Learn, Key Vault soft-delete overview"),
    "azure-native:keyvault:Vault": Holding(
        "keys and secrets", "Microsoft Learn, Key Vault soft-delete overview"
    ),
    "azure-native:machinelearningservices:Workspace": Holding(
        "models, endpoints and their history",
        "Microsoft Learn, workspace soft deletion: what a workspace holds is deleted with it",
    ),
    "azure-native:monitor:AzureMonitorWorkspace": Holding(
        "metrics", "Microsoft Learn, manage an Azure Monitor workspace: its data is deleted with it"
    ),
    "azure-native:operationalinsights:Workspace": Holding(
        "logs", "Microsoft Learn, delete a Log Analytics workspace: recoverable for 14 days"
    ),
    "azure-native:resources:ResourceGroup": Holding(
        "everything in the resource group",
        "Microsoft Learn, delete resource groups: all resources in it are deleted",
    ),
    "azure-native:storage:BlobContainer": Holding(
        "files of a container", "Microsoft Learn, soft delete for containers"
    ),
    "azure-native:storage:StorageAccount": Holding(
        "files of a storage account", "Microsoft Learn, recover a deleted storage account: best effort"
    ),
    "databricks:index/catalog:Catalog": Holding(
        "schemas and tables of a catalog", f"{_UNITY}, DROP CATALOG … CASCADE"
    ),
    "databricks:index/metastore:Metastore": Holding(
        "every catalog of a region", "Databricks documentation, delete a metastore"
    ),
    "databricks:index/registeredModel:RegisteredModel": Holding(
        "versions of a model", "Databricks documentation, manage model lifecycle in Unity Catalog"
    ),
    "databricks:index/schema:Schema": Holding(
        "tables and volumes of a schema", f"{_UNITY}, DROP SCHEMA … CASCADE"
    ),
    "databricks:index/secretScope:SecretScope": Holding(
        "secrets of a scope", "Databricks documentation, Secrets API: deletes the scope and its secrets"
    ),
    "databricks:index/sqlTable:SqlTable": Holding("rows of a table", f"{_UNITY}, DROP TABLE"),
    "databricks:index/volume:Volume": Holding("files of a volume", f"{_UNITY}, DROP VOLUME"),
    "kubernetes:core/v1:PersistentVolume": Holding(
        "files of a volume", "Kubernetes documentation, persistent volumes: reclaiming"
    ),
    "kubernetes:core/v1:PersistentVolumeClaim": Holding(
        "files of a volume", "Kubernetes documentation, persistent volumes: reclaiming"
    ),
}


def holding(token: str) -> Holding | None:
    """Return what a resource of this type holds, with its source; nothing if it can be made again."""
    return _TABLE.get(token)


def held_by(token: str) -> str:
    """Return in words what is lost with a resource of this type; empty if it can be made again."""
    found = _TABLE.get(token)
    return found.what if found else ""
