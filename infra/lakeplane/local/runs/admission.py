"""Whether a job may run here: its clusters under their policies, its tasks, its libraries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lakeplane.cluster_policies import ClusterType, evaluate
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PolicyViolationError, WorkloadError
from lakeplane.local.deployed import Deployed
from lakeplane.local.places import CloudPlaces
from lakeplane.local.runs.libraries import check_libraries

__all__ = [
    "ClusterRefusedError",
    "RunRefusedError",
    "admit_cluster",
    "check_clusters",
    "check_run",
    "cluster_key",
    "clusters_of",
]

_TASK_KINDS = frozenset(
    {
        "alert_task",
        "clean_rooms_notebook_task",
        "condition_task",
        "dashboard_task",
        "dbt_cloud_task",
        "dbt_platform_task",
        "dbt_task",
        "for_each_task",
        "gen_ai_compute_task",
        "notebook_task",
        "pipeline_task",
        "power_bi_task",
        "python_operator_task",
        "run_job_task",
        "spark_jar_task",
        "spark_python_task",
        "spark_submit_task",
        "sql_task",
    }
)


class ClusterRefusedError(PolicyViolationError):
    """Raised when a cluster breaks its policy; `message` has every reason in the workspace's own words."""

    def __init__(self, message: str, findings: Iterable[Diagnostic]) -> None:
        super().__init__(findings)
        self.message = message


class RunRefusedError(WorkloadError):
    """Raised when a job cannot run; `simulated` is false if the service itself would have run it."""

    def __init__(self, message: str, *, simulated: bool = True) -> None:
        super().__init__(Diagnostic(code="LOC023", summary=message))
        self.message = message
        self.simulated = simulated


def admit_cluster(
    deployed: Deployed, cluster: Mapping[str, Any], cluster_type: ClusterType
) -> dict[str, Any]:
    """Return `cluster` with its policy's values filled in; one without a policy as it is.

    Raises:
        ClusterRefusedError: The policy does not exist, or refuses the cluster.
    """
    policy_id = cluster.get("policy_id")
    if not policy_id:
        return dict(cluster)
    policy = deployed.policy(str(policy_id))
    if policy is None:
        message = f"Can't find a cluster policy with id: {policy_id}."
        raise ClusterRefusedError(message, [Diagnostic(code="LOC024", summary=message)])
    answer = evaluate(
        json.loads(policy.get("definition") or "{}"),
        cluster,
        cluster_type=cluster_type,
        apply_defaults=bool(cluster.get("apply_policy_default_values")),
        pools=deployed.pool_sizes(),
    )
    if not answer.accepted:
        raise ClusterRefusedError(answer.message, answer.findings)
    return answer.cluster


def cluster_key(task: Mapping[str, Any]) -> str:
    """Return what names a task's cluster: its job cluster's key, else the task itself."""
    return str(task.get("job_cluster_key") or f"task:{task['task_key']}")


def clusters_of(settings: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the clusters that a job makes, by the key of `cluster_key`."""
    for shared in settings.get("job_clusters", ()):
        yield str(shared["job_cluster_key"]), shared.get("new_cluster") or {}
    for task in settings.get("tasks", ()):
        if task.get("new_cluster"):
            yield cluster_key(task), task["new_cluster"]


def check_clusters(deployed: Deployed, settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the clusters of a job as their policies complete them.

    Raises:
        ClusterRefusedError: A policy refuses a cluster; the message has the reasons for all of them.
    """
    admitted: dict[str, dict[str, Any]] = {}
    refusals: list[ClusterRefusedError] = []
    for key, cluster in clusters_of(settings):
        try:
            admitted[key] = admit_cluster(deployed, cluster, "job")
        except ClusterRefusedError as refusal:
            refusals.append(refusal)
    if refusals:
        raise ClusterRefusedError(
            " ".join(refusal.message for refusal in refusals),
            [finding for refusal in refusals for finding in refusal.findings],
        )
    return admitted


def check_run(settings: Mapping[str, Any], places: CloudPlaces) -> None:
    """Check that this machine can do what the job asks for.

    Raises:
        RunRefusedError: It cannot; the message has every reason.
    """
    tasks = settings.get("tasks", ())
    if not tasks:
        raise RunRefusedError("The job has no tasks.")
    wrong = [reason for task in tasks for reason in _not_simulated(task, settings)]
    if wrong:
        raise RunRefusedError(f"Not simulated: {'; '.join(wrong)}.", simulated=False)
    missing = [
        f"task {task['task_key']!r}: {finding.summary} ({finding.detail}); {finding.remedy}"
        for task in tasks
        for finding in check_libraries(task.get("libraries", ()), places)
    ]
    if missing:
        raise RunRefusedError(f"Library installation failed: {'; '.join(missing)}.")
    if cycle := _cycle(tasks):
        raise RunRefusedError(f"The tasks depend on each other or on none that exists: {', '.join(cycle)}.")


def _not_simulated(task: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[str]:
    name = f"task {task['task_key']!r}"
    kinds = _TASK_KINDS.intersection(task)
    if kinds:
        yield f"{name} is a {', '.join(sorted(kinds))}, only python_wheel_task runs here"
    elif "python_wheel_task" not in task:
        yield f"{name} has no python_wheel_task"
    if task.get("max_retries"):
        yield f"{name} asks for retries"
    for key in ("existing_cluster_id", "environment_key"):
        if task.get(key):
            yield f"{name} asks for {key}, only job clusters start here"
    if cluster_key(task) not in {key for key, _ in clusters_of(settings)}:
        yield f"{name} has no cluster"
    for dependency in task.get("depends_on", ()):
        if dependency.get("outcome"):
            yield f"{name} depends on the outcome of a condition"


def _cycle(tasks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the tasks that can never start."""
    waiting = {
        str(task["task_key"]): {str(other["task_key"]) for other in task.get("depends_on", ())}
        for task in tasks
    }
    while ready := [key for key, others in waiting.items() if not others & waiting.keys()]:
        for key in ready:
            if not waiting[key] <= {str(task["task_key"]) for task in tasks}:
                return [key]
        waiting = {key: others for key, others in waiting.items() if key not in ready}
    return sorted(waiting)
