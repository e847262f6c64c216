"""The AKS cluster."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import VmSize
from lakeplane.spec.sections.base import SpecModel
from lakeplane.spec.sections.machine_sizes import GpuSize, UtcOffset
from lakeplane.spec.sizes import vm_sizes

__all__ = ["AksMaintenanceSpec", "AksSpec"]

Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

# AKS documentation, "Use system node pools", 2026-08: at least 4 vCPUs and 4 GB of memory.
_SYSTEM_CORES = 4


class AksMaintenanceSpec(SpecModel):
    """The weekly hours in which AKS may upgrade the cluster and its nodes; each window lasts four hours.

    Attributes:
        day: Day of the week; `Sunday` if left out.
        start_hour: Hour of the day at which it starts, 0 to 23; 1 if left out.
        utc_offset: Time zone of the hour, such as `+02:00`; `+00:00` if left out.
    """

    day: Day = "Sunday"
    start_hour: Annotated[int, Field(ge=0, le=23)] = 1
    utc_offset: UtcOffset = "+00:00"


class AksSpec(SpecModel):
    """The AKS cluster; every value left out comes from the tier.

    Attributes:
        node_size: Azure size of the nodes for workloads.
        node_count: Nodes for workloads that always run.
        max_node_count: Most nodes of the autoscaler.
        system_node_size: Azure size of the nodes for the cluster's own pods.
        system_node_count: Nodes for the cluster's own pods, at least two.
        gpu_node_size: Azure size of GPU nodes; no GPU pool if left out.
        max_gpu_node_count: Most GPU nodes of the autoscaler, which starts from none; 2 if left out.
        upgrade_channel: `stable`: the last minor version but one. `patch`: patches of the version at hand.
            `stable` if left out.
        maintenance: When AKS may upgrade; Sunday from 1 o'clock UTC if left out.
    """

    node_size: VmSize
    node_count: Annotated[int, Field(ge=1, le=100)]
    max_node_count: Annotated[int, Field(ge=1, le=100)]
    system_node_size: VmSize
    system_node_count: Annotated[int, Field(ge=2, le=10)]
    gpu_node_size: GpuSize | None = None
    max_gpu_node_count: Annotated[int, Field(ge=1, le=50)] = 2
    upgrade_channel: Literal["stable", "patch"] = "stable"
    maintenance: AksMaintenanceSpec = AksMaintenanceSpec()

    @field_validator("max_node_count")
    @classmethod
    def _in_order(cls, most: int, info: ValidationInfo) -> int:
        always = info.data.get("node_count", 1)
        if most < always:
            raise finding(
                "SPC015",
                f"fewer nodes at most ({most}) than always ({always})",
                allowed=f"{always} to 100",
                remedy="raise aks.max_node_count or lower aks.node_count",
            )
        return most

    @field_validator("system_node_size")
    @classmethod
    def _large_enough(cls, size: str) -> str:
        if vm_sizes()[size].vcpus < _SYSTEM_CORES:
            raise finding(
                "SPC023",
                "too small for a system node pool",
                allowed=f"sizes of at least {_SYSTEM_CORES} vCPUs",
                remedy="choose a larger size such as Standard_D4ds_v5",
            )
        return size
