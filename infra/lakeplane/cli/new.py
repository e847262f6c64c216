"""`lakeplane new`: a commented starter spec."""

from __future__ import annotations

from typing import Annotated

import typer

from lakeplane.cli.terminal import results
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError
from lakeplane.layout import find_project

__all__ = ["new"]


def new(
    name: Annotated[
        str, typer.Argument(help="The environment's name: 2 to 12 lower-case letters and digits.")
    ],
    tier: Annotated[str, typer.Option(help="dev, test or prod: sizes and hours, never a door.")] = "dev",
) -> None:
    """Write a commented starter spec into `stacks/environments/`; an existing one is never touched."""
    from lakeplane.spec.template import starter

    text = starter(name, tier)
    path = find_project().environments / f"{name}.yaml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SpecError(
            Diagnostic(
                code="SPC002",
                summary=f"{path} exists already",
                remedy="choose another name, or edit the file that is there",
            )
        ) from None
    results().print(f"wrote {path}; fill it in, then run: lakeplane validate {name}")
