"""`lakeplane engine`: the Pulumi CLI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakeplane.cli.terminal import Progress, results

__all__ = ["app"]

app = typer.Typer(help="The Pulumi CLI.", no_args_is_help=True)


@app.callback()
def _engine() -> None:
    """The Pulumi CLI."""


@app.command()
def install(
    plugins: Annotated[
        bool, typer.Option("--plugins", help="Bring the providers' plugins too, as an image needs them.")
    ] = False,
    kubelogin: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Build kubelogin too, into this directory.")
    ] = None,
) -> None:
    """Find, download or build the Pulumi CLI; nothing is done where a recent one is installed."""
    from lakeplane.engine import ensure_engine

    progress = Progress()
    with progress.step("Pulumi engine") as say:
        binaries = ensure_engine(say)
    results().print(f"Pulumi {binaries.version} at {binaries.pulumi}", soft_wrap=True)
    if plugins:
        from lakeplane.engine.plugins import install_plugins

        with progress.step("plugins of the providers") as say:
            for plugin in install_plugins(binaries, say):
                results().print(f"plugin {plugin.name} {plugin.version}")
    if kubelogin is not None:
        from lakeplane.engine.kubelogin import build_kubelogin

        with progress.step("kubelogin") as say:
            results().print(f"kubelogin at {build_kubelogin(kubelogin, say)}", soft_wrap=True)
