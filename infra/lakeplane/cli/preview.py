"""`lakeplane preview`: what an environment would become, from the real program, without a cloud."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from lakeplane.cli.environment import Reference, find_environment
from lakeplane.cli.terminal import Format, print_json, results

__all__ = ["preview"]


class LayerChoice(StrEnum):
    """Which stacks to look at."""

    FOUNDATION = "foundation"
    CONTENTS = "contents"
    ALL = "all"


def preview(
    spec: Reference,
    layer: Annotated[LayerChoice, typer.Option(help="Which stacks to look at.")] = LayerChoice.ALL,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Show the resources that an environment's stacks register, in process and without credentials."""
    from lakeplane.diagnostics import has_errors
    from lakeplane.preview import preview_environment, print_preview, to_json
    from lakeplane_policies import judge

    environment = find_environment(spec)
    found = preview_environment(environment.path, layer.value, judge=judge)
    if output is Format.JSON:
        print_json(to_json(found))
    else:
        print_preview(results(), found)
    raise typer.Exit(1 if has_errors(found.findings) else 0)
