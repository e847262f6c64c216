"""`lakeplane image`: the images of the scoring service and of the hub's runner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import Environment, Hub, Reference, find_environment, find_subject
from lakeplane.cli.terminal import Format, Progress, print_findings, print_json, results
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.errors import SpecError

if TYPE_CHECKING:
    from lakeplane.layout import ProjectLayout

__all__ = ["app"]

app = typer.Typer(help="The images of the scoring service and the hub's runner.", no_args_is_help=True)

# Docker's own image; its digest is not named here, for the newest one is the one without known holes.
_BASE = "docker.io/library/python:3.12-slim-bookworm"


class BuilderChoice(StrEnum):
    """Who builds."""

    DOCKER = "docker"
    PODMAN = "podman"
    BUILDAH = "buildah"
    ACR = "acr"


BuilderOption = Annotated[
    BuilderChoice | None, typer.Option(help="Who builds; the first one that works here if left out.")
]
BaseOption = Annotated[
    str, typer.Option(metavar="IMAGE", help="Python image to build on; name it by its digest.")
]
PoolOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Let the registry build, on these agents inside its network."),
]
ContextOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Only lay out what a builder takes, to build it elsewhere.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="For people or for scripts.")]


@app.callback()
def _image() -> None:
    """The images of the scoring service and the hub's runner."""


@app.command()
def build(
    spec: Reference,
    builder: BuilderOption = None,
    base: BaseOption = _BASE,
    registry: Annotated[
        str | None, typer.Option(metavar="HOST", help="Registry; the environment's own if left out.")
    ] = None,
    agent_pool: PoolOption = None,
    context: ContextOption = None,
    write: Annotated[
        bool, typer.Option("--write/--no-write", help="Write the digest into the spec as serving.image.")
    ] = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Build and push the image, and name it by its digest in the spec; `lakeplane up` then deploys it."""
    from lakeplane.image import SCORING, lay_out_context

    environment = find_environment(spec)
    recipe = _Recipe(environment, lay_out_context, SCORING, ("serving", "image"))
    host = registry or f"{environment.plan.names.container_registry}.azurecr.io"
    _make(recipe, host, builder, base, agent_pool, context, output, write=write)


@app.command()
def runner(
    spec: Reference,
    builder: BuilderOption = None,
    base: BaseOption = _BASE,
    registry: Annotated[
        str | None, typer.Option(metavar="HOST", help="Registry; that of runner.image if left out.")
    ] = None,
    agent_pool: PoolOption = None,
    context: ContextOption = None,
    write: Annotated[
        bool, typer.Option("--write/--no-write", help="Write the digest into the hub's spec as runner.image.")
    ] = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Build and push the image of a hub's runner, with this project in it, and name it in the hub's spec."""
    from lakeplane.image import RUNNER, lay_out_runner

    hub = find_subject(spec)
    if not isinstance(hub, Hub):
        raise SpecError(_no_hub(hub))
    named = hub.plan.spec.runner
    if named is None:
        raise SpecError(_no_runner(hub))
    host = registry or (named.image or "").partition("/")[0]
    if not host and context is None:
        raise SpecError(_no_registry(hub))
    recipe = _Recipe(hub, lay_out_runner, RUNNER, ("runner", "image"))
    _make(recipe, host, builder, base, agent_pool, context, output, write=write)


@dataclass(frozen=True, slots=True)
class _Recipe:
    """Which image is built.

    Attributes:
        subject: Environment or hub that it is for.
        lay_out: Lays out what a builder takes.
        repository: Where in a registry it goes.
        key: Where in the spec it is named.
    """

    subject: Environment | Hub
    lay_out: Callable[[ProjectLayout, Path], str]
    repository: str
    key: tuple[str, str]


def _make(
    recipe: _Recipe,
    host: str,
    builder: BuilderChoice | None,
    base: str,
    agent_pool: str | None,
    context: Path | None,
    output: Format,
    *,
    write: bool,
) -> None:
    """Build an image, or lay out what it is built from."""
    from lakeplane.image import ImageName, find_builder
    from lakeplane.image.builders import sign_in
    from lakeplane.spec.edit import edit_spec

    subject, key = recipe.subject, ".".join(recipe.key)
    progress = Progress()
    if context is not None:
        recipe.lay_out(subject.project, context)
        results().print(f"laid out in {context}; build it with --build-arg BASE={base}", soft_wrap=True)
        return
    chosen = find_builder(builder, agent_pool)
    if "@sha256:" not in base:
        print_findings((_by_tag(base),))
    directory = subject.project.private / "image" / subject.name
    with progress.step("what the image is built from"):
        tag = recipe.lay_out(subject.project, directory / "context")
    name = ImageName(host, tag, recipe.repository)
    with progress.step(f"{chosen.name} builds {name.tagged}") as say:
        sign_in(chosen, host)
        log = directory / f"{chosen.name}.log"
        image = chosen.build(directory / "context", name, base, say, log=log, agent_pool=agent_pool)
        say(image)
    if write:
        edit_spec(subject.path, {recipe.key: image})
    written = str(subject.path) if write else None
    if output is Format.JSON:
        print_json({"image": image, "base": base, "builder": chosen.name, "written": written})
        return
    results().print(image, soft_wrap=True)
    if written:
        done = f"wrote {key} in {written}; `lakeplane up {subject.name}` deploys it"
        results().print(done, soft_wrap=True)


def _no_hub(environment: Environment) -> Diagnostic:
    hub = environment.plan.spec.network.hub
    return Diagnostic(
        code="IMG007",
        summary=f"{environment.name!r} is an environment, whose hub has the runner",
        detail=f"its hub is {hub}" if hub else "it stands behind no hub",
        remedy=f"name the hub: lakeplane image runner {hub or 'HUB'}",
        path=("network", "hub"),
    )


def _no_runner(hub: Hub) -> Diagnostic:
    return Diagnostic(
        code="IMG008",
        summary=f"the hub {hub.name!r} has no runner",
        remedy="add `runner: {}` to its spec",
        path=("runner",),
    )


def _no_registry(hub: Hub) -> Diagnostic:
    return Diagnostic(
        code="IMG009",
        summary="no registry is named, and a hub has none of its own",
        detail=f"found neither --registry nor runner.image in {hub.path}",
        remedy="add --registry HOST, such as a registry of your company's that the runner's network reaches",
        path=("runner", "image"),
    )


def _by_tag(base: str) -> Diagnostic:
    return Diagnostic(
        code="IMG006",
        summary="the base image is named by a tag, which can be moved to another image",
        severity=Severity.WARNING,
        detail=f"found {base}; the image's own digest stays what it is either way",
        remedy="name it by its digest: --base NAME@sha256:…",
    )
