"""Rendering components and whole layers, as the engine would see them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from lakeplane.components.placement import Placement
from lakeplane.layout import ProjectLayout, find_project
from lakeplane.program import main
from lakeplane.render import Graph, render
from lakeplane.spec.template import starter
from lakeplane.wheel import ensure_wheel

GROUP = "/subscriptions/10ca1000-0000-4000-8000-000000000001/resourceGroups/rg-test"

RenderLayers = Callable[[Path], dict[str, Graph]]


@pytest.fixture(scope="session")
def project() -> ProjectLayout:
    return find_project(Path(__file__).parent)


@pytest.fixture(scope="session")
def render_layers(project: ProjectLayout) -> RenderLayers:
    """Render both layers of a spec through the program that `pulumi up` runs."""
    wheel = ensure_wheel(project)

    def run(spec: Path) -> dict[str, Graph]:
        config = {"lakeplane:spec": str(spec.resolve()), "lakeplane:wheel": str(wheel)}
        below = f"organization/lakeplane/{spec.stem}.foundation"
        with contextlib.chdir(project.stacks):
            foundation = render(main, project="lakeplane", stack=f"{spec.stem}.foundation", config=config)
            contents = render(
                main,
                project="lakeplane",
                stack=f"{spec.stem}.contents",
                config=config,
                stack_references={below: foundation.outputs},
            )
        return {"foundation": foundation, "contents": contents}

    return run


@pytest.fixture(scope="session")
def local(render_layers: RenderLayers, project: ProjectLayout) -> dict[str, Graph]:
    """Both layers of the environment `local`."""
    return render_layers(project.environments / "local.yaml")


@pytest.fixture(scope="session")
def foundation(project: ProjectLayout, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Graph]:
    """Render the foundation of an environment of a tier, with more keys and another way in if given."""
    done: dict[tuple[str, str, str], Graph] = {}

    def run(tier: str, more: str = "", access: str = "") -> Graph:
        key = (tier, more, access)
        if key not in done:
            text = re.sub(r"^tier: .*$", f"tier: {tier}", starter("plain", tier), flags=re.M)
            if access:
                text = re.sub(r"^access:\n(  .*\n)+", f"access: {access}\n", text, flags=re.M)
            spec = tmp_path_factory.mktemp("specs") / "plain.yaml"
            spec.write_text(text + more)
            config = {"lakeplane:spec": str(spec), "lakeplane:wheel": "none-is-needed.whl"}
            with contextlib.chdir(project.stacks):
                done[key] = render(main, project="lakeplane", stack="plain.foundation", config=config)
        return done[key]

    return run


@pytest.fixture
def placement() -> Placement:
    return Placement(
        resource_group_id=GROUP,
        resource_group_name="rg-test",
        location="westeurope",
        tags={"environment": "test"},
    )


@pytest.fixture
def render_component() -> Callable[[Callable[[], Any]], Graph]:
    """Render a program that makes one component, in a stack of its own."""

    def run(program: Callable[[], Any]) -> Graph:
        def registering() -> None:
            program()

        return render(registering, project="lakeplane", stack="test")

    return run


@pytest.fixture
def inputs_of(render_component: Callable[[Callable[[], Any]], Graph]) -> Callable[..., Mapping[str, Any]]:
    """Return the inputs of the only resource of a type that a component makes."""

    def run(component: type[pulumi.ComponentResource], args: Any, token: str) -> Mapping[str, Any]:
        return render_component(lambda: component("x", args)).one(token).inputs  # type: ignore[arg-type, call-arg]

    return run
