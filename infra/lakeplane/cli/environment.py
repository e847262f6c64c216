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
from lakeplane.hub_planning import HubPlan, hub_beside, plan_hub
from lakeplane.layout import EnvironmentLayout, ProjectLayout, find_project
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.spec import load_spec
from lakeplane.spec.hub import is_hub, load_hub

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from lakeplane.engine import Engine
    from lakeplane.local.lifecycle import CloudEndpoints

__all__ = [
    "LAYERS",
    "Environment",
    "Hub",
    "LayerChoice",
    "Live",
    "Reference",
    "Target",
    "TargetOption",
    "find_environment",
    "find_subject",
    "go_live",
    "prepare_spark",
    "spec_path",
]

LAYERS = ("foundation", "contents")
LOCAL_RETRY_SECONDS = 20


class Target(StrEnum):
    """Where an environment lives: on this machine's simulated cloud, or on Azure."""

    LOCAL = "local"
    AZURE = "azure"


class LayerChoice(StrEnum):
    """Which stacks to look at."""

    FOUNDATION = "foundation"
    CONTENTS = "contents"
    HUB = "hub"
    ALL = "all"


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
    def layers(self) -> tuple[str, ...]:
        """Layers of its stacks, from bottom to top."""
        return LAYERS

    @property
    def files(self) -> EnvironmentLayout:
        """What the local target keeps for this environment."""
        return self.project.environment(self.name)


@dataclass(frozen=True, slots=True)
class Hub:
    """A loaded hub spec with its plan and the files around it."""

    path: Path
    project: ProjectLayout
    plan: HubPlan

    @property
    def name(self) -> str:
        """The hub's name, as the spec gives it."""
        return self.plan.spec.name

    @property
    def layers(self) -> tuple[str, ...]:
        """Its only layer."""
        return ("hub",)

    @property
    def files(self) -> EnvironmentLayout:
        """What the local target keeps for this hub."""
        return self.project.environment(self.name)


@dataclass(frozen=True, slots=True)
class Live:
    """An environment or a hub with an engine that can reach it, and the cloud if that is simulated."""

    subject: Environment | Hub
    target: Target
    engine: Engine
    cloud: CloudEndpoints | None

    @property
    def environment(self) -> Environment:
        """The environment, for verbs that hubs don't have."""
        if isinstance(self.subject, Hub):
            raise SpecError(_no_environment(self.subject))
        return self.subject

    def workspace(self) -> WorkspaceClient:
        """Return a client of the environment's workspace, signed in the target's way."""
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.config import Config

        if self.cloud is not None:
            # Loopback answers, or its server is gone: the SDK's five minutes of calling again help nobody.
            return WorkspaceClient(
                config=Config(
                    host=self.cloud.workspace_url,
                    token=self.cloud.token,
                    auth_type="pat",
                    retry_timeout_seconds=LOCAL_RETRY_SECONDS,
                )
            )
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
            detail = "that is a directory" if path.is_dir() else "no such file"
            raise SpecError(_no_spec(reference, detail))
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
    spec = load_spec(path)
    plan = plan_environment(spec, hub_beside(path, spec.network.hub))
    return Environment(path, find_project(path.resolve().parent), plan)


def find_subject(reference: str) -> Environment | Hub:
    """Load the spec of an environment or of a hub, for verbs that both have.

    Raises:
        SpecError: There is no such spec, or it has findings.
    """
    path = spec_path(reference)
    if is_hub(path):
        return Hub(path, find_project(path.resolve().parent), plan_hub(load_hub(path)))
    return find_environment(reference)


def _no_environment(hub: Hub) -> Diagnostic:
    return Diagnostic(
        code="HUB008",
        summary=f"{hub.name!r} is a hub, which runs nothing",
        remedy="name an environment; hubs have the verbs validate, preview, up and destroy",
    )


def _no_spec(reference: str, detail: str) -> Diagnostic:
    return Diagnostic(
        code="SPC001",
        summary=f"no spec is found under {reference!r}",
        detail=detail,
        remedy="pass the path of a YAML file, or write a starter with `lakeplane new NAME`",
    )


def prepare_spark(progress: Progress) -> None:
    """Bring what Spark needs on this machine, showing a step only where something has to be brought."""
    from lakeplane.local.class_archive import class_archive, ensure_class_archive

    if not class_archive().parent.is_dir():
        with progress.step("Spark on this machine") as say:
            ensure_class_archive(say)


def _sign_in(subject: Environment | Hub) -> None:
    """Sign in as the hub's runner, if this is it; elsewhere the providers do so by themselves."""
    from lakeplane.azure.bootstrap.subject import subject_of, subject_of_hub
    from lakeplane.azure.inside import sign_in_inside

    plan = subject.plan
    sign_in_inside(
        os.environ, lambda: subject_of_hub(plan) if isinstance(plan, HubPlan) else subject_of(plan)
    )


@contextmanager
def go_live(
    environment: Environment | Hub,
    target: Target,
    progress: Progress,
    *,
    mlflow: bool = True,
    jobs: bool = False,
) -> Iterator[Live]:
    """Make ready what a verb needs to act: the Pulumi CLI, and the simulated cloud on the local target.

    A cloud that `lakeplane local start` left running, or that another command started, is used too; one
    started here ends with its last user. With `jobs`, a driver for them starts beside everything else.
    """
    from lakeplane.engine import Engine, ensure_engine, local_environment

    with progress.step("Pulumi engine") as say:
        binaries = ensure_engine(say)
        say(f"Pulumi {binaries.version}")
    if target is Target.AZURE:
        _sign_in(environment)
        yield Live(environment, target, Engine(environment.project, binaries, {}, progress.tell), None)
        return
    from lakeplane.local.lifecycle import running_cloud

    if jobs:
        prepare_spark(progress)
    with ExitStack() as stack:
        with progress.step("simulated cloud") as say:
            cloud = stack.enter_context(
                running_cloud(environment.files, project=environment.project, mlflow=mlflow, warm=jobs)
            )
            say(cloud.workspace_url)
        variables = local_environment(environment.project, environment.name, cloud.provider_ports)
        engine = Engine(environment.project, binaries, variables, progress.tell)
        yield Live(environment, target, engine, cloud)
