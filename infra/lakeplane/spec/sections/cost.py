"""What a team expects to use, where nothing else says it: for the estimate of cost alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from lakeplane.spec.sections.base import SpecModel

__all__ = ["CostSpec", "HubCostSpec"]

_HOURS_A_MONTH = 730
_Gigabytes = Annotated[float, Field(ge=0, le=1e9)]
_Hours = Annotated[float, Field(ge=0, le=_HOURS_A_MONTH)]
_NodeHours = Annotated[float, Field(ge=0, le=500 * _HOURS_A_MONTH)]
# Names that the program gives the clusters of the Azure Machine Learning workspace.
_Cluster = Literal["cpu-cluster", "gpu-cluster", "image-build"]


class HubCostSpec(SpecModel):
    """What is expected to be used, for the estimate of cost alone; what is left out is listed as not priced.

    Attributes:
        logs_gb_per_day: GB of logs that the log workspace takes in a day; logs are not priced if left out.
        outbound_gb_per_month: GB that leave through the firewall in a month; they are not priced if left out.
    """

    logs_gb_per_day: _Gigabytes | None = None
    outbound_gb_per_month: _Gigabytes | None = None


class CostSpec(SpecModel):
    """What is expected to be used, for the estimate of cost alone; what is left out is listed as not priced.

    Attributes:
        lake_gb: GB that the lake holds; its storage is not priced if left out.
        logs_gb_per_day: GB of logs that the log workspace takes in a day; logs are not priced if left out.
        outbound_gb_per_month: GB that leave through the NAT gateway in a month; they are not priced if left
            out.
        sql_warehouse_hours_per_month: Hours in which the SQL warehouse runs; it is not priced if left out.
        ml_node_hours_per_month: Node hours of the Azure Machine Learning clusters, by name: `cpu-cluster`,
            `gpu-cluster`, `image-build`; a cluster is not priced if left out.
    """

    lake_gb: _Gigabytes | None = None
    logs_gb_per_day: _Gigabytes | None = None
    outbound_gb_per_month: _Gigabytes | None = None
    sql_warehouse_hours_per_month: _Hours | None = None
    ml_node_hours_per_month: Mapping[_Cluster, _NodeHours] = Field(default_factory=dict)
