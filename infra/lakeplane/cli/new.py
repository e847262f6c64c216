"""`lakeplane new`: a commented starter spec."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lakeplane.cli.terminal import results
from lakeplane.diagnostics import Diagnostic, has_errors
from lakeplane.errors import SpecError
from lakeplane.layout import find_project

__all__ = ["new"]


class TierChoice(StrEnum):
    """Sizes and hours of an environment."""

    DEV = "dev"
    TEST = "test"
    PROD = "prod"


def new(
    name: Annotated[
        str, typer.Argument(help="The environment's name: 2 to 12 lower-case letters and digits.")
    ],
    tier: Annotated[
        TierChoice | None, typer.Option(help="Sizes and hours, never a door; dev if left out.")
    ] = None,
    hub: Annotated[
        bool, typer.Option("--hub", help="Of a hub that environments share; it has no tier.")
    ] = False,
) -> None:
    """Write a commented starter spec into `stacks/environments/`; an existing one is never touched."""
    from lakeplane.spec.hub_template import hub_starter
    from lakeplane.spec.template import starter
    from lakeplane.validation import validate

    if hub and tier is not None:
        raise typer.BadParameter("a hub has no tier; leave out --tier or --hub")
    path = Path(os.path.relpath(find_project().environments / f"{name}.yaml"))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(hub_starter(name) if hub else starter(name, (tier or TierChoice.DEV).value))
    except FileExistsError:
        raise SpecError(
            Diagnostic(
                code="CLI001",
                summary=f"{path} exists already",
                remedy="choose another name, or edit the file that is there",
            )
        ) from None
    findings = validate(path)
    if has_errors(findings):  # only the name is the user's: an unusable one leaves no file behind
        path.unlink()
        raise SpecError(findings)
    results().print(f"wrote {path}; fill it in, then run: lakeplane validate {name}", soft_wrap=True)
