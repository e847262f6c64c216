"""Previewing an environment: its project's own program, run in process for each layer."""

from __future__ import annotations

import contextlib
import os
import runpy
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
from ruamel.yaml import YAML

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.errors import PlanError, PlatformError
from lakeplane.layout import ProjectLayout, find_project
from lakeplane.preview.billable import is_billable
from lakeplane.preview.model import Cost, Preview, PreviewedResource
from lakeplane.render import Graph, render
from lakeplane.spec import load_spec

__all__ = ["preview_environment"]

Judge = Callable[[str, str, Mapping[str, Any]], Iterable[Diagnostic]]
"""Judges one resource by its type, URN and inputs."""

_LAYERS = ("foundation", "contents")
_STACK = "pulumi:pulumi:Stack"


def preview_environment(spec_path: Path, layer: str = "all", *, judge: Judge | None = None) -> Preview:
    """Show what an environment's stacks would register, without engine, credentials or state.

    The program is the project's own `stacks/__main__.py`, as `pulumi up` runs it. `contents` is shown on the
    outputs that `foundation` registers in the same preview; what those don't know yet stays unknown.

    Args:
        spec_path: Path of the environment's spec, inside a project.
        layer: `foundation`, `contents` or `all`.
        judge: Finds what is wrong with a resource; nothing is judged if left out.

    Raises:
        SpecError: The spec or a workload is wrong.
        PlanError: The program cannot be previewed.
        SetupError: The spec lies in no project.
    """
    project = find_project(spec_path.resolve().parent)
    environment = load_spec(spec_path).name
    graphs: dict[str, Graph] = {}
    outputs: dict[str, Mapping[str, Any]] = {}
    name = _project_name(project)
    for each in _LAYERS if layer != "foundation" else ("foundation",):
        stack = f"{environment}.{each}"
        graphs[each] = _render_layer(project, name, stack, spec_path, outputs)
        outputs[f"organization/{name}/{stack}"] = graphs[each].outputs
    layers = tuple(each for each in graphs if layer in (each, "all"))
    resources = tuple(
        PreviewedResource(each, resource, "read" if resource.read else "create")
        for each in layers
        for resource in graphs[each].resources
        if resource.type != _STACK
    )
    cost = Cost(not_priced=tuple(one.resource.urn for one in resources if is_billable(one.resource)))
    return Preview(
        environment=environment,
        layers=layers,
        resources=resources,
        findings=(*_messages(graphs, layers), *_judged(resources, judge), *_unpriced(cost)),
        cost=cost,
    )


def _render_layer(
    project: ProjectLayout,
    name: str,
    stack: str,
    spec_path: Path,
    outputs: Mapping[str, Mapping[str, Any]],
) -> Graph:
    program = project.stacks / "__main__.py"

    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    config = {"lakeplane:spec": str(spec_path.resolve())}
    try:
        with contextlib.chdir(project.stacks), _plain_environment():
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
    hidden = {key: value for key, value in os.environ.items() if key.startswith(("ARM_", "DATABRICKS_"))}
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


def _messages(graphs: Mapping[str, Graph], layers: tuple[str, ...]) -> Iterator[Diagnostic]:
    for layer in layers:
        for severity, message in graphs[layer].messages:
            if severity in ("warning", "error"):
                yield Diagnostic(
                    code="PRV002",
                    summary=f"the program of {layer} says: {message}",
                    severity=Severity(severity),
                )


def _judged(resources: tuple[PreviewedResource, ...], judge: Judge | None) -> Iterator[Diagnostic]:
    if judge is None:
        return
    for one in resources:
        if one.resource.custom and not one.resource.read:
            yield from judge(one.resource.type, one.resource.urn, one.resource.inputs)


def _unpriced(cost: Cost) -> Iterator[Diagnostic]:
    if cost.not_priced:
        yield Diagnostic(
            code="PRV003",
            summary="no cost is worked out",
            severity=Severity.NOTE,
            detail=f"{len(cost.not_priced)} resources cost money; no prices are at hand",
        )
