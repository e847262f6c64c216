"""Jobs of workload manifests: their clusters, and what of them can be wrong in itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakeplane.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lakeplane.spec.documents import Document, KeyPath

__all__ = ["Installed", "JobCluster", "check_jobs", "installed_packages", "job_clusters"]

_RUN_TIME = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_RUN_TIME_VALUES = ("job.id", "job.run_id", "task.name")


@dataclass(frozen=True, slots=True)
class JobCluster:
    """A cluster that a job asks for.

    Attributes:
        path: Where it stands in the manifest.
        spec: The cluster, in the form of the REST API.
    """

    path: KeyPath
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Installed:
    """Something that a run installs before it starts.

    Attributes:
        path: Where it stands in the manifest.
        name: The package, or the wheel, whose dependencies are installed with it.
        serverless: Whether serverless compute installs it, and no cluster.
    """

    path: KeyPath
    name: str
    serverless: bool


def installed_packages(job: Mapping[str, Any], path: KeyPath) -> Iterator[Installed]:
    """Find what a job installs from package indexes: libraries of its tasks, dependencies of environments.

    Args:
        job: The job, in the form of the REST API.
        path: Where the job stands in the manifest.
    """
    for index, task in _mappings(job.get("tasks")):
        place = (*path, "tasks", index)
        yield from _libraries(task, place)
        repeated = task.get("for_each_task")
        if isinstance(repeated, dict) and isinstance(repeated.get("task"), dict):
            yield from _libraries(repeated["task"], (*place, "for_each_task", "task"))
    for index, environment in _mappings(job.get("environments")):
        spec = environment.get("spec")
        dependencies = spec.get("dependencies") if isinstance(spec, dict) else None
        for position, name in enumerate(dependencies if isinstance(dependencies, list) else ()):
            place = (*path, "environments", index, "spec", "dependencies", position)
            yield Installed(place, str(name), serverless=True)


def job_clusters(job: Mapping[str, Any], path: KeyPath) -> Iterator[JobCluster]:
    """Find every cluster that a job asks for: shared ones, and those of single tasks.

    Args:
        job: The job, in the form of the REST API.
        path: Where the job stands in the manifest.
    """
    for index, shared in _mappings(job.get("job_clusters")):
        yield from _cluster(shared, (*path, "job_clusters", index))
    for index, task in _mappings(job.get("tasks")):
        place = (*path, "tasks", index)
        yield from _cluster(task, place)
        repeated = task.get("for_each_task")
        if isinstance(repeated, dict) and isinstance(repeated.get("task"), dict):
            yield from _cluster(repeated["task"], (*place, "for_each_task", "task"))


def check_jobs(job: Mapping[str, Any], document: Document, path: KeyPath) -> list[Diagnostic]:
    """Find references inside a job that lead nowhere: clusters, tasks, and parameters.

    Args:
        job: The job, in the form of the REST API.
        document: The manifest, for places.
        path: Where the job stands in the manifest.
    """
    clusters = [str(one.get("job_cluster_key")) for _, one in _mappings(job.get("job_clusters"))]
    tasks = [str(task.get("task_key")) for _, task in _mappings(job.get("tasks"))]
    parameters = [f"job.parameters.{one.get('name')}" for _, one in _mappings(job.get("parameters"))]
    findings: list[Diagnostic] = []

    def note(code: str, summary: str, found: Any, allowed: list[str], place: KeyPath) -> None:
        findings.append(
            Diagnostic(
                code=code,
                summary=summary,
                detail=f"found {found!r}; allowed: {', '.join(allowed) or 'none is declared'}",
                remedy="use one of those allowed, or declare it in the job",
                path=place,
                location=document.locate(place),
            )
        )

    for index, task in _mappings(job.get("tasks")):
        place = (*path, "tasks", index)
        key = task.get("job_cluster_key")
        if key is not None and key not in clusters:
            note(
                "WKL023",
                "task names a job cluster that does not exist",
                key,
                clusters,
                (*place, "job_cluster_key"),
            )
        for position, before in _mappings(task.get("depends_on")):
            others = [one for one in tasks if one != task.get("task_key")]
            if before.get("task_key") not in others:
                target = (*place, "depends_on", position, "task_key")
                note(
                    "WKL024",
                    "task depends on one that does not exist",
                    before.get("task_key"),
                    others,
                    target,
                )
    for place, reference in _run_time_references(job, path):
        if reference not in (*parameters, *_RUN_TIME_VALUES):
            note("WKL025", "unknown run-time reference", reference, [*parameters, *_RUN_TIME_VALUES], place)
    return findings


def _mappings(items: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    if isinstance(items, list):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, dict))


def _libraries(task: Mapping[str, Any], path: KeyPath) -> Iterator[Installed]:
    for index, library in _mappings(task.get("libraries")):
        for kind in ("pypi", "maven", "cran"):
            named = library.get(kind)
            if isinstance(named, dict):
                name = str(named.get("package") or named.get("coordinates") or "")
                yield Installed((*path, "libraries", index), name, serverless=False)
        if "whl" in library:
            yield Installed((*path, "libraries", index), str(library["whl"]), serverless=False)


def _cluster(owner: Mapping[str, Any], path: KeyPath) -> Iterator[JobCluster]:
    spec = owner.get("new_cluster")
    if isinstance(spec, dict):
        yield JobCluster((*path, "new_cluster"), spec)


def _run_time_references(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _run_time_references(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _run_time_references(item, (*path, index))
    elif isinstance(value, str):
        yield from ((path, match[1]) for match in _RUN_TIME.finditer(value))
