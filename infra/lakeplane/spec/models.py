"""The environment spec: what a team writes, checked and with the tier's defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict, ValidationInfo, field_validator, model_validator

from lakeplane.spec.refusals import finding
from lakeplane.spec.regions import has_zones
from lakeplane.spec.scalars import (
    AzureRegion,
    EnvironmentName,
    Guid,
    OrganisationName,
    TagText,
    Tier,
    WorkloadName,
    each_once,
)
from lakeplane.spec.sections import (
    AccessSpec,
    AksSpec,
    CostSpec,
    DatabricksSpec,
    EncryptionSpec,
    Exceptions,
    GroupsSpec,
    LakeSpec,
    MlSpec,
    NetworkSpec,
    PipelinesSpec,
    ServingSpec,
    WatchSpec,
)
from lakeplane.spec.sections.base import SpecModel
from lakeplane.spec.tiers import with_tier_defaults

__all__ = ["EnvironmentSpec"]

_ZONE_REDUNDANT = ("ZRS", "GZRS", "RAGZRS")


class EnvironmentSpec(SpecModel):
    """One environment, as its team asks for it.

    Attributes:
        name: Short name; part of every resource's name, and the Unity Catalog catalog.
        organisation: Whose environment it is; keeps global names apart.
        region: Azure region.
        owner: Whom to ask; a tag.
        cost_centre: Who pays; a tag.
        subscription: Azure subscription's id; behind a hub, the hub's if left out.
        tenant: Entra tenant's id; behind a hub, the hub's if left out.
        tier: Sizes and hours; never access.
        generation: Raise it after a clash with soft-deleted names; 1 if left out.
        monthly_budget: USD a month that the owner is warned about; no budget if left out.
        expiry: Last day on which anybody needs the environment: a tag, a finding once it is past, and then
            what lets a pipeline remove it, but in prod; needed without end if left out.
        access: Who reaches the front doors.
        encryption: Whose keys encrypt what is kept.
        network: The virtual network.
        pipelines: Pipelines that may look or deploy, and where they come from; none if left out.
        groups: Databricks account groups.
        lake: The lake's storage account.
        databricks: Sizes and hours of clusters.
        ml: The Azure Machine Learning workspace.
        aks: The AKS cluster.
        serving: The scoring service.
        watch: What is kept of logs, and who is told when something goes wrong.
        cost: What is expected to be used, for the estimate of cost alone.
        exceptions: Rules that need not hold here, each for a reason and for a time; none if left out.
        overrides: Inputs of single resources in the services' own words, by the resource's name in the
            program; they win over everything else, but for names.
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
    expiry: Annotated[date, Strict(strict=False)] | None = None
    access: AccessSpec
    encryption: EncryptionSpec = EncryptionSpec()
    network: NetworkSpec = NetworkSpec()
    pipelines: PipelinesSpec = PipelinesSpec()
    groups: GroupsSpec = GroupsSpec()
    lake: LakeSpec
    databricks: DatabricksSpec
    ml: MlSpec
    aks: AksSpec
    serving: ServingSpec = ServingSpec()
    watch: WatchSpec = WatchSpec()
    cost: CostSpec = CostSpec()
    exceptions: Exceptions = ()
    overrides: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    workloads: Annotated[
        tuple[WorkloadName, ...], Strict(strict=False), Field(max_length=50), AfterValidator(each_once)
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _tier_defaults(cls, data: Any) -> Any:
        return with_tier_defaults(data) if isinstance(data, dict) else data

    @field_validator("network")
    @classmethod
    def _network_fits_subscription(cls, network: NetworkSpec, info: ValidationInfo) -> NetworkSpec:
        subscription = info.data.get("subscription")
        brought = network.bring_your_own
        if subscription and brought and subscription not in brought.virtual_network.lower().split("/"):
            raise finding(
                "SPC038",
                "the network is in another subscription",
                allowed=f"a virtual network in subscription {subscription}",
                remedy="bring a network of the environment's subscription; Databricks takes no other",
                at="bring_your_own.virtual_network",
            )
        return network

    @field_validator("encryption")
    @classmethod
    def _keys_fit_access(cls, encryption: EncryptionSpec, info: ValidationInfo) -> EncryptionSpec:
        access = info.data.get("access")
        if access and access.mode == "private" and encryption.registry == "customer_managed":
            raise finding(
                "SPC039",
                "the registry's key needs a vault that is open to all networks",
                allowed="platform in access mode private",
                remedy="leave encryption.registry out; the registry is encrypted with Microsoft's keys",
                at="registry",
            )
        return encryption

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
