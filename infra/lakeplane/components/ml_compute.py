"""Compute clusters of an Azure Machine Learning workspace."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from lakeplane.components.placement import Placement, known_id
from lakeplane.components.role_assignments import assign_role

__all__ = ["IMAGE_BUILD", "MlCompute", "MlComputeArgs"]

IMAGE_BUILD = "image-build"
"""Name of the cluster that builds images while the registry answers nobody outside."""

# Azure Machine Learning documentation, "Set up authentication between Azure Machine Learning and other
# services", compute cluster: its identity mounts storage and pulls images; who builds images pushes them too.
_RIGHTS = {
    "jobs": (("registry", "AcrPull"), ("storage", "Storage Blob Data Contributor")),
    IMAGE_BUILD: (("registry", "AcrPush"), ("storage", "Storage Blob Data Contributor")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MlComputeArgs:
    """What the clusters need.

    Attributes:
        placement: Where they go.
        workspace_name: Name of the workspace; waits for it.
        workspace_id: ARM id of the workspace, known before it exists.
        storage_account_id: ARM id of the workspace's own storage account.
        storage_account: The same id, as a value that waits for the account.
        container_registry_id: ARM id of the registry.
        container_registry: The same id, as a value that waits for the registry.
        cpu_size: Azure size of the CPU clusters' nodes.
        max_nodes: Most nodes of each cluster; there are none until a job needs one.
        gpu_size: Azure size of the GPU cluster's nodes; no such cluster if left out.
        idle_minutes: Idle minutes after which a node goes away; 15 if left out.
        scopes_are_locked: Whether account and registry stand under a delete lock, which their role
            assignments inherit; those of a cluster that goes are then left behind, and name nobody, as its
            identity goes with it. Not if left out.
    """

    placement: Placement
    workspace_name: pulumi.Input[str]
    workspace_id: str
    storage_account_id: str
    storage_account: pulumi.Input[str]
    container_registry_id: str
    container_registry: pulumi.Input[str]
    cpu_size: str
    max_nodes: int
    gpu_size: str | None = None
    idle_minutes: int = 15
    scopes_are_locked: bool = False


class MlCompute(pulumi.ComponentResource):
    """Clusters in the workspace's managed network: no local accounts, no SSH, no public addresses.

    Each has an identity of its own, which jobs take on; the workspace's identity manages the vault, so no
    job may have that one.

    Attributes:
        compute_ids: ARM ids of the clusters by name.
    """

    def __init__(self, name: str, args: MlComputeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:ml:MlCompute", name, None, opts)
        self._name = name
        self._args = args
        sizes = {"cpu": args.cpu_size, IMAGE_BUILD: args.cpu_size}
        if args.gpu_size is not None:
            sizes["gpu"] = args.gpu_size
        self.compute_ids = {key: self._add(key, size) for key, size in sizes.items()}
        self.register_outputs({"compute_ids": self.compute_ids})

    def _add(self, key: str, size: str) -> pulumi.Output[str]:
        args, placement = self._args, self._args.placement
        compute_name = key if key == IMAGE_BUILD else f"{key}-cluster"
        compute = ml.Compute(
            f"{self._name}-{compute_name}",
            compute_name=compute_name,
            workspace_name=args.workspace_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            identity=ml.ManagedServiceIdentityArgs(type="SystemAssigned"),
            properties=ml.AmlComputeArgs(
                compute_type="AmlCompute",
                compute_location=placement.location,
                disable_local_auth=True,
                properties=ml.AmlComputePropertiesArgs(
                    vm_size=size,
                    vm_priority="Dedicated",
                    os_type="Linux",
                    enable_node_public_ip=False,
                    remote_login_port_public_access="Disabled",
                    scale_settings=ml.ScaleSettingsArgs(
                        min_node_count=0,
                        max_node_count=args.max_nodes,
                        node_idle_time_before_scale_down=f"PT{args.idle_minutes}M",
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        compute_id = f"{args.workspace_id}/computes/{compute_name}"
        scopes = {
            "registry": (args.container_registry_id, args.container_registry),
            "storage": (args.storage_account_id, args.storage_account),
        }
        for scope, role in _RIGHTS.get(key, _RIGHTS["jobs"]):
            assign_role(
                f"{self._name}-{compute_name}-{role.lower().replace(' ', '-')}-role",
                role=role,
                scope_id=scopes[scope][0],
                scope=scopes[scope][1],
                # A cluster of another size is a new one with a new identity. Where the assignment of the old
                # one stays, that of the new one needs a name of its own.
                principal=f"{compute_id}/{size}" if args.scopes_are_locked else compute_id,
                principal_id=compute.identity.apply(_principal_id),
                opts=pulumi.ResourceOptions(parent=self, retain_on_delete=args.scopes_are_locked or None),
            )
        return known_id(compute, compute_id)


def _principal_id(identity: ml.outputs.ManagedServiceIdentityResponse | None) -> str:
    return identity.principal_id if identity is not None else ""
