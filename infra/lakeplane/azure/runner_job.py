"""Starting the hub's job that deploys from inside, and waiting for what becomes of the run.

A run is told what to do in place of what the job does by itself: which layer, and of which sources. It keeps
the job's image, which whoever deploys the hub has named by its digest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakeplane.azure.errors import AzureError
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError, WorkloadError

if TYPE_CHECKING:
    from lakeplane.azure.client import Client

__all__ = ["Run", "run_job"]

Say = Callable[[str], None]
# The version that `azure.bootstrap.identities` looks for the job with.
_API = "2024-03-01"
# Microsoft.App stable 2024-03-01, JobExecutionRunningState; what else there may be counts as an end.
_AT_WORK = frozenset({"Running", "Processing"})
_OPEN = _AT_WORK | {"Unknown"}  # where Azure itself does not know, it is asked again
_SUCCEEDED = "Succeeded"
# The same version, JobExecutionContainer: what a run may be told of a container.
_OF_A_CONTAINER = ("image", "name", "command", "args", "env", "resources")
_POLL_SECONDS = 15.0
_REPLICA_SECONDS = 3600  # where the job says none
_SLACK_SECONDS = 600  # for an image of a gigabyte to be pulled
_LOOKS = 4
_MOST_SILENT = 8


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the job that has ended well.

    Attributes:
        name: Azure's name of it.
        status: `Succeeded`.
        seconds: How long it was waited for.
    """

    name: str
    status: str
    seconds: float

    def to_dict(self) -> dict[str, object]:
        """Return the run for scripts."""
        return {"execution": self.name, "status": self.status, "seconds": round(self.seconds, 1)}


@dataclass(frozen=True, slots=True)
class _Job:
    """The job of one environment, as ARM knows it."""

    client: Client
    id: str
    properties: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.id.rpartition("/")[2]

    @property
    def longest_seconds(self) -> float:
        configuration = self.properties.get("configuration") or {}
        return float(configuration.get("replicaTimeout") or _REPLICA_SECONDS) + _SLACK_SECONDS

    def executions(self) -> dict[str, str]:
        """Return the status of each run that Azure still knows, by its name."""
        found = self.client.list(f"{self.id}/executions", _API)
        return {str(one.get("name", "")): _status(one) for one in found}

    def told(self, arguments: Sequence[str], variables: Mapping[str, str]) -> dict[str, Any]:
        """Return the job's own template with other arguments and further variables."""
        template = self.properties.get("template") or {}
        containers = [
            {key: one[key] for key in _OF_A_CONTAINER if one.get(key) is not None}
            for one in template.get("containers") or ()
        ]
        if len(containers) != 1:
            raise SetupError(_not_started(self.id, f"found {len(containers)} containers in it; allowed: one"))
        (container,) = containers
        kept = [one for one in container.get("env") or () if one.get("name") not in variables]
        added = [{"name": name, "value": value} for name, value in variables.items()]
        return {"containers": [{**container, "args": [*arguments], "env": [*kept, *added]}]}


def run_job(
    client: Client,
    job_id: str,
    arguments: Sequence[str],
    variables: Mapping[str, str],
    say: Say,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Run:
    """Start a run of the job, and wait for its end.

    Args:
        client: Asks ARM.
        job_id: ARM id of the job.
        arguments: What the job's command is told in this run.
        variables: What the run finds in its environment, besides what the job has there.
        say: Told how far it is.
        sleep: Waits some seconds.
        clock: Tells the time, in seconds.

    Raises:
        SetupError: There is no such job, it is at work already, or it could not be started.
        WorkloadError: The run failed, or how it ended could not be learned.
    """
    started = clock()
    try:
        job = _Job(client, job_id, client.get(job_id, _API).get("properties") or {})
        before = job.executions()
        at_work = sorted(name for name, status in before.items() if status in _AT_WORK)
        if at_work:
            raise SetupError(_busy(job, at_work))
        name = _start(job, job.told(arguments, variables), before, sleep)
    except AzureError as error:
        raise SetupError(_not_started(job_id, str(error), error)) from error
    say(f"{name} is started")
    status = _wait(job, name, say, sleep, clock)
    if status != _SUCCEEDED:
        raise WorkloadError(_failed(job, name, status))
    return Run(name, status, clock() - started)


def _start(
    job: _Job, body: Mapping[str, Any], before: Mapping[str, str], sleep: Callable[[float], None]
) -> str:
    """Start a run once and return its name; one that Azure began without an answer is found again."""
    lost = AzureError(0, "", "the answer names no run")
    try:
        name = job.client.post(f"{job.id}/start", _API, body, once=True).get("name")
        if name:
            return str(name)
    except AzureError as error:
        if 0 < error.status < 500:
            raise
        lost = error
    for _ in range(_LOOKS):
        sleep(_POLL_SECONDS)
        new = job.executions().keys() - before.keys()
        if len(new) == 1:
            return new.pop()
    raise lost


def _wait(job: _Job, name: str, say: Say, sleep: Callable[[float], None], clock: Callable[[], float]) -> str:
    """Return the status that a run ended with."""
    started, silent = clock(), 0
    while True:
        elapsed = clock() - started
        try:
            status = _status(job.client.get(f"{job.id}/executions/{name}", _API))
            silent = 0
            say(f"{name}: {status}, {elapsed / 60:.0f} min")
        except AzureError as error:
            # A run is not found for some seconds after its start; a lost network may be found again.
            silent += 1
            if error.is_refused or silent >= _MOST_SILENT:
                raise WorkloadError(_unknown_end(job, name, str(error))) from error
            status = "Unknown"
        if status not in _OPEN:
            return status
        if elapsed > job.longest_seconds:
            told = f"still {status} after {elapsed / 60:.0f} minutes"
            raise WorkloadError(_unknown_end(job, name, told))
        sleep(_POLL_SECONDS)


def _status(execution: Mapping[str, Any]) -> str:
    return str((execution.get("properties") or {}).get("status") or "Unknown")


def _show(job: _Job, name: str) -> str:
    """Write the commands that tell how a run stands and what it said."""
    _, _, subscription, _, group, *_ = job.id.split("/")
    place = f"--subscription {subscription} --resource-group {group}"
    log = (
        f"ContainerAppConsoleLogs | where ContainerGroupName startswith '{name}' | "
        "order by TimeGenerated asc | project TimeGenerated, Log"
    )
    return (
        f"az containerapp job execution show --name {job.name} --job-execution-name {name} {place}; what it "
        f"said is in the hub's log workspace: {log}"
    )


def _not_started(job_id: str, told: str, error: AzureError | None = None) -> Diagnostic:
    if error is not None and error.is_absent:
        remedy = "name an image for the hub's runner (`lakeplane image runner HUB`), then bring the hub up"
    elif error is not None and error.is_refused:
        remedy = "sign in as whoever applies; `lakeplane bootstrap SPEC --yes` lets it start the job"
    else:
        remedy = "correct what Azure names, then run the same command again"
    return Diagnostic(
        code="RNR004",
        summary="the hub's job that deploys from inside could not be started",
        detail=told,
        remedy=remedy,
        resource=job_id,
    )


def _busy(job: _Job, at_work: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        code="RNR005",
        summary="the hub's job deploys this environment already",
        detail=f"at work: {', '.join(at_work)}",
        remedy=f"wait for its end: {_show(job, at_work[0])}",
        resource=job.id,
    )


def _failed(job: _Job, name: str, status: str) -> Diagnostic:
    return Diagnostic(
        code="RNR006",
        summary="the run of the hub's job failed",
        detail=f"{name} ended as {status}",
        remedy=f"correct what it said: {_show(job, name)}",
        resource=job.id,
    )


def _unknown_end(job: _Job, name: str, told: str) -> Diagnostic:
    return Diagnostic(
        code="RNR007",
        summary="how the run of the hub's job ends is not known; it may go on",
        detail=told,
        remedy=f"look at it before you start another: {_show(job, name)}",
        resource=job.id,
    )
