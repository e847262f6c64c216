"""`lakeplane prices`: the prices behind the preview's cost."""

from __future__ import annotations

import datetime
import os
from typing import Annotated

import typer

from lakeplane.cli.terminal import Format, Progress, print_json, results

__all__ = ["app"]

app = typer.Typer(help="The prices behind the preview's cost.", no_args_is_help=True)


@app.callback()
def _prices() -> None:
    """The prices behind the preview's cost."""


@app.command()
def refresh(
    region: Annotated[list[str], typer.Option(help="An Azure region; may be given several times.")],
    endpoint: Annotated[
        str, typer.Option(help="Address of the price API, such as a mirror's.", show_default="Microsoft's")
    ] = "",
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Bring list prices from Azure's public price API into `stacks/prices.csv`, where they win."""
    from lakeplane.costs.retail import ENDPOINT, RetailApi, refresh_prices
    from lakeplane.layout import find_project

    path = find_project().prices
    today = datetime.datetime.now(datetime.UTC).date()
    with Progress().step("prices") as say:
        found = refresh_prices(path, region, RetailApi(endpoint or ENDPOINT), today=today, progress=say)
        say(f"{len(found.written)} of {', '.join(region)}")
    if output is Format.JSON:
        print_json(found.to_dict())
        return
    console = results()
    console.print(f"wrote {len(found.written)} prices into {os.path.relpath(path)}, kept {len(found.kept)}")
    for told, items in (("no price of", found.missing), ("several prices of", found.doubtful)):
        for item, where in items:
            console.print(f"{told} {item} in {where}", markup=False, soft_wrap=True)
