"""A project's own program, run in process for each layer of an environment or a hub."""

from __future__ import annotations

import contextlib
import os
import runpy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from ruamel.yaml import YAML

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError, PlatformError
from lakeplane.layout import ProjectLayout, find_project
from lakeplane.render import Graph, render
from lakeplane.spec import EnvironmentSpec, load_spec
from lakeplane.spec.hub import HubSpec, is_hub, load_hub

__all__ = ["Rendered", "Subject", "choose_layers", "find_subject", "render_layers"]

_LAYERS = ("foundation", "contents")
_HUB_LAYERS = ("hub",)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is previewed.

    Attributes:
        path: Path of its spec, absolute.
        project: The project that the spec lies in.
        spec: What the spec says.
    """

    path: Path
    project: ProjectLayout
    spec: EnvironmentSpec | HubSpec

    @property
    def environment(self) -> str:
        """Its name."""
        return self.spec.name

    @property
    def layers(self) -> tuple[str, ...]:
        """Its layers, in the order in which they are deployed."""
        return _HUB_LAYERS if isinstance(self.spec, HubSpec) else _LAYERS

    def shown(self, layer: str) -> tuple[str, ...]:
        """Return the layers that a choice of one, or of `all`, shows.

        Raises:
            PlanError: It has no such layer.
        """
        return choose_layers(layer, self.layers)


def choose_layers(layer: str, layers: tuple[str, ...]) -> tuple[str, ...]:
    """Return the layers that a choice of one, or of `all`, means.

    Raises:
        PlanError: There is no such layer among them.
    """
    if layer == "all":
        return layers
    if layer in layers:
        return (layer,)
    raise PlanError(
        Diagnostic(
            code="PRV004",
            summary="the spec has no such layer",
            detail=f"found {layer!r}; allowed: {', '.join(layers)}, all",
            remedy="leave out --layer, or name a layer of the spec",
        )
    )


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the stacks of a subject register.

    Attributes:
        subject: What was rendered.
        layers: The layers that are shown.
        graphs: What each layer registers; those below the shown ones are there too.
    """

    subject: Subject
    layers: tuple[str, ...]
    graphs: Mapping[str, Graph]


def find_subject(spec_path: Path) -> Subject:
    """Load the spec of an environment or of a hub.

    Raises:
        SpecError: The spec is wrong.
        SetupError: The spec lies in no project.
    """
    path = spec_path.resolve()
    spec = load_hub(spec_path) if is_hub(spec_path) else load_spec(spec_path)
    return Subject(path, find_project(path.parent), spec)


def render_layers(spec_path: Path, layer: str = "all") -> Rendered:
    """Run the project's own `stacks/__main__.py` for each layer, as `pulumi up` runs it.

    `contents` sees the outputs that `foundation` registers in the same run; what those don't know yet stays
    unknown.

    Args:
        spec_path: Path of the spec, inside a project.
        layer: `foundation`, `contents`, `hub` or `all`.

    Raises:
        SpecError: The spec or a workload is wrong.
        PlanError: The program can't be run, or there is no such layer.
        SetupError: The spec lies in no project.
    """
    subject = find_subject(spec_path)
    shown = subject.shown(layer)
    name = _project_name(subject.project)
    graphs: dict[str, Graph] = {}
    outputs: dict[str, Mapping[str, Any]] = {}
    for each in subject.layers[: subject.layers.index(shown[-1]) + 1]:
        stack = f"{subject.environment}.{each}"
        graphs[each] = _render_layer(subject, name, stack, outputs)
        outputs[f"organization/{name}/{stack}"] = graphs[each].outputs
    return Rendered(subject, shown, graphs)


def _render_layer(subject: Subject, name: str, stack: str, outputs: Mapping[str, Mapping[str, Any]]) -> Graph:
    program = subject.project.stacks / "__main__.py"

    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    config = {"lakeplane:spec": str(subject.path)}
    try:
        with contextlib.chdir(subject.project.stacks), _plain_environment():
            return render(run, project=name, stack=stack, config=config, stack_references=outputs)
    except pulumi.RunError as error:
        # A program tells its user in this form; findings under it are better told as findings.
        if isinstance(error.__cause__, PlatformError):
            raise error.__cause__ from None
        raise PlanError(
            Diagnostic(
                code="PRV001",
                summary="the program ended with an error",
                detail=str(error),
                remedy="correct what it says",
            )
        ) from error


@contextlib.contextmanager
def _plain_environment() -> Iterator[None]:
    """Hide what providers read from the environment: a preview shows the program, not who runs it."""
    hidden = {
        key: value for key, value in os.environ.items() if key.startswith(("ARM_", "DATABRICKS_", "PULUMI_"))
    }
    kubeconfig = os.environ.get("KUBECONFIG")
    for key in (*hidden, "KUBECONFIG"):
        os.environ.pop(key, None)
    try:
        yield
    finally:
        os.environ.update(hidden)
        if kubeconfig is not None:
            os.environ["KUBECONFIG"] = kubeconfig


def _project_name(project: ProjectLayout) -> str:
    document = YAML(typ="safe", pure=True).load((project.root / "Pulumi.yaml").read_text(encoding="utf-8"))
    return str(document["name"])
