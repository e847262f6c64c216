"""An environment as a verb meets it: its spec, its plan, and its target with engine and workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.terminal import Progress
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError
from lakeplane.layout import EnvironmentLayout, ProjectLayout, find_project
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.spec import load_spec

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from lakeplane.engine import Engine
    from lakeplane.local.lifecycle import CloudEndpoints

__all__ = [
    "LAYERS",
    "Environment",
    "Live",
    "Reference",
    "Target",
    "TargetOption",
    "find_environment",
    "go_live",
    "spec_path",
]

LAYERS = ("foundation", "contents")


class Target(StrEnum):
    """Where an environment lives: on this machine's simulated cloud, or on Azure."""

    LOCAL = "local"
    AZURE = "azure"


Reference = Annotated[str, typer.Argument(metavar="SPEC", help="A spec's path, or an environment's name.")]
TargetOption = Annotated[Target, typer.Option("--target", help="The simulated cloud, or Azure.")]


@dataclass(frozen=True, slots=True)
class Environment:
    """A loaded spec with its plan and the files around it."""

    path: Path
    project: ProjectLayout
    plan: EnvironmentPlan

    @property
    def name(self) -> str:
        """The environment's name, as the spec gives it."""
        return self.plan.spec.name

    @property
    def files(self) -> EnvironmentLayout:
        """What the local target keeps for this environment."""
        return self.project.environment(self.name)


@dataclass(frozen=True, slots=True)
class Live:
    """An environment with an engine that can reach it, and the cloud if that is simulated."""

    environment: Environment
    target: Target
    engine: Engine
    cloud: CloudEndpoints | None

    def workspace(self) -> WorkspaceClient:
        """Return a client of the environment's workspace, signed in the target's way."""
        from databricks.sdk import WorkspaceClient

        if self.cloud is not None:
            return WorkspaceClient(host=self.cloud.workspace_url, token=self.cloud.token, auth_type="pat")
        outputs = self.engine.outputs(self.environment.plan.stack("foundation"))
        foundation = outputs.get("foundation", {})
        return WorkspaceClient(
            host=f"https://{foundation['databricks_workspace_url']}",
            azure_workspace_resource_id=self.environment.plan.databricks_workspace_id,
        )


def spec_path(reference: str) -> Path:
    """Find the spec that a user names by path or by environment name.

    Raises:
        SpecError: There is no such spec.
    """
    path = Path(reference)
    if path.suffix in {".yaml", ".yml"} or path.exists():
        if not path.is_file():
            raise SpecError(_no_spec(reference, "no such file"))
        return path
    project = find_project()
    path = project.environments / f"{reference}.yaml"
    if not path.is_file():
        have = ", ".join(sorted(found.stem for found in project.environments.glob("*.yaml")))
        raise SpecError(_no_spec(reference, f"environments here: {have or 'none'}"))
    return Path(os.path.relpath(path))


def find_environment(reference: str) -> Environment:
    """Load the spec that a user names by path or by environment name, and plan it.

    Raises:
        SpecError: There is no such spec, or it has findings.
    """
    path = spec_path(reference)
    return Environment(path, find_project(path.resolve().parent), plan_environment(load_spec(path)))


def _no_spec(reference: str, detail: str) -> Diagnostic:
    return Diagnostic(
        code="SPC001",
        summary=f"no spec is found under {reference!r}",
        detail=detail,
        remedy="pass the path of a YAML file, or write a starter with `lakeplane new NAME`",
    )


@contextmanager
def go_live(
    environment: Environment, target: Target, progress: Progress, *, mlflow: bool = True, jobs: bool = False
) -> Iterator[Live]:
    """Make ready what a verb needs to act: the Pulumi CLI, and the simulated cloud on the local target.

    A cloud that `lakeplane local start` left running is used as it is; one started here ends here. With
    `jobs`, a driver for them starts beside everything else.
    """
    from lakeplane.engine import Engine, ensure_engine, local_environment

    with progress.step("Pulumi engine") as say:
        binaries = ensure_engine(say)
        say(f"Pulumi {binaries.version}")
    if target is Target.AZURE:
        yield Live(environment, target, Engine(environment.project, binaries, {}), None)
        return
    from lakeplane.local.lifecycle import running_cloud

    with ExitStack() as stack:
        with progress.step("simulated cloud") as say:
            cloud = stack.enter_context(
                running_cloud(environment.files, project=environment.project, mlflow=mlflow, warm=jobs)
            )
            say(cloud.workspace_url)
        variables = local_environment(environment.project, environment.name, cloud.provider_ports)
        yield Live(environment, target, Engine(environment.project, binaries, variables), cloud)
