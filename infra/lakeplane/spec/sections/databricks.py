"""Databricks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from lakeplane.spec.hub_scalars import ConfigName
from lakeplane.spec.scalars import (
    ClusterSize,
    CpuRuntimeVersion,
    GitUrl,
    GpuClusterSize,
    GpuRuntimeVersion,
    Guid,
    each_once,
)
from lakeplane.spec.sections.base import SpecModel

__all__ = ["DatabricksSpec", "SqlWarehouseSpec"]


class SqlWarehouseSpec(SpecModel):
    """The serverless SQL warehouse; every value left out comes from the tier.

    Attributes:
        size: Size of each of its clusters, in the service's own words.
        auto_stop_minutes: Idle minutes after which it stops and costs nothing.
        max_clusters: Most clusters at the same time; more queries wait.
    """

    size: Literal[
        "2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large"
    ]
    auto_stop_minutes: Annotated[int, Field(ge=5, le=10_000)]
    max_clusters: Annotated[int, Field(ge=1, le=40)]


class DatabricksSpec(SpecModel):
    """Sizes and hours of compute, and what the workspace lets people do; sizes left out come from the tier.

    Attributes:
        account: Id of the Databricks account, as the account console shows it; behind a hub, the hub's if
            left out. With it jobs run as a service principal; without one they run as whoever deploys them,
            and `validate` says so.
        monthly_budget: List price in USD of the Databricks units of a month, serverless ones included; those
            whom `watch.emails` names, else the owner, are told once it is exceeded. Needs a hub with rights
            on the account; no such budget if left out.
        network_connectivity: Name of the network connectivity config that an administrator of the account has
            bound to the workspace, with private endpoints to the lake that were approved; serverless compute
            reaches the lake by it. Until it is named, `validate` gives the request for one. Behind a hub with
            rights on the account it does nothing: the hub's config is bound.
        node_type: Azure size of CPU nodes.
        gpu_node_type: Azure size of GPU nodes.
        max_workers: Most workers of one multi-node cluster.
        gpu_max_workers: Most workers of one multi-node GPU cluster.
        autotermination_minutes: Idle minutes after which an interactive cluster stops.
        pool_max_capacity: Most machines of the instance pool.
        gpu_pool_max_capacity: Most machines of the instance pool with GPUs; with 0 there is no such pool.
        runtime: Databricks Runtime of CPU clusters.
        gpu_runtime: Databricks Runtime of GPU clusters; a GPU machine-learning runtime.
        sql_warehouse: The serverless SQL warehouse.
        web_terminal: Whether people may open a shell on a cluster's driver; they may not if left out.
        token_lifetime_days: Most days for which a personal access token is valid; with 0, and if left out,
            there are no such tokens and everybody signs in with Entra.
        git_repositories: Beginnings of the repositories' addresses that Git folders may use, such as
            `https://github.com/contoso`; not restricted if left out.
    """

    account: Guid | None = None
    monthly_budget: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    network_connectivity: ConfigName | None = None
    node_type: ClusterSize
    gpu_node_type: GpuClusterSize
    max_workers: Annotated[int, Field(ge=1, le=1000)]
    gpu_max_workers: Annotated[int, Field(ge=1, le=200)]
    autotermination_minutes: Annotated[int, Field(ge=10, le=10_000)]
    pool_max_capacity: Annotated[int, Field(ge=1, le=1000)]
    gpu_pool_max_capacity: Annotated[int, Field(ge=0, le=200)]
    runtime: CpuRuntimeVersion
    gpu_runtime: GpuRuntimeVersion
    sql_warehouse: SqlWarehouseSpec
    web_terminal: bool = False
    token_lifetime_days: Annotated[int, Field(ge=0, le=730)] = 0
    git_repositories: Annotated[
        tuple[GitUrl, ...], Strict(strict=False), Field(max_length=50), AfterValidator(each_once)
    ] = ()
