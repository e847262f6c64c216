"""The workloads' wheel and their jobs, in the workspace."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pulumi_databricks as databricks

from lakeplane.components.group_permissions import permit_groups
from lakeplane.provider_models.names import rest_to_arguments
from lakeplane.spec import interpolate

__all__ = ["WorkloadJobs", "WorkloadJobsArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadJobsArgs:
    """What the jobs need.

    Attributes:
        jobs: Jobs by key, in the form of the Jobs REST API, with `${…}` still in them.
        wheel: The wheel on this machine.
        artifacts_path: Path of the volume that wheels go to.
        values: Value of each reference but `var.wheel`, such as `var.catalog`; ids of resources are outputs.
        tags: Tags of every job, beside its own; none if left out.
        managers: Groups that may start and stop runs; without any, administrators alone may.
    """

    jobs: Mapping[str, Mapping[str, Any]]
    wheel: Path
    artifacts_path: pulumi.Input[str]
    values: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    managers: Sequence[str] = ()


class WorkloadJobs(pulumi.ComponentResource):
    """The wheel in a volume, under a path that tells its content, and one job for each in the manifests.

    Attributes:
        wheel_path: Where the wheel lies in the workspace; waits for the upload.
        job_ids: Ids of the jobs by key.
    """

    def __init__(self, name: str, args: WorkloadJobsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:jobs:WorkloadJobs", name, None, opts)
        digest = hashlib.sha256(args.wheel.read_bytes()).hexdigest()
        wheel_path = pulumi.Output.concat(args.artifacts_path, f"/{digest[:8]}/{args.wheel.name}")
        wheel = databricks.File(
            f"{name}-wheel",
            path=wheel_path,
            source=str(args.wheel),
            # Other machines build the same wheel elsewhere; another content has another path.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["source"]),
        )
        self.wheel_path: pulumi.Output[str] = wheel.path
        values = {**args.values, "var.wheel": self.wheel_path}
        self.job_ids: dict[str, pulumi.Output[str]] = {}
        for key, definition in args.jobs.items():
            suffix = key.replace("_", "-")
            job = databricks.Job(
                f"{name}-{suffix}",
                **_job_arguments(definition, values, args.tags),
                opts=pulumi.ResourceOptions(parent=self),
            )
            permit_groups(
                f"{name}-{suffix}-permissions", args.managers, "CAN_MANAGE_RUN", parent=self, job_id=job.id
            )
            self.job_ids[key] = job.id
        self.register_outputs({"wheel_path": self.wheel_path, "job_ids": self.job_ids})


def _job_arguments(
    definition: Mapping[str, Any], values: Mapping[str, Any], tags: Mapping[str, str]
) -> dict[str, Any]:
    job: dict[str, Any] = interpolate(dict(definition), values)
    job["tags"] = {**tags, **job.get("tags", {})}
    # The provider compares tasks in order, and the API answers them sorted (pulumi/pulumi-databricks#49).
    if "tasks" in job:
        job["tasks"] = sorted(job["tasks"], key=lambda task: str(task["task_key"]))
    return rest_to_arguments(databricks.JobArgs, job)
