"""What teams declare of the use that they expect, where no resource tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lakeplane.spec import EnvironmentSpec, Workload, interpolate, spec_values
from lakeplane.spec.hub import HubSpec

__all__ = ["Assumptions", "JobUse", "declared", "declared_of_hub"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobUse:
    """What is expected of one job.

    Attributes:
        workload: The workload that it belongs to.
        expected_minutes: Minutes of one run; not declared if absent.
        runs_per_month: Runs a month that no schedule tells; not declared if absent.
        serverless_dbus: Databricks units of one run on serverless compute; not declared if absent.
    """

    workload: str
    expected_minutes: float | None = None
    runs_per_month: float | None = None
    serverless_dbus: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Declared use; what is absent is not priced.

    Attributes:
        lake_gb: GB that the lake holds.
        logs_gb_per_day: GB of logs that the log workspace takes in a day.
        outbound_gb: GB a month that leave through the NAT gateway or the firewall.
        sql_warehouse_hours: Hours a month in which the SQL warehouse runs.
        ml_node_hours: Node hours a month of Azure ML compute clusters, by the cluster's name.
        jobs: What is expected of jobs, by the name that the workspace shows.
    """

    lake_gb: float | None = None
    logs_gb_per_day: float | None = None
    outbound_gb: float | None = None
    sql_warehouse_hours: float | None = None
    ml_node_hours: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    jobs: Mapping[str, JobUse] = field(default_factory=lambda: MappingProxyType({}))


def declared_of_hub(spec: HubSpec) -> Assumptions:
    """Return what a hub's spec declares."""
    return Assumptions(logs_gb_per_day=spec.cost.logs_gb_per_day, outbound_gb=spec.cost.outbound_gb_per_month)


def declared(spec: EnvironmentSpec, workloads: Iterable[Workload]) -> Assumptions:
    """Return what a spec and the manifests of its workloads declare.

    Args:
        spec: The environment.
        workloads: Its workloads.
    """
    cost = spec.cost
    return Assumptions(
        lake_gb=cost.lake_gb,
        logs_gb_per_day=cost.logs_gb_per_day,
        outbound_gb=cost.outbound_gb_per_month,
        sql_warehouse_hours=cost.sql_warehouse_hours_per_month,
        ml_node_hours=MappingProxyType(dict(cost.ml_node_hours_per_month.items())),
        jobs=MappingProxyType(dict(_jobs(spec, workloads))),
    )


def _jobs(spec: EnvironmentSpec, workloads: Iterable[Workload]) -> Iterable[tuple[str, JobUse]]:
    values = spec_values(spec, wheel="")
    for workload in workloads:
        for key, job in workload.jobs.items():
            use = workload.costs.get(key)
            yield (
                _shown_name(job.get("name", key), values),
                JobUse(
                    workload=workload.name,
                    expected_minutes=use.expected_minutes if use else None,
                    runs_per_month=use.runs_per_month if use else None,
                    serverless_dbus=use.serverless_dbus if use else None,
                ),
            )


def _shown_name(name: object, values: Mapping[str, object]) -> str:
    try:
        return str(interpolate(name, values))
    except KeyError:  # a name that is known only when the workspace is
        return str(name)
