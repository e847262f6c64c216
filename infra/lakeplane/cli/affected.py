"""`lakeplane affected`: which environments a change touches, for CI to preview each of them."""

from __future__ import annotations

from typing import Annotated

import typer

from lakeplane.cli.terminal import Format, print_json, results

__all__ = ["affected"]


def affected(
    base: Annotated[str, typer.Option(metavar="REF", help="The git ref that the change is compared with.")],
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Name the environments that a change touches, and why: preview each with the same --base."""
    from rich.markup import escape
    from rich.table import Table

    from lakeplane.layout import find_project
    from lakeplane.preview.affected import find_affected

    found = find_affected(find_project(), base)
    if output is Format.JSON:
        print_json([one.to_dict() for one in found])
        return
    console = results()
    if not found:
        console.print(f"the change since {escape(base)} touches no environment")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("environment", "spec", "because of"):
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(escape(one.name), escape(one.spec), escape(one.because))
    console.print(table)
