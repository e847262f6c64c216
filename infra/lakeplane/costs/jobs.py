"""Databricks jobs: Databricks units and machines of their clusters, by schedule and declared minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.costs.assumptions import JobUse
from lakeplane.costs.billed import Billed, Pricer, amount, at, text
from lakeplane.costs.clusters import Cluster, read_cluster
from lakeplane.costs.ledger import HOURS, Ledger, Payer
from lakeplane.costs.machines import charge_machines
from lakeplane.costs.schedules import monthly_runs
from lakeplane.costs.span import Factor, Span
from lakeplane.provider_models.names import pulumi_to_rest
from lakeplane.spec.sizes import vm_sizes

__all__ = ["DATABRICKS", "JOB", "PRICERS", "charge_cluster", "job_clusters", "rest_job"]

DATABRICKS = "Azure Databricks"
"""The service that bills Databricks units."""

JOB = "databricks:index/job:Job"
"""Type of a job."""

_TASKS_ELSEWHERE = ("sql_task", "pipeline_task", "run_job_task", "condition_task", "dashboard_task")


@dataclass(frozen=True, slots=True)
class _Runs:
    """How long a job runs in a month: the factors of its hours, or why they are not known.

    Attributes:
        factors: Their product is the hours of a month; empty if they are not known.
        unknown: Why they are not known.
        most: The most hours, where something limits them though nothing tells what is expected.
    """

    factors: tuple[Factor, ...] = ()
    unknown: str = ""
    most: tuple[Factor, ...] = ()


def rest_job(billed: Billed) -> dict[str, Any]:
    """Return a job in the form of the REST API."""
    return pulumi_to_rest(JOB, billed.inputs)


def job_clusters(job: Mapping[str, Any], billed: Billed) -> Iterator[tuple[str, Cluster | str]]:
    """Return the clusters that a job starts, by key, each with its machines or why they are not known."""
    for shared in _mappings(at(job, "job_clusters")):
        spec = at(shared, "new_cluster")
        yield str(at(shared, "job_cluster_key")), read_cluster(spec or {}, billed, "jobClusters", "tasks")
    for task in _all_tasks(job):
        spec = at(task, "new_cluster")
        if isinstance(spec, Mapping):
            yield str(at(task, "task_key")), read_cluster(spec, billed, "tasks")


def charge_cluster(
    ledger: Ledger, payer: Payer, cluster: Cluster, hours: tuple[Factor, ...], *, tier: str, kind: str
) -> None:
    """Enter a cluster's machines and Databricks units.

    Args:
        ledger: Where to enter them.
        payer: Who pays.
        cluster: The cluster.
        hours: Their product is the hours of a month.
        tier: Tier of the workspace.
        kind: What it is started for, such as `jobs_compute`; decides the price of a unit.
    """
    factor = ledger.prices.factor(f"databricks:photon_multiplier:{kind}") if cluster.photon else 1
    item = f"databricks:{tier}:{kind}{'_photon' if cluster.photon else ''}"
    for group in cluster.groups:
        nodes = Factor(group.nodes, "node")
        charge_machines(ledger, payer, group.size, nodes, *hours, spot=group.spot)
        facts = vm_sizes().get(group.size)
        what = f"{group.size}, {kind}, {tier}"
        if facts is None or facts.dbu_per_hour is None:
            ledger.leave(
                payer, f"Databricks units of {what}", "no source tells how many the size uses in an hour"
            )
        elif factor is None:
            ledger.leave(payer, f"Databricks units of {what} with Photon", "no source tells its multiplier")
        else:
            units = [Factor.of(facts.dbu_per_hour, "DBU/h")]
            units += [Factor.of(factor, "for Photon")] if cluster.photon else []
            ledger.charge(payer, item, nodes, *hours, *units, service=DATABRICKS, what=what)


def _price_job(ledger: Ledger, billed: Billed) -> None:
    job = rest_job(billed)
    use = billed.assumptions.jobs.get(text(job, "name") or "")
    payer, runs = billed.payer(use.workload if use else None), _runs(job, use)
    tier = billed.estate.databricks_tier
    for key, cluster in job_clusters(job, billed):
        what = f"job cluster {key}"
        if isinstance(cluster, str):
            ledger.leave(payer, what, cluster)
        elif runs.factors:
            charge_cluster(ledger, payer, cluster, runs.factors, tier=tier, kind="jobs_compute")
            ledger.leave(payer, f"{what}, disks", "Databricks chooses the disks of its machines")
        else:
            ledger.leave(payer, what, runs.unknown, at_most=_most(ledger, payer, cluster, runs, tier))
    _price_tasks(ledger, payer, job, use, runs)


def _most(ledger: Ledger, payer: Payer, cluster: Cluster, runs: _Runs, tier: str) -> float | None:
    if not runs.most:
        return None
    return ledger.bound(
        lambda scratch: charge_cluster(scratch, payer, cluster, runs.most, tier=tier, kind="jobs_compute")
    )


def _price_tasks(
    ledger: Ledger, payer: Payer, job: Mapping[str, Any], use: JobUse | None, runs: _Runs
) -> None:
    """Enter what tasks use beside the job's own clusters."""
    known = {str(at(shared, "job_cluster_key")) for shared in _mappings(at(job, "job_clusters"))}
    serverless = False
    for task in _all_tasks(job):
        key = str(at(task, "task_key"))
        if at(task, "existing_cluster_id") is not None:
            ledger.leave(payer, f"task {key} on an interactive cluster", "that cluster's hours are not known")
        elif at(task, "job_cluster_key") is not None:
            if at(task, "job_cluster_key") not in known:
                ledger.leave(payer, f"task {key}", "its cluster is not among the job's")
        elif not any(name in task for name in (*_TASKS_ELSEWHERE, "new_cluster", "for_each_task")):
            serverless = True
    if serverless:
        _price_serverless(ledger, payer, use, runs)


def _price_serverless(ledger: Ledger, payer: Payer, use: JobUse | None, runs: _Runs) -> None:
    what = "serverless jobs compute"
    units = use.serverless_dbus if use else None
    if units is None or not runs.factors or runs.factors[0].unit != "run":
        reason = (
            runs.unknown if units is not None else "nothing declares its Databricks units (serverless_dbus)"
        )
        ledger.leave(payer, what, reason or "it runs without end")
        return
    ledger.charge(
        payer,
        "databricks:premium:serverless_jobs",
        runs.factors[0],
        Factor.of(units, "DBU"),
        service=DATABRICKS,
        what=what,
    )


def _runs(job: Mapping[str, Any], use: JobUse | None) -> _Runs:
    if at(job, "continuous") is not None:
        if _is_paused(job, "continuous"):
            return _Runs((Factor(Span(0, 0, HOURS.amount.high), "h"),))
        return _Runs((HOURS,))
    runs = _monthly(job, use)
    minutes, timeout = use.expected_minutes if use else None, amount(job, "timeout_seconds") or 0
    if runs is None:
        reason = "it has no schedule, and nothing declares its runs (cost.…runs_per_month of the workload)"
        return _Runs(unknown=reason)
    run = Factor(runs, "run")
    if minutes is None:
        reason = "nothing declares its minutes (cost.…expected_minutes of the workload)"
        return _Runs(unknown=reason, most=(run, Factor.of(timeout / 3600, "h")) if timeout else ())
    hours = minutes / 60
    return _Runs((run, Factor(Span(hours, hours, max(hours, timeout / 3600)), "h")))


def _monthly(job: Mapping[str, Any], use: JobUse | None) -> Span | None:
    """Return the runs of a month: those of the schedule, and those declared; none while it is paused."""
    scheduled, other = monthly_runs(job), use.runs_per_month if use else None
    if scheduled is None and other is None:
        return None
    total = Span.of(0)
    if scheduled is not None:
        paused = _is_paused(job, "schedule") or _is_paused(job, "trigger")
        total += Span(0, 0, scheduled) if paused else Span.of(scheduled)
    if other is not None:
        waiting = scheduled is None and _is_paused(job, "trigger")
        total += Span(0, 0, other) if waiting else Span.of(other)
    return total


def _is_paused(job: Mapping[str, Any], timed: str) -> bool:
    return text(job, timed, "pause_status") == "PAUSED"


def _all_tasks(job: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for task in _mappings(at(job, "tasks")):
        yield task
        repeated = at(task, "for_each_task", "task")
        if isinstance(repeated, Mapping):
            yield repeated


def _mappings(items: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(items, list):
        yield from (item for item in items if isinstance(item, Mapping))


PRICERS: Mapping[str, Pricer] = {JOB: _price_job}
