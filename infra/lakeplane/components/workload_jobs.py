"""The workloads' wheel and their jobs, in the workspace."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pulumi_databricks as databricks

from lakeplane.components.group_permissions import AccessRights, permit
from lakeplane.provider_models.names import rest_to_arguments
from lakeplane.spec import interpolate

__all__ = ["JobDefaults", "WorkloadJobs", "WorkloadJobsArgs", "workload_urns"]

_TYPE = "lakeplane:jobs:WorkloadJobs"
_TIMED = ("continuous", "schedule", "trigger")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDefaults:
    """What a job gets where its manifest says nothing.

    Attributes:
        tags: Tags beside its own; none if left out.
        paused: Whether schedules and triggers wait until somebody starts them; they don't if left out.
        timeout_seconds: Seconds after which a run is ended; a day if left out.
        task_retries: How often a failed task is tried again, a minute later; never if left out.
        emails: Who is told, beside whom the manifest names, of failures and of runs that take long; nobody
            if left out.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    paused: bool = False
    timeout_seconds: int = 86_400
    task_retries: int = 0
    emails: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadJobsArgs:
    """What the jobs need.

    Attributes:
        jobs: Jobs by key, in the form of the Jobs REST API, with `${…}` still in them.
        wheel: The wheel on this machine.
        artifacts_path: Path of the volume that wheels go to.
        values: Value of each reference but `var.wheel`, such as `var.catalog`; ids of resources are outputs.
        run_as: Application id of the service principal that every job runs as, one that the deployer may use;
            if left out, jobs run as the deployer, or as their manifest says.
        defaults: What a job gets where its manifest says nothing.
        rights: Who may see, start and stop runs; administrators alone if left out.
    """

    jobs: Mapping[str, Mapping[str, Any]]
    wheel: Path
    artifacts_path: pulumi.Input[str]
    values: Mapping[str, Any]
    run_as: pulumi.Input[str] | None = None
    defaults: JobDefaults = field(default_factory=JobDefaults)
    rights: AccessRights = field(default_factory=AccessRights)


class WorkloadJobs(pulumi.ComponentResource):
    """The wheel in a volume, under a path that tells its content, and one job for each in the manifests.

    Attributes:
        wheel_path: Where the wheel lies in the workspace; waits for the upload.
        job_ids: Ids of the jobs by key.
    """

    databricks_provider: ClassVar[str] = "workspace"

    def __init__(self, name: str, args: WorkloadJobsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(_TYPE, name, None, opts)
        digest = hashlib.sha256(args.wheel.read_bytes()).hexdigest()
        wheel_path = pulumi.Output.concat(args.artifacts_path, f"/{digest[:8]}/{args.wheel.name}")
        wheel = databricks.File(
            _wheel_name(name),
            path=wheel_path,
            source=str(args.wheel),
            # Other machines build the same wheel elsewhere; another content has another path. Earlier wheels
            # stay in the volume: runs that have begun, and jobs that are not updated yet, still read them.
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=["source"], retain_on_delete=True, delete_before_replace=False
            ),
        )
        self.wheel_path: pulumi.Output[str] = wheel.path
        values = {**args.values, "var.wheel": self.wheel_path}
        self.job_ids: dict[str, pulumi.Output[str]] = {}
        for key, definition in args.jobs.items():
            job = databricks.Job(
                _job_name(name, key),
                **_job_arguments(definition, values, args),
                opts=pulumi.ResourceOptions(parent=self),
            )
            permit(_permissions_name(name, key), args.rights, parent=self, job_id=job.id)
            self.job_ids[key] = job.id
        self.register_outputs({"wheel_path": self.wheel_path, "job_ids": self.job_ids})


def workload_urns(name: str, *, project: str, stack: str, job_keys: Iterable[str]) -> tuple[str, ...]:
    """Return the URNs of the wheel and of some jobs with their permissions, as the component makes them.

    Args:
        name: The component's name.
        project: Name of the Pulumi project.
        stack: Name of the stack.
        job_keys: Keys of the jobs.
    """
    keys = tuple(job_keys)
    kinds = [("file:File", _wheel_name(name))]
    kinds += [("job:Job", _job_name(name, key)) for key in keys]
    kinds += [("permissions:Permissions", _permissions_name(name, key)) for key in keys]
    return tuple(
        f"urn:pulumi:{stack}::{project}::{_TYPE}$databricks:index/{kind}::{child}" for kind, child in kinds
    )


def _wheel_name(name: str) -> str:
    return f"{name}-wheel"


def _job_name(name: str, key: str) -> str:
    return f"{name}-{key.replace('_', '-')}"


def _permissions_name(name: str, key: str) -> str:
    return f"{_job_name(name, key)}-permissions"


def _job_arguments(
    definition: Mapping[str, Any], values: Mapping[str, Any], args: WorkloadJobsArgs
) -> dict[str, Any]:
    job: dict[str, Any] = interpolate(dict(definition), values)
    defaults = args.defaults
    job["tags"] = {**defaults.tags, **job.get("tags", {})}
    job.setdefault("timeout_seconds", defaults.timeout_seconds)
    if args.run_as is not None:
        job["run_as"] = {"service_principal_name": args.run_as}
    if defaults.emails:
        job["email_notifications"] = _notifications(job.get("email_notifications", {}), defaults.emails)
    for timed in _TIMED:
        if timed in job:
            paused = "PAUSED" if defaults.paused else "UNPAUSED"
            job[timed] = {"pause_status": paused, **job[timed]}
    # The provider compares tasks in order, and the API answers them sorted (pulumi/pulumi-databricks#49).
    if "tasks" in job:
        tasks = [_with_retries(task, defaults.task_retries) for task in job["tasks"]]
        job["tasks"] = sorted(tasks, key=lambda task: str(task["task_key"]))
    return rest_to_arguments(databricks.JobArgs, job)


def _with_retries(task: Mapping[str, Any], retries: int) -> dict[str, Any]:
    if not retries or "max_retries" in task:
        return dict(task)
    return {"max_retries": retries, "min_retry_interval_millis": 60_000, **task}


def _notifications(given: Mapping[str, Any], emails: Sequence[str]) -> dict[str, Any]:
    told = {
        when: [*given.get(when, ()), *(each for each in emails if each not in given.get(when, ()))]
        for when in ("on_failure", "on_duration_warning_threshold_exceeded")
    }
    return {"no_alert_for_skipped_runs": True, **given, **told}
