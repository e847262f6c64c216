"""`lakeplane image`: the scoring service's image."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lakeplane.cli.environment import Reference, find_environment
from lakeplane.cli.terminal import Format, Progress, print_findings, print_json, results
from lakeplane.diagnostics import Diagnostic, Severity

__all__ = ["app"]

app = typer.Typer(help="The scoring service's image.", no_args_is_help=True)

# Docker's own image; its digest is not named here, for the newest one is the one without known holes.
_BASE = "docker.io/library/python:3.12-slim-bookworm"


class BuilderChoice(StrEnum):
    """Who builds."""

    DOCKER = "docker"
    PODMAN = "podman"
    BUILDAH = "buildah"
    ACR = "acr"


@app.callback()
def _image() -> None:
    """The scoring service's image."""


@app.command()
def build(
    spec: Reference,
    builder: Annotated[
        BuilderChoice | None, typer.Option(help="Who builds; the first one that works here if left out.")
    ] = None,
    base: Annotated[
        str, typer.Option(metavar="IMAGE", help="Python image to build on; name it by its digest.")
    ] = _BASE,
    registry: Annotated[
        str | None, typer.Option(metavar="HOST", help="Registry; the environment's own if left out.")
    ] = None,
    agent_pool: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Let the registry build, on these agents inside its network."),
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Only lay out what a builder takes, to build it elsewhere."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write/--no-write", help="Write the digest into the spec as serving.image.")
    ] = True,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Build and push the image, and name it by its digest in the spec; `lakeplane up` then deploys it."""
    from lakeplane.image import ImageName, find_builder, lay_out_context
    from lakeplane.image.builders import sign_in
    from lakeplane.spec.edit import edit_spec

    environment = find_environment(spec)
    progress = Progress()
    if context is not None:
        lay_out_context(environment.project, context)
        results().print(f"laid out in {context}; build it with --build-arg BASE={base}", soft_wrap=True)
        return
    chosen = find_builder(builder, agent_pool)
    if "@sha256:" not in base:
        print_findings((_by_tag(base),))
    directory = environment.project.private / "image" / environment.name
    with progress.step("what the image is built from"):
        tag = lay_out_context(environment.project, directory / "context")
    host = registry or f"{environment.plan.names.container_registry}.azurecr.io"
    name = ImageName(host, tag)
    with progress.step(f"{chosen.name} builds {name.tagged}") as say:
        sign_in(chosen, host)
        log = directory / f"{chosen.name}.log"
        image = chosen.build(directory / "context", name, base, say, log=log, agent_pool=agent_pool)
        say(image)
    if write:
        edit_spec(environment.path, {("serving", "image"): image})
    written = str(environment.path) if write else None
    if output is Format.JSON:
        print_json({"image": image, "base": base, "builder": chosen.name, "written": written})
        return
    results().print(image, soft_wrap=True)
    if written:
        results().print(f"wrote serving.image in {written}; `lakeplane up {spec}` deploys it", soft_wrap=True)


def _by_tag(base: str) -> Diagnostic:
    return Diagnostic(
        code="IMG006",
        summary="the base image is named by a tag, which can be moved to another image",
        severity=Severity.WARNING,
        detail=f"found {base}; the image's own digest stays what it is either way",
        remedy="name it by its digest: --base NAME@sha256:…",
    )
