"""`lakeplane serve`: the scoring service on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from lakeplane.cli.environment import Target, find_environment, go_live
from lakeplane.cli.terminal import Progress, results

__all__ = ["serve"]


def serve(
    spec: Annotated[
        str, typer.Option("--env", metavar="SPEC", help="A spec's path, or an environment's name.")
    ] = "local",
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME@ALIAS|NAME/VERSION",
            help="By alias or by version; the spec's serving model at `champion` if left out.",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(help="Loopback port; 0 lets the machine choose.", min=0, max=65535)
    ] = 8080,
) -> None:
    """Serve a registered model by MLflow's protocol until interrupted."""
    from lakeplane.scoring.service import running_service

    environment = find_environment(spec)
    with go_live(environment, Target.LOCAL, Progress()) as live:
        if live.cloud is None:  # the local target always has one
            raise typer.Exit(1)
        name = model or f"{environment.plan.catalog}.ml.{environment.plan.spec.serving.model}@champion"
        with running_service(name, live.cloud.mlflow_url, environment.files.logs, port=port) as service:
            results().print(f"{name} answers at {service.url}/invocations; stop with Ctrl+C", soft_wrap=True)
            service.wait()
