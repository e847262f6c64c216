"""`lakeplane doctor`: what this machine has and lacks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from lakeplane.cli.environment import Target, TargetOption
from lakeplane.cli.terminal import Format, print_json, results

__all__ = ["doctor"]


def doctor(
    target: TargetOption = Target.LOCAL,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Show what this machine has and lacks, each lack with its remedy; exit 1 if anything is lacking."""
    from lakeplane.azure.log_ins import examine_log_ins
    from lakeplane.engine.doctor import examine, examine_for_azure

    checks = examine() if target is Target.LOCAL else (*examine_for_azure(), *examine_log_ins())
    if output is Format.JSON:
        print_json([asdict(check) for check in checks])
    else:
        console = results()
        for check in checks:
            mark = "[green]ok[/green]  " if check.ok else "[red]lack[/red]"
            console.print(f"{mark} {check.name}: ", end="")
            console.print(check.found, markup=False, soft_wrap=True)
            if not check.ok and check.remedy:
                console.print(f"     remedy: {check.remedy}", markup=False)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)
