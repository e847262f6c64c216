"""What the project's own program registers, as plain data."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lakeplane.layout import ProjectLayout, find_project
from lakeplane.program import main
from lakeplane.render import Graph, Resource, render
from lakeplane.wheel import ensure_wheel

SDKS = frozenset({"azure-native", "databricks", "kubernetes"})


@pytest.fixture(scope="session")
def project() -> ProjectLayout:
    return find_project(Path(__file__).parent)


@pytest.fixture(scope="session")
def render_spec(project: ProjectLayout) -> Callable[[Path], list[Resource]]:
    """Return the resources of both layers of a spec that providers manage, as `pulumi up` would make them."""
    wheel = ensure_wheel(project)

    def run(spec: Path) -> list[Resource]:
        config = {"lakeplane:spec": str(spec.resolve()), "lakeplane:wheel": str(wheel)}
        below: dict[str, Mapping[str, Any]] = {}
        found: list[Resource] = []
        with contextlib.chdir(project.stacks):
            for layer in ("foundation", "contents"):
                stack = f"{spec.stem}.{layer}"
                graph = render(main, project="lakeplane", stack=stack, config=config, stack_references=below)
                below[f"organization/lakeplane/{stack}"] = graph.outputs
                found += graph.resources
        return [one for one in found if one.package in SDKS and one.custom and not one.read]

    return run


@pytest.fixture(scope="session")
def rendered(
    project: ProjectLayout, render_spec: Callable[[Path], list[Resource]]
) -> Callable[[str], list[Resource]]:
    """Return the same of one of the project's own environments."""
    return functools.cache(lambda name: render_spec(project.environments / f"{name}.yaml"))


@pytest.fixture
def run_program() -> Callable[[Callable[[], object]], Graph]:
    """Render a program of a test."""

    def run(program: Callable[[], object]) -> Graph:
        def registering() -> None:
            program()

        return render(registering, project="shop", stack="dev.foundation")

    return run
