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
    tier: Annotated[TierChoice, typer.Option(help="Sizes and hours, never a door.")] = TierChoice.DEV,
) -> None:
    """Write a commented starter spec into `stacks/environments/`; an existing one is never touched."""
    from lakeplane.spec.template import starter
    from lakeplane.validation import validate

    path = Path(os.path.relpath(find_project().environments / f"{name}.yaml"))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter(name, tier.value))
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
