"""What an environment holds right now, read from the engine's state, the workspace and the registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lakeplane.jobs import job_run

if TYPE_CHECKING:
    # Both take seconds to load; whoever passes a client has loaded them.
    from databricks.sdk import WorkspaceClient
    from mlflow import MlflowClient

__all__ = [
    "EnvironmentStatus",
    "JobStatus",
    "LastRun",
    "ModelStatus",
    "TableStatus",
    "count_resources",
    "read_jobs",
    "read_models",
    "read_tables",
]

LAYERS = ("bronze", "silver", "gold")


@dataclass(frozen=True, slots=True)
class TableStatus:
    """A Delta table: `version` and `rows` are None where the catalog does not know them."""

    name: str
    layer: str
    path: str
    version: int | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One version of a registered model, with the metrics of the run that made it."""

    name: str
    version: str
    aliases: tuple[str, ...]
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a job; `started` in ISO 8601 UTC."""

    state: str
    started: str
    seconds: float


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A deployed job; `last_run` is None before its first run."""

    name: str
    last_run: LastRun | None


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """The answer of `lakeplane status`, in the order and words that scripts rely on."""

    environment: str
    resources: Mapping[str, int]
    tables: tuple[TableStatus, ...] = ()
    models: tuple[ModelStatus, ...] = ()
    jobs: tuple[JobStatus, ...] = ()
    layers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the status as plain data for JSON; `layers` stays out, it repeats `resources`."""
        data = asdict(self)
        data.pop("layers")
        return data


def count_resources(deployment: Mapping[str, Any]) -> dict[str, int]:
    """Count the cloud resources of an exported stack by type, components and providers left out."""
    resources = deployment.get("deployment", deployment).get("resources") or []
    kinds = Counter(
        resource["type"]
        for resource in resources
        if resource.get("custom")
        and not resource["type"].startswith("pulumi:")
        and not resource.get("external")
    )
    return dict(sorted(kinds.items()))


def read_tables(client: WorkspaceClient, catalog: str) -> tuple[TableStatus, ...]:
    """List the catalog's tables of all layers, with what the catalog knows of version and rows."""
    tables: list[TableStatus] = []
    for layer in LAYERS:
        for table in client.tables.list(catalog_name=catalog, schema_name=layer):
            properties = table.properties or {}
            tables.append(
                TableStatus(
                    name=f"{layer}.{table.name}",
                    layer=layer,
                    path=table.storage_location or "",
                    version=_number(
                        properties.get("delta.version") or properties.get("delta.lastCommitVersion")
                    ),
                    rows=_number(properties.get("numRows") or properties.get("spark.sql.statistics.numRows")),
                )
            )
    return tuple(sorted(tables, key=lambda table: (LAYERS.index(table.layer), table.name)))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.lstrip("-").isdigit() else None


def read_models(client: MlflowClient, names: Iterable[str]) -> tuple[ModelStatus, ...]:
    """Read every version of the registered models `names`, newest first."""
    models: list[ModelStatus] = []
    for name in names:
        versions = client.search_model_versions(f"name='{name}'")
        aliases: dict[str, list[str]] = {}
        if versions:
            for alias, version in client.get_registered_model(name).aliases.items():
                aliases.setdefault(str(version), []).append(alias)
        for version in sorted(versions, key=lambda found: -int(found.version)):
            metrics = client.get_run(version.run_id).data.metrics if version.run_id else {}
            models.append(
                ModelStatus(
                    name=name,
                    version=str(version.version),
                    aliases=tuple(sorted(aliases.get(str(version.version), []))),
                    metrics=dict(sorted(metrics.items())),
                )
            )
    return tuple(models)


def read_jobs(client: WorkspaceClient) -> tuple[JobStatus, ...]:
    """List the deployed jobs with their newest run."""
    jobs: list[JobStatus] = []
    for job in client.jobs.list():
        name = job.settings.name if job.settings and job.settings.name else str(job.job_id)
        newest = next(iter(client.jobs.list_runs(job_id=job.job_id, limit=1)), None)
        last = None
        if newest is not None:
            run = job_run(name, newest)
            started = datetime.fromtimestamp(run.started, tz=UTC).isoformat(timespec="seconds")
            last = LastRun(run.state, started, run.seconds)
        jobs.append(JobStatus(name, last))
    return tuple(sorted(jobs, key=lambda job: job.name))
