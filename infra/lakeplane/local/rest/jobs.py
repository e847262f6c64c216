"""Jobs API 2.2 and 2.1: jobs."""

from __future__ import annotations

import json
import time
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lakeplane.local.deployed import API_JOB, Job
from lakeplane.local.rest.errors import invalid
from lakeplane.local.rest.workspace import USER, Workspace, body_of, integer, page, workspace_of
from lakeplane.local.runs import ClusterRefusedError, RunRefusedError, check_clusters

__all__ = ["ROUTES", "job_of", "refusal"]

_LISTED = ("name", "tags", "format", "max_concurrent_runs", "schedule", "timeout_seconds", "trigger")


def list_jobs(request: Request) -> Response:
    """List jobs, the newest first; their tasks only with `expand_tasks`."""
    jobs = workspace_of(request).deployed.jobs()
    if name := request.query_params.get("name"):
        jobs = [job for job in jobs if str(job.settings.get("name", "")).lower() == name.lower()]
    shown, following = page(request, jobs, most=100)
    expand = request.query_params.get("expand_tasks") == "true"
    answer: dict[str, Any] = {"has_more": following is not None}
    if shown:
        answer["jobs"] = [_document(job, expand=expand) for job in shown]
    if following is not None:
        answer["next_page_token"] = following
    return JSONResponse(answer)


def get_job(request: Request) -> Response:
    """Return one job with all its settings."""
    workspace = workspace_of(request)
    job = job_of(workspace, integer(request.query_params.get("job_id"), "job_id"))
    return JSONResponse(_document(job, expand=True) | {"run_as_user_name": USER})


async def create_job(request: Request) -> Response:
    """Create a job whose clusters keep to their policies."""
    workspace, settings = workspace_of(request), await body_of(request)
    return JSONResponse({"job_id": await run_in_threadpool(_create, workspace, settings)})


async def delete_job(request: Request) -> Response:
    """Delete a job that was created through the API."""
    workspace, body = workspace_of(request), await body_of(request)
    job = job_of(workspace, integer(body.get("job_id"), "job_id"))
    deleted = workspace.store.execute(
        "DELETE FROM api_objects WHERE kind = ? AND id = ?", (API_JOB, str(job.job_id))
    )
    if not deleted:
        raise invalid(f"Job {job.job_id} was deployed by Pulumi; remove it from the program instead.")
    workspace.runs.cancel_all(job.job_id)
    return JSONResponse({})


def job_of(workspace: Workspace, job_id: int) -> Job:
    """Return a job.

    Raises:
        ApiError: It does not exist; the service says so with 400.
    """
    job = workspace.deployed.job(job_id)
    if job is None:
        raise invalid(f"Job {job_id} does not exist.")
    return job


def refusal(error: ClusterRefusedError | RunRefusedError) -> Exception:
    """Return the API's error for a refused job or run."""
    return invalid(error.message)


def _create(workspace: Workspace, settings: dict[str, Any]) -> int:
    keys = [task.get("task_key") for task in settings.get("tasks", ())]
    if not all(keys) or len(set(keys)) != len(keys):
        raise invalid("Every task needs a task_key of its own.")
    try:
        check_clusters(workspace.deployed, settings)
    except ClusterRefusedError as error:
        raise refusal(error) from error
    settings.pop("access_control_list", None)
    with workspace.store.transaction():
        job_id = max([job.job_id for job in workspace.deployed.jobs()], default=0) + 1
        document = json.dumps({"settings": settings, "created": time.time()})
        workspace.store.execute("INSERT INTO api_objects VALUES (?, ?, ?)", (API_JOB, str(job_id), document))
    return job_id


def _document(job: Job, *, expand: bool) -> dict[str, Any]:
    settings = {"format": "MULTI_TASK", "max_concurrent_runs": 1, "timeout_seconds": 0, **job.settings}
    settings.pop("control_run_state", None)
    if not expand:
        settings = {key: settings[key] for key in _LISTED if key in settings}
    return {
        "job_id": job.job_id,
        "creator_user_name": USER,
        "created_time": round(job.created * 1000),
        "settings": settings,
    }


ROUTES = [
    route
    for version in ("2.2", "2.1")
    for route in (
        Route(f"/api/{version}/jobs/list", list_jobs, methods=["GET"]),
        Route(f"/api/{version}/jobs/get", get_job, methods=["GET"]),
        Route(f"/api/{version}/jobs/create", create_job, methods=["POST"]),
        Route(f"/api/{version}/jobs/delete", delete_job, methods=["POST"]),
    )
]
