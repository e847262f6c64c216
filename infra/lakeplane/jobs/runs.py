"""One job run, from `run-now` to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.jobs import BaseRun, Run, RunTask

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import WorkloadError

__all__ = ["JobRun", "TaskRun", "find_job", "job_run", "run_job"]

# Quick enough for people, light enough for the service's limits.
POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task of a run; `state` is the service's result state, else its life-cycle state."""

    key: str
    state: str
    seconds: float


@dataclass(frozen=True, slots=True)
class JobRun:
    """A run as it stands: `started` in seconds since the epoch, `seconds` the time since then or in all."""

    job: str
    run_id: int
    state: str
    started: float
    seconds: float
    tasks: tuple[TaskRun, ...] = ()
    page: str | None = None


def find_job(client: WorkspaceClient, name: str) -> int:
    """Return the id of the one deployed job called `name`.

    Raises:
        WorkloadError: No job or several jobs have this name.
    """
    jobs = list(client.jobs.list())
    named = [job.job_id for job in jobs if job.settings and job.settings.name == name and job.job_id]
    if len(named) == 1:
        return named[0]
    have = sorted(job.settings.name for job in jobs if job.settings and job.settings.name)
    raise WorkloadError(
        Diagnostic(
            code="RUN001",
            summary=f"{'several jobs are' if named else 'no job is'} deployed under the name {name!r}",
            detail=f"deployed: {', '.join(have) or 'none'}",
            remedy="run `lakeplane up` for this environment first" if not named else "delete the extra jobs",
        )
    )


def run_job(
    client: WorkspaceClient,
    name: str,
    parameters: Mapping[str, str] | None = None,
    *,
    on_progress: Callable[[JobRun], None] = lambda _: None,
    timeout_seconds: float = 6 * 3600,
) -> JobRun:
    """Start the job `name` and wait until it ends.

    Args:
        client: Client of the workspace that holds the job.
        name: Name of the deployed job.
        parameters: Job parameters that replace the job's defaults; all defaults hold if left out.
        on_progress: Called with each new state of the run.
        timeout_seconds: How long to wait; the run is cancelled after that.

    Raises:
        WorkloadError: The workspace refused the run or does not answer, or the run failed or took too long.
    """
    with _answering(client, name):
        return _run(client, name, parameters, on_progress, timeout_seconds)


def _run(
    client: WorkspaceClient,
    name: str,
    parameters: Mapping[str, str] | None,
    on_progress: Callable[[JobRun], None],
    timeout_seconds: float,
) -> JobRun:
    job_id = find_job(client, name)
    try:
        started = client.jobs.run_now(job_id, job_parameters=dict(parameters) if parameters else None)
    except DatabricksError as error:
        raise WorkloadError(
            Diagnostic(
                code="RUN002",
                summary=f"the workspace refused to run {name!r}",
                detail=f"{error.error_code}: {error}",
                remedy="correct what the workspace names, run `lakeplane up`, then try again",
            )
        ) from error
    run_id: int = started.run_id
    deadline = time.monotonic() + timeout_seconds
    try:
        return _follow(client, name, run_id, deadline, on_progress)
    except KeyboardInterrupt:
        client.jobs.cancel_run(run_id)
        raise


@contextmanager
def _answering(client: WorkspaceClient, name: str) -> Iterator[None]:
    """Tell of a workspace that was called in vain, as often as databricks-sdk sees fit."""
    try:
        yield
    except (TimeoutError, requests.ConnectionError, requests.Timeout) as error:
        cause = f": {error.__cause__}" if error.__cause__ is not None else ""
        raise WorkloadError(
            Diagnostic(
                code="RUN005",
                summary=f"the workspace does not answer; how job {name!r} ends is not known",
                detail=f"{client.config.host}: {error}{cause}",
                remedy="see whether the workspace is up and this machine reaches it; a simulated one says "
                "why it ended in `.lakeplane/<environment>/logs/cloud.log`. Then run the job again: it goes "
                "on from what was committed",
            )
        ) from error


def _follow(
    client: WorkspaceClient, name: str, run_id: int, deadline: float, on_progress: Callable[[JobRun], None]
) -> JobRun:
    last: JobRun | None = None
    while True:
        run = client.jobs.get_run(run_id)
        current = job_run(name, run)
        if current != last:
            on_progress(current)
            last = current
        if _ended(run):
            break
        if time.monotonic() > deadline:
            client.jobs.cancel_run(run_id)
            raise WorkloadError(
                Diagnostic(code="RUN004", summary=f"job {name!r} took too long", remedy="see the run's log")
            )
        time.sleep(POLL_SECONDS)
    if current.state != "SUCCESS":
        raise WorkloadError(_failures(client, name, run))
    return current


def _failures(client: WorkspaceClient, name: str, run: Run) -> list[Diagnostic]:
    findings = []
    for task in run.tasks or []:
        if _state(task) in {"SUCCESS", "SUCCESS_WITH_FAILURES", "UPSTREAM_FAILED", "EXCLUDED"}:
            continue
        detail = task.state.state_message if task.state and task.state.state_message else ""
        if task.run_id:
            output = client.jobs.get_run_output(task.run_id)
            detail = output.error or detail
        findings.append(
            Diagnostic(
                code="RUN003",
                summary=f"task {task.task_key!r} of job {name!r} ended as {_state(task)}",
                detail=detail,
                remedy=f"read the task's log: {task.run_page_url or run.run_page_url or 'in the workspace'}",
            )
        )
    state = run.state.state_message if run.state else ""
    return findings or [
        Diagnostic(code="RUN003", summary=f"job {name!r} ended as {_state(run)}", detail=state or "")
    ]


def _ended(run: Run) -> bool:
    return bool(
        run.state
        and run.state.life_cycle_state
        and run.state.life_cycle_state.value in {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}
    )


def _state(run: Run | BaseRun | RunTask) -> str:
    if run.state is None:
        return "PENDING"
    state = run.state.result_state or run.state.life_cycle_state
    return str(state.value) if state else "PENDING"


def _seconds(run: Run | BaseRun | RunTask) -> float:
    if not run.start_time:
        return 0.0
    end = run.end_time or time.time() * 1000
    return round(max(0.0, (end - run.start_time) / 1000), 1)


def job_run(name: str, run: Run | BaseRun) -> JobRun:
    """Return a run of the service in our words."""
    tasks = tuple(TaskRun(task.task_key, _state(task), _seconds(task)) for task in run.tasks or ())
    return JobRun(
        job=name,
        run_id=run.run_id or 0,
        state=_state(run),
        started=(run.start_time or 0) / 1000,
        seconds=_seconds(run),
        tasks=tasks,
        page=run.run_page_url,
    )
