"""`lakeplane local`: the simulated cloud by hand, for plain `pulumi`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from lakeplane.cli.environment import find_environment, prepare_spark
from lakeplane.cli.terminal import Progress, results
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

__all__ = ["app"]

app = typer.Typer(help="The simulated cloud by hand, for plain `pulumi`.", no_args_is_help=True)

Spec = Annotated[str, typer.Argument(metavar="[SPEC]", help="A spec's path, or an environment's name.")]


@app.command()
def start(spec: Spec = "local") -> None:
    """Start the simulated cloud of an environment and leave it running."""
    from lakeplane.local.lifecycle import start_cloud

    environment = find_environment(spec)
    progress = Progress()
    with progress.step("simulated cloud") as say:
        cloud = start_cloud(environment.files, project=environment.project)
        say(cloud.workspace_url)
    results().print(
        f'running as process {cloud.pid}; next: eval "$(lakeplane local env {spec})"', soft_wrap=True
    )


@app.command()
def env(spec: Spec = "local") -> None:
    """Print the exports that plain `pulumi` needs to reach the simulated cloud.

    In the project itself `pulumi` reads and writes the stacks' own settings, which is meant for environment
    `local`; `pulumi -C .lakeplane/NAME/project` works on any environment and leaves them alone.
    """
    from lakeplane.engine import ensure_engine, local_environment, write_local_project
    from lakeplane.local.lifecycle import find_cloud

    environment = find_environment(spec)
    cloud = find_cloud(environment.files)
    if cloud is None:
        raise SetupError(
            Diagnostic(
                code="SET010",
                summary=f"the simulated cloud of {environment.name!r} is not running",
                remedy=f"run `lakeplane local start {spec}` first",
            )
        )
    binaries = ensure_engine()
    variables = local_environment(environment.project, environment.name, cloud.provider_ports)
    directory = write_local_project(environment.project, environment.name)
    variables["PATH"] = ":".join([*map(str, binaries.path), "$PATH"])
    typer.echo(f"# pulumi -C {shlex.quote(str(directory))} leaves the stacks' own settings alone")
    for name, value in sorted(variables.items()):
        quoted = f'"{value}"' if name == "PATH" else shlex.quote(value)
        typer.echo(f"export {name}={quoted}")


@app.command()
def stop(spec: Spec = "local") -> None:
    """Stop the simulated cloud of an environment; what it holds stays on disk."""
    from lakeplane.local.lifecycle import stop_cloud

    environment = find_environment(spec)
    stopped = stop_cloud(environment.files)
    results().print("stopped" if stopped else "was not running")


@app.command()
def prepare() -> None:
    """Bring what jobs need on this machine: Java, Delta's JARs and an archive of Spark's classes."""
    prepare_spark(Progress())
    results().print("ready for jobs")
