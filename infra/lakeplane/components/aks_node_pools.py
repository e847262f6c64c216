"""Node pools of an AKS cluster: what they share, and the pools that are resources of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import containerservice as aks

from lakeplane.components.placement import Placement
from lakeplane.spec.sizes import vm_sizes

__all__ = [
    "GPU_TAINT",
    "AksNodePools",
    "AksNodePoolsArgs",
    "NodePoolSettings",
    "OsDisk",
    "os_disk",
    "system_pool",
]

GPU_TAINT = "sku=gpu:NoSchedule"
"""Keeps every pod that asks for no GPU off the GPU nodes; AKS's own examples call it so."""

# MicrosoftDocs/azure-compute-docs, sizes/general-purpose and sizes/memory-optimized (2024-07 to 2026-03):
# families without a cache of their own, whose temporary disk holds an ephemeral OS disk. Older families use
# their cache, whose size is not in our table, so they get managed disks.
_EPHEMERAL_ON_TEMP_DISK = frozenset(
    {
        "standardDADSv5Family",
        "standardDDSv5Family",
        "standardDDv5Family",
        "standardEADSv5Family",
        "standardEDSv5Family",
    }
)
_EPHEMERAL_SIZES_GIB = (128, 64)


@dataclass(frozen=True, slots=True)
class OsDisk:
    """The disk of a node's operating system.

    Attributes:
        type: `Ephemeral`, on the host itself, or `Managed`.
        size_gib: Its size in GiB; None for the one that AKS chooses by the size's cores.
    """

    type: str
    size_gib: int | None = None


def os_disk(size: str) -> OsDisk:
    """Choose the OS disk for an Azure size: ephemeral where its temporary disk surely has room, else managed.

    AKS refuses an ephemeral disk that doesn't fit (AKS documentation, "Storage options": a validation error),
    and takes the whole temporary disk if no size is given, so one is given.

    Args:
        size: Azure's name of the size; one that the table of sizes lacks gets a managed disk.
    """
    facts = vm_sizes().get(size)
    if facts is None or facts.quota_family not in _EPHEMERAL_ON_TEMP_DISK or not facts.temp_disk_gib:
        return OsDisk("Managed")
    fitting = [gib for gib in _EPHEMERAL_SIZES_GIB if gib <= facts.temp_disk_gib]
    return OsDisk("Ephemeral", fitting[0]) if fitting else OsDisk("Managed")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePoolSettings:
    """What all pools of one cluster share.

    Attributes:
        subnet: ARM id of the nodes' subnet.
        tags: Tags of the nodes.
        zones: Availability zones of the nodes; none in regions without zones.
        max_pods: Most pods of a node; 110 if left out, and at most 250 with an overlay network.
        max_surge: Nodes that an upgrade adds at a time; 33 % of the pool if left out, as the AKS baseline.
        drain_minutes: Minutes for which an upgrade waits for a node's pods; 30 if left out, as AKS does.
    """

    subnet: pulumi.Input[str]
    tags: dict[str, str]
    zones: Sequence[str] = ()
    max_pods: int = 110
    max_surge: str = "33%"
    drain_minutes: int = 30


def system_pool(
    settings: NodePoolSettings, *, size: str, count: int
) -> aks.ManagedClusterAgentPoolProfileArgs:
    """Describe the pool for the cluster's own pods, with which a cluster begins.

    Args:
        settings: What all pools share.
        size: Azure size of its nodes.
        count: Nodes that always run; upgrades and add-ons may make it one more.
    """
    return aks.ManagedClusterAgentPoolProfileArgs(
        name="system",
        mode="System",
        count=count,
        min_count=count,
        max_count=count + 1,
        node_taints=["CriticalAddonsOnly=true:NoSchedule"],
        **_node_settings(settings, size),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AksNodePoolsArgs:
    """What the pools for workloads need.

    Attributes:
        placement: Where they go.
        cluster_name: Name of the cluster; waits for it.
        settings: What all pools share.
        size: Azure size of the nodes.
        count: Nodes that always run.
        max_count: Most nodes of the autoscaler.
        gpu_size: Azure size of GPU nodes; no GPU pool if left out.
        max_gpu_count: Most GPU nodes; there are none until a pod asks for one. 2 if left out.
    """

    placement: Placement
    cluster_name: pulumi.Input[str]
    settings: NodePoolSettings
    size: str
    count: int
    max_count: int
    gpu_size: str | None = None
    max_gpu_count: int = 2


class AksNodePools(pulumi.ComponentResource):
    """Pools for workloads, each a resource of its own, so that changing one never touches the cluster.

    A pool's name ends in four letters made of what can't be changed in place, so that another size comes up
    beside the old pool, which goes only then.

    Attributes:
        pool_names: Names of the pools.
    """

    def __init__(self, name: str, args: AksNodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:kubernetes:AksNodePools", name, None, opts)
        self._args = args
        pools = [
            self._add(
                f"{name}-workload",
                "work",
                args.size,
                count=args.count,
                min_count=args.count,
                max_count=args.max_count,
                node_labels={"lakeplane.io/pool": "workload"},
            )
        ]
        if args.gpu_size is not None:
            pools.append(
                self._add(
                    f"{name}-gpu",
                    "gpu",
                    args.gpu_size,
                    count=0,
                    min_count=0,
                    max_count=args.max_gpu_count,
                    node_labels={"lakeplane.io/pool": "gpu"},
                    node_taints=[GPU_TAINT],
                    gpu_profile=aks.GPUProfileArgs(driver="Install"),
                )
            )
        self.pool_names = pulumi.Output.all(*(pool.name for pool in pools))
        self.register_outputs({"pool_names": self.pool_names})

    def _add(self, name: str, prefix: str, size: str, **own: Any) -> aks.AgentPool:
        args = self._args
        disk = os_disk(size)
        fixed = f"{size} {disk.type} {disk.size_gib} {args.settings.max_pods}"
        return aks.AgentPool(
            f"{name}-pool",
            agent_pool_name=f"{prefix}{hashlib.sha256(fixed.encode()).hexdigest()[:4]}",
            resource_name_=args.cluster_name,
            resource_group_name=args.placement.resource_group_name,
            mode="User",
            **own,
            **_node_settings(args.settings, size),
            # The autoscaler owns the number of nodes, and the upgrade channel the version.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["count", "orchestratorVersion"]),
        )


def _node_settings(settings: NodePoolSettings, size: str) -> dict[str, Any]:
    disk = os_disk(size)
    return {
        "type": "VirtualMachineScaleSets",
        "vm_size": size,
        "enable_auto_scaling": True,
        "os_type": "Linux",
        "os_sku": "AzureLinux",
        "os_disk_type": disk.type,
        "os_disk_size_gb": disk.size_gib,
        "enable_encryption_at_host": True,
        "enable_node_public_ip": False,
        "max_pods": settings.max_pods,
        "vnet_subnet_id": settings.subnet,
        "availability_zones": list(settings.zones) or None,
        "tags": settings.tags,
        "upgrade_settings": aks.AgentPoolUpgradeSettingsArgs(
            max_surge=settings.max_surge, drain_timeout_in_minutes=settings.drain_minutes
        ),
    }
