"""The `lakeplane` command: its verbs, and what happens when one fails."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import typer

from lakeplane import __version__
from lakeplane.cli import (
    destroy,
    doctor,
    engine,
    local,
    new,
    preview,
    run,
    schema,
    serve,
    status,
    up,
    validate,
)
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlatformError
from lakeplane.layout import cache_dir

__all__ = ["app", "main"]

app = typer.Typer(
    name="lakeplane",
    help="Provision a data and machine-learning platform on Azure, and rehearse all of it on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(show: bool) -> None:
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Provision a data and machine-learning platform on Azure."""


app.command("validate")(validate.validate)
app.command("preview")(preview.preview)
app.command("up")(up.up)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("status")(status.status)
app.command("destroy")(destroy.destroy)
app.command("new")(new.new)
app.command("schema")(schema.schema)
app.command("doctor")(doctor.doctor)
app.add_typer(local.app, name="local")
app.add_typer(engine.app, name="engine")


def main() -> None:
    """Run the command line; failures become findings and an exit code, never a traceback."""
    from lakeplane.cli.terminal import fail

    try:
        app()
    except PlatformError as error:
        sys.exit(fail(error.findings))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        sys.exit(fail((_machine(error),)))
    except Exception:  # noqa: BLE001 - the last net: a user never sees a traceback
        sys.exit(fail((_defect(traceback.format_exc()),)))


def _machine(error: OSError) -> Diagnostic:
    where = f": {error.filename}" if error.filename else ""
    return Diagnostic(
        code="SET002",
        summary="this machine refused an operation",
        detail=f"{error.strerror or error}{where}",
        remedy="free disk space or correct the permissions named here, then run the same command again",
    )


def _defect(trace: str) -> Diagnostic:
    path = cache_dir() / "last-defect.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(trace, encoding="utf-8")
    return Diagnostic(
        code="LKP001",
        summary="lakeplane itself failed; this is a defect of ours",
        detail=trace.strip().splitlines()[-1],
        remedy=f"report it with the details in {path}",
    )
