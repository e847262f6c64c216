"""What a changed input means for a resource that exists: an update in place, or a replacement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.local.simulators.arm import ARM_TYPES

__all__ = ["Changes", "compare"]

_D = "databricks:index/"
# Inputs that make up an object's identity; Databricks' REST API has no call that changes them.
_IDENTITY: Mapping[str, tuple[str, ...]] = {
    f"{_D}schema:Schema": ("catalogName", "storageRoot"),
    f"{_D}catalog:Catalog": ("storageRoot", "connectionName", "shareName"),
    f"{_D}volume:Volume": ("catalogName", "schemaName", "volumeType", "storageLocation"),
    f"{_D}file:File": ("path", "md5", "source", "contentBase64"),
    f"{_D}instancePool:InstancePool": ("nodeTypeId", "azureAttributes", "diskSpec"),
    f"{_D}permissions:Permissions": ("jobId", "clusterPolicyId", "instancePoolId"),
    f"{_D}grants:Grants": ("catalog", "schema", "volume", "externalLocation", "storageCredential"),
}
# Azure moves no resource, and fixes these at creation (the services' REST references, "create or update").
_FIXED: Mapping[str, tuple[str, ...]] = {
    "azure-native:storage:StorageAccount": ("isHnsEnabled", "kind"),
    "azure-native:databricks:Workspace": ("managedResourceGroupId",),
    "azure-native:containerservice:ManagedCluster": ("dnsPrefix", "fqdnSubdomain", "nodeResourceGroup"),
    "azure-native:containerservice:AgentPool": ("vmSize", "osDiskType", "vnetSubnetID"),
    "azure-native:authorization:RoleAssignment": ("principalId", "roleDefinitionId"),
}
_KUBERNETES = ("apiVersion", "kind", "metadata.name", "metadata.namespace")


@dataclass(frozen=True, slots=True)
class Changes:
    """Top-level inputs that differ, and those of them that only a new resource can take."""

    changed: tuple[str, ...]
    replacing: tuple[str, ...]


def compare(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Compare what a resource has with what it shall have; an unknown counts as a change."""
    changed = tuple(name for name in sorted({*old, *new}) if old.get(name) != new.get(name))
    fixed = _fixed(token)
    replacing = [path for path in fixed if _value(old, path) != _value(new, path)]
    return Changes(changed, tuple(path.partition(".")[0] for path in replacing))


def _fixed(token: str) -> tuple[str, ...]:
    if token.startswith("kubernetes:"):
        return _KUBERNETES
    arm = ARM_TYPES.get(token)
    if arm is None:
        return _IDENTITY.get(token, ("name",) if token.endswith((":Catalog", ":Schema", ":Volume")) else ())
    scope = (arm.scope,) if arm.scope else ("resourceGroupName",)
    return (*arm.name_inputs, *scope, "location", *_FIXED.get(token, ()))


def _value(inputs: Mapping[str, Any], path: str) -> Any:
    value: Any = inputs
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
