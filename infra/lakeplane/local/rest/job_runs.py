"""Jobs API 2.2 and 2.1: runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lakeplane.local.rest.errors import ApiError, invalid
from lakeplane.local.rest.jobs import job_of
from lakeplane.local.rest.workspace import USER, Workspace, body_of, integer, page, workspace_of
from lakeplane.local.runs import ClusterRefusedError, RunRefusedError

__all__ = ["ROUTES"]

_PRIVATE = ("error", "error_trace")
_MOST_LOG_BYTES = 5 * 1024 * 1024
_LONGEST_TOKEN = 64


async def run_now(request: Request) -> Response:
    """Start a job; with an idempotency token at most once."""
    workspace, body = workspace_of(request), await body_of(request)
    return JSONResponse(await run_in_threadpool(_run_now, workspace, body))


def get_run(request: Request) -> Response:
    """Return a run with its tasks, or one task's run."""
    workspace = workspace_of(request)
    run_id = integer(request.query_params.get("run_id"), "run_id")
    run = workspace.runs.records.get(run_id)
    if run is not None:
        return JSONResponse(_run(run))
    task, parent = _task_of(workspace, run_id)
    return JSONResponse(_task_run(task, parent))


def list_runs(request: Request) -> Response:
    """List runs, the newest first; their tasks only with `expand_tasks`."""
    workspace, query = workspace_of(request), request.query_params
    job_id = integer(query["job_id"], "job_id") if "job_id" in query else None
    active = True if query.get("active_only") == "true" else None
    if query.get("completed_only") == "true":
        if active:
            raise invalid("active_only and completed_only exclude each other.")
        active = False
    earliest = integer(query.get("start_time_from", 0), "start_time_from")
    latest = integer(query.get("start_time_to", 2**62), "start_time_to")
    runs = [
        run
        for run in workspace.runs.records.list(job_id, active=active)
        if earliest <= run["start_time"] <= latest
    ]
    shown, following = page(request, runs, most=25)
    documents = [_run(run) for run in shown]
    if query.get("expand_tasks") != "true":
        for document in documents:
            del document["tasks"]
            document.pop("job_clusters")
    answer: dict[str, Any] = {"has_more": following is not None}
    if documents:
        answer["runs"] = documents
    if following is not None:
        answer["next_page_token"] = following
    return JSONResponse(answer)


def get_output(request: Request) -> Response:
    """Return a task's log, and why it failed."""
    workspace = workspace_of(request)
    run_id = integer(request.query_params.get("run_id"), "run_id")
    if workspace.runs.records.get(run_id) is not None:
        raise invalid(
            "Retrieving the output of runs with multiple tasks is not supported. "
            "Please retrieve the output of each individual task run instead."
        )
    task, parent = _task_of(workspace, run_id)
    answer: dict[str, Any] = {"metadata": _task_run(task, parent)}
    answer |= {key: task[key] for key in _PRIVATE if key in task}
    log = workspace.places.run_logs(parent["run_id"]) / f"{task['task_key']}.log"
    answer["logs"], answer["logs_truncated"] = _log(log)
    return JSONResponse(answer)


async def cancel_run(request: Request) -> Response:
    """Cancel a run; its drivers are killed."""
    workspace, body = workspace_of(request), await body_of(request)
    run_id = integer(body.get("run_id"), "run_id")
    if workspace.runs.records.get(run_id) is None:
        raise invalid(f"Run {run_id} does not exist.")
    await run_in_threadpool(workspace.runs.cancel, run_id)
    return JSONResponse({})


async def cancel_all(request: Request) -> Response:
    """Cancel every run of a job."""
    workspace, body = workspace_of(request), await body_of(request)
    job = job_of(workspace, integer(body.get("job_id"), "job_id"))
    await run_in_threadpool(workspace.runs.cancel_all, job.job_id)
    return JSONResponse({})


def _run_now(workspace: Workspace, body: dict[str, Any]) -> dict[str, Any]:
    job = job_of(workspace, integer(body.get("job_id"), "job_id"))
    token = body.get("idempotency_token") or None
    if token is not None and len(str(token)) > _LONGEST_TOKEN:
        raise invalid(f"idempotency_token must have at most {_LONGEST_TOKEN} characters.")
    not_taken = body.keys() - {"job_id", "job_parameters", "idempotency_token", "queue"}
    if not_taken:
        raise ApiError(501, "NOT_IMPLEMENTED", f"run-now does not simulate {', '.join(sorted(not_taken))}")
    parameters = {str(key): str(value) for key, value in (body.get("job_parameters") or {}).items()}
    try:
        run = workspace.runs.run_now(job, parameters, token)
    except ClusterRefusedError as error:
        raise invalid(error.message) from error
    except RunRefusedError as error:
        if error.simulated:
            raise invalid(error.message) from error
        raise ApiError(501, "NOT_IMPLEMENTED", error.message) from error
    return {"run_id": run["run_id"], "number_in_job": run["number_in_job"]}


def _task_of(workspace: Workspace, run_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    found = workspace.runs.records.task(run_id)
    if found is None:
        raise invalid(f"Run {run_id} does not exist.")
    return found


def _run(run: dict[str, Any]) -> dict[str, Any]:
    tasks = [{key: task[key] for key in task if key not in _PRIVATE} for task in run["tasks"]]
    return run | {"creator_user_name": USER, "tasks": tasks}


def _task_run(task: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
    own = {key: task[key] for key in task if key not in _PRIVATE}
    return own | {
        "job_id": parent["job_id"],
        "job_run_id": parent["run_id"],
        "run_name": task["task_key"],
        "run_type": "JOB_RUN",
        "format": "MULTI_TASK",
        "number_in_job": task["run_id"],
        "creator_user_name": USER,
    }


def _log(path: Path) -> tuple[str, bool]:
    """Return the end of a log, as much as the API gives, and whether that is not all."""
    try:
        size = path.stat().st_size
        with path.open("rb") as log:
            log.seek(max(0, size - _MOST_LOG_BYTES))
            return log.read(_MOST_LOG_BYTES).decode(errors="replace"), size > _MOST_LOG_BYTES
    except FileNotFoundError:
        return "", False


ROUTES = [
    route
    for version in ("2.2", "2.1")
    for route in (
        Route(f"/api/{version}/jobs/run-now", run_now, methods=["POST"]),
        Route(f"/api/{version}/jobs/runs/get", get_run, methods=["GET"]),
        Route(f"/api/{version}/jobs/runs/list", list_runs, methods=["GET"]),
        Route(f"/api/{version}/jobs/runs/get-output", get_output, methods=["GET"]),
        Route(f"/api/{version}/jobs/runs/cancel", cancel_run, methods=["POST"]),
        Route(f"/api/{version}/jobs/runs/cancel-all", cancel_all, methods=["POST"]),
    )
]
