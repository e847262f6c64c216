"""`lakeplane status`: what an environment holds."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import LAYERS, Live, Reference, Target, TargetOption, find_environment, go_live
from lakeplane.cli.terminal import Format, Progress, print_json, results

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from lakeplane.report.status import EnvironmentStatus

__all__ = ["read_status", "status"]


def status(
    spec: Reference,
    target: TargetOption = Target.LOCAL,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Show an environment's resources, tables, models and jobs."""
    from lakeplane.report.summary import print_status

    environment = find_environment(spec)
    with go_live(environment, target, Progress()) as live:
        found = read_status(live)
    if output is Format.JSON:
        print_json(found.to_dict())
    else:
        print_status(results(), found)


def read_status(live: Live) -> EnvironmentStatus:
    """Read the environment from the engine's state, the workspace and the model registry."""
    from collections import Counter

    from lakeplane.report import status as reading
    from lakeplane.report.status import EnvironmentStatus
    from lakeplane.spec.workloads import load_workload

    plan = live.environment.plan
    with ThreadPoolExecutor(len(LAYERS)) as both:
        exported = both.map(lambda layer: live.engine.export(plan.stack(layer)), LAYERS)
        layers = dict(zip(LAYERS, map(reading.count_resources, exported), strict=True))
    total: Counter[str] = Counter()
    for kinds in layers.values():
        total.update(kinds)
    if not layers["contents"]:
        return EnvironmentStatus(live.environment.name, dict(sorted(total.items())), layers=layers)
    names = [
        f"{plan.catalog}.ml.{model}" for name in plan.spec.workloads for model in load_workload(name).models
    ]
    workspace, registry = live.workspace(), open_registry(live)
    return EnvironmentStatus(
        environment=live.environment.name,
        resources=dict(sorted(total.items())),
        tables=reading.read_tables(workspace, plan.catalog),
        models=reading.read_models(registry, names) if registry else (),
        jobs=reading.read_jobs(workspace),
        layers=layers,
    )


def open_registry(live: Live) -> MlflowClient | None:
    """Return a client of the environment's model registry; None where the local one was left out."""
    from mlflow import MlflowClient

    if live.cloud is None:
        # MLflow signs in as databricks-sdk does, but does not know which workspace is meant.
        os.environ.setdefault("DATABRICKS_HOST", str(live.workspace().config.host))
        return MlflowClient("databricks", "databricks-uc")
    return MlflowClient(live.cloud.mlflow_url) if live.cloud.mlflow_url else None
