"""The environment spec: what a team writes, checked and with the tier's defaults filled in."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)

from lakeplane.spec.address_ranges import AllowedAddress, CidrRange
from lakeplane.spec.refusals import finding
from lakeplane.spec.regions import has_zones
from lakeplane.spec.scalars import (
    AzureRegion,
    ClusterSize,
    ContainerImage,
    CpuRuntimeVersion,
    EnvironmentName,
    GpuClusterSize,
    GpuRuntimeVersion,
    GroupName,
    Guid,
    ModelName,
    OrganisationName,
    Replication,
    TagText,
    Tier,
    VmSize,
    WorkloadName,
    each_once,
)
from lakeplane.spec.tiers import with_tier_defaults

__all__ = [
    "AccessSpec",
    "AksSpec",
    "DatabricksSpec",
    "EnvironmentSpec",
    "GroupsSpec",
    "LakeSpec",
    "MlSpec",
    "NetworkSpec",
    "ServingSpec",
]

_ZONE_REDUNDANT = ("ZRS", "GZRS", "RAGZRS")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class AccessSpec(_Model):
    """Who reaches the environment's front doors; its back-end is private either way.

    Attributes:
        mode: `private`: only from inside the network. `allow_list`: also from the ranges named.
        addresses: Public IPv4 ranges that may enter; needed with `allow_list`, refused with `private`.
    """

    mode: Literal["allow_list", "private"]
    addresses: Annotated[
        tuple[AllowedAddress, ...],
        Strict(strict=False),
        Field(max_length=200, validate_default=True),
        AfterValidator(each_once),
    ] = ()

    @field_validator("addresses")
    @classmethod
    def _fit_mode(cls, addresses: tuple[IPv4Network, ...], info: ValidationInfo) -> tuple[IPv4Network, ...]:
        mode = info.data.get("mode")
        if mode == "allow_list" and not addresses:
            raise finding(
                "SPC036",
                "allow_list without addresses lets nobody in, not even the deployer",
                allowed="at least one public IPv4 range",
                remedy="add access.addresses, or use access mode private",
            )
        if mode == "private" and addresses:
            raise finding(
                "SPC036",
                "access mode private takes no addresses",
                allowed="no addresses",
                remedy="remove access.addresses, or use access mode allow_list",
            )
        return addresses


class NetworkSpec(_Model):
    """The environment's virtual network.

    Attributes:
        address_space: Private IPv4 range of /16 to /24; 10.20.0.0/20 if left out.
    """

    address_space: CidrRange = IPv4Network("10.20.0.0/20")


class GroupsSpec(_Model):
    """Databricks account groups that get rights in the environment.

    Attributes:
        engineers: Own schemas, jobs and policies; `data-engineers` if left out.
        scientists: Use clusters, train and register models; `data-scientists` if left out.
        readers: Read gold tables; `data-readers` if left out.
    """

    engineers: GroupName = "data-engineers"
    scientists: GroupName = "data-scientists"
    readers: GroupName = "data-readers"


class LakeSpec(_Model):
    """The lake's storage account.

    Attributes:
        replication: Azure's replication kind; the tier's if left out, or the nearest without zones in a
            region that has none.
    """

    replication: Replication


class DatabricksSpec(_Model):
    """Sizes and hours of clusters; every value left out comes from the tier.

    Attributes:
        node_type: Azure size of CPU nodes.
        gpu_node_type: Azure size of GPU nodes.
        max_workers: Most workers of one multi-node cluster.
        gpu_max_workers: Most workers of one multi-node GPU cluster.
        autotermination_minutes: Idle minutes after which an interactive cluster stops.
        pool_max_capacity: Most machines of the instance pool.
        runtime: Databricks Runtime of CPU clusters.
        gpu_runtime: Databricks Runtime of GPU clusters; a GPU machine-learning runtime.
    """

    node_type: ClusterSize
    gpu_node_type: GpuClusterSize
    max_workers: Annotated[int, Field(ge=1, le=1000)]
    gpu_max_workers: Annotated[int, Field(ge=1, le=200)]
    autotermination_minutes: Annotated[int, Field(ge=10, le=10_000)]
    pool_max_capacity: Annotated[int, Field(ge=1, le=1000)]
    runtime: CpuRuntimeVersion
    gpu_runtime: GpuRuntimeVersion


class MlSpec(_Model):
    """The Azure Machine Learning workspace; nothing to choose yet."""


class AksSpec(_Model):
    """The AKS cluster; every value left out comes from the tier.

    Attributes:
        node_size: Azure size of the nodes.
        node_count: Nodes that always run.
        max_node_count: Most nodes of the autoscaler.
    """

    node_size: VmSize
    node_count: Annotated[int, Field(ge=1, le=100)]
    max_node_count: Annotated[int, Field(ge=1, le=100)]

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


class ServingSpec(_Model):
    """The scoring service on AKS.

    Attributes:
        image: Container image by digest; without one, no Deployment is made.
        model: Registered model to serve, without catalog and schema; `load_forecast` if left out.
    """

    image: ContainerImage | None = None
    model: ModelName = "load_forecast"


class EnvironmentSpec(_Model):
    """One environment, as its team asks for it.

    Attributes:
        name: Short name; part of every resource's name, and the Unity Catalog catalog.
        organisation: Whose environment it is; keeps global names apart.
        region: Azure region.
        owner: Whom to ask; a tag.
        cost_centre: Who pays; a tag.
        subscription: Azure subscription's id.
        tenant: Entra tenant's id.
        tier: Sizes and hours; never access.
        generation: Raise it after a clash with soft-deleted names; 1 if left out.
        monthly_budget: USD a month that the owner is warned about; no budget if left out.
        access: Who reaches the front doors.
        network: The virtual network.
        groups: Databricks account groups.
        lake: The lake's storage account.
        databricks: Sizes and hours of clusters.
        ml: The Azure Machine Learning workspace.
        aks: The AKS cluster.
        serving: The scoring service.
        workloads: Bundled workloads, in the order in which they run; none if left out.
    """

    name: EnvironmentName
    organisation: OrganisationName
    region: AzureRegion
    owner: TagText
    cost_centre: TagText
    subscription: Guid
    tenant: Guid
    tier: Tier
    generation: Annotated[int, Field(ge=1, le=999)] = 1
    monthly_budget: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    access: AccessSpec
    network: NetworkSpec = NetworkSpec()
    groups: GroupsSpec = GroupsSpec()
    lake: LakeSpec
    databricks: DatabricksSpec
    ml: MlSpec = MlSpec()
    aks: AksSpec
    serving: ServingSpec = ServingSpec()
    workloads: Annotated[
        tuple[WorkloadName, ...], Strict(strict=False), Field(max_length=50), AfterValidator(each_once)
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _tier_defaults(cls, data: Any) -> Any:
        return with_tier_defaults(data) if isinstance(data, dict) else data

    @field_validator("lake")
    @classmethod
    def _replication_fits_region(cls, lake: LakeSpec, info: ValidationInfo) -> LakeSpec:
        region = info.data.get("region")
        if region and lake.replication in _ZONE_REDUNDANT and not has_zones(region):
            raise finding(
                "SPC026",
                f"{region} has no availability zones",
                allowed="LRS, GRS or RAGRS in this region",
                remedy="choose a kind of replication without zones, or another region",
                at="replication",
            )
        return lake
