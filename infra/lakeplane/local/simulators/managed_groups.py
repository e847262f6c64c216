"""Resource groups that a service makes for itself: they come and go with the resource that owns them.

Databricks keeps a workspace's own storage in one, AKS its nodes. Nobody else deletes them, so an environment
that is gone has none; see "Managed resource groups" of both services on Microsoft Learn.
"""

from __future__ import annotations

from collections.abc import Mapping

from lakeplane.local.simulators.model import Refusal, Scene, Target, at

__all__ = ["make_managed_group", "managed_group"]

_GROUP = "azure-native:resources:ResourceGroup"
_WORKSPACE = "azure-native:databricks:Workspace"
_CLUSTER = "azure-native:containerservice:ManagedCluster"


def managed_group(target: Target) -> str | None:
    """Return the ARM id of the group that a resource's service makes; None for most types."""
    subscription = "/".join(target.id.split("/")[:3])
    if target.type == _WORKSPACE:
        group = at(target.inputs, "managedResourceGroupId")
        return None if group is None else str(group)
    if target.type == _CLUSTER:
        inputs: Mapping[str, object] = target.inputs
        # AKS's own name where the program gives none.
        usual = f"MC_{inputs['resourceGroupName']}_{inputs['resourceName']}_{inputs.get('location', '')}"
        return f"{subscription}/resourceGroups/{at(inputs, 'nodeResourceGroup') or usual}"
    return None


def make_managed_group(scene: Scene, target: Target) -> None:
    """Make the group beside its owner; one that another owner has is refused.

    Raises:
        Refusal: The group exists and is not this resource's.
    """
    group = managed_group(target)
    if group is None:
        return
    found = scene.resources.by_id(group)
    if found is not None and found.parent.lower() != target.id.lower():
        raise Refusal(
            409,
            "ManagedResourceGroupAlreadyExists",
            f"The resource group {group} exists already and is not managed by {target.id}.",
        )
    name = group.rsplit("/", 1)[-1]
    inputs = {"resourceGroupName": name, "location": target.inputs.get("location", "")}
    outputs = {**inputs, "name": name, "managedBy": target.id}
    urn = f"{target.urn} (managed)"
    scene.resources.put(_GROUP, group, urn=urn, parent=target.id, inputs=inputs, outputs=outputs)
