"""Environments that are hardened, rendered and ready to be judged."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from lakeplane.layout import ProjectLayout, find_project
from lakeplane.program import main
from lakeplane.render import Graph, render
from lakeplane.wheel import ensure_wheel
from lakeplane_policies import Settings
from lakeplane_policies.judging import as_resource
from lakeplane_policies.settings import AccessMode, Tier
from lakeplane_policies.stack import Resource

TODAY = date(2026, 11, 25)
STACK = "pulumi:pulumi:Stack"
# What the committed spec leaves out: pods, a model behind the endpoint, hosts of the managed network.
MORE = f"""
serving:
  image: crcontoso.azurecr.io/scoring@sha256:{"0" * 64}
ml:
  allowed_hosts: [pypi.example.com]
  endpoint: {{model_version: 1}}
"""


@dataclass(frozen=True)
class Environment:
    """One environment with the settings that its spec asks for."""

    name: str
    settings: Settings
    stacks: Mapping[str, tuple[Resource, ...]]


@pytest.fixture(scope="session")
def project() -> ProjectLayout:
    return find_project(Path(__file__).parent)


@pytest.fixture(scope="session")
def hardened(project: ProjectLayout, tmp_path_factory: pytest.TempPathFactory) -> list[Environment]:
    """Both layers of three environments, and a hub."""
    specs = project.environments
    aligned = tmp_path_factory.mktemp("specs") / "aligned.yaml"
    aligned.write_text((specs / "examples" / "waf_aligned.yaml").read_text() + MORE)
    layers = ("foundation", "contents")
    return [
        _environment(project, aligned, "aligned", layers, "prod", "private"),
        _environment(project, specs / "prod.yaml", "prod", layers, "prod", "private"),
        _environment(project, specs / "dev.yaml", "dev", layers, "dev", "allow_list"),
        _environment(project, specs / "hub.yaml", "hub", ("hub",), "prod", "private"),
    ]


def _environment(
    project: ProjectLayout, spec: Path, name: str, layers: tuple[str, ...], tier: Tier, mode: AccessMode
) -> Environment:
    config = {"lakeplane:spec": str(spec), "lakeplane:wheel": str(ensure_wheel(project))}
    graphs: dict[str, Graph] = {}
    with contextlib.chdir(project.stacks):
        for layer in layers:
            below = {f"organization/lakeplane/{name}.{each}": graph.outputs for each, graph in graphs.items()}
            graphs[layer] = render(
                main, project="lakeplane", stack=f"{name}.{layer}", config=config, stack_references=below
            )
    stacks = {
        layer: tuple(
            as_resource(one) for one in graph.resources if (one.custom and not one.read) or one.type == STACK
        )
        for layer, graph in graphs.items()
    }
    return Environment(name, Settings(tier, mode, today=TODAY), stacks)
