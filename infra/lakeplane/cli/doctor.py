"""`lakeplane doctor`: what this machine has and lacks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from lakeplane.cli.terminal import Format, print_json, results

__all__ = ["doctor"]


def doctor(
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Show what this machine has and lacks, each lack with its remedy; exit 1 if anything is lacking."""
    from lakeplane.engine.doctor import examine

    checks = examine()
    if output is Format.JSON:
        print_json([asdict(check) for check in checks])
    else:
        console = results()
        for check in checks:
            mark = "[green]ok[/green]  " if check.ok else "[red]lack[/red]"
            console.print(f"{mark} {check.name}: {check.found}")
            if not check.ok and check.remedy:
                console.print(f"     remedy: {check.remedy}", markup=False)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)
