"""`lakeplane engine`: the Pulumi CLI."""

from __future__ import annotations

import typer

from lakeplane.cli.terminal import Progress, results

__all__ = ["app"]

app = typer.Typer(help="The Pulumi CLI.", no_args_is_help=True)


@app.callback()
def _engine() -> None:
    """The Pulumi CLI."""


@app.command()
def install() -> None:
    """Find, download or build the Pulumi CLI; nothing is done where a recent one is installed."""
    from lakeplane.engine import ensure_engine

    progress = Progress()
    with progress.step("Pulumi engine") as say:
        binaries = ensure_engine(say)
    results().print(f"Pulumi {binaries.version} at {binaries.pulumi}", soft_wrap=True)
