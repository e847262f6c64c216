"""The `lakeplane` command: its verbs, and what happens when one fails."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from lakeplane import __version__
from lakeplane.cli import (
    affected,
    bootstrap,
    deploy,
    destroy,
    doctor,
    drift,
    engine,
    expired,
    image,
    local,
    new,
    pin,
    policy,
    preflight,
    preview,
    prices,
    rules,
    run,
    schema,
    serve,
    status,
    up,
    validate,
)
from lakeplane.errors import PlatformError

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
app.command("affected")(affected.affected)
app.command("bootstrap")(bootstrap.bootstrap)
app.command("preflight")(preflight.preflight)
app.command("up")(up.up)
app.command("deploy")(deploy.deploy)
app.command("run")(run.run)
app.command("pin")(pin.pin)
app.command("serve")(serve.serve)
app.command("status")(status.status)
app.command("drift")(drift.drift)
app.command("destroy")(destroy.destroy)
app.command("expired")(expired.expired)
app.command("new")(new.new)
app.command("schema")(schema.schema)
app.command("doctor")(doctor.doctor)
app.add_typer(image.app, name="image")
policy.app.command("rules")(rules.rules)
policy.app.command("config")(rules.config)
app.add_typer(policy.app, name="policy")
app.add_typer(prices.app, name="prices")
app.add_typer(local.app, name="local")
app.add_typer(engine.app, name="engine")


def main() -> None:
    """Run the command line; failures become findings and an exit code, never a traceback."""
    from lakeplane.cli.failures import defect, failed_call, failed_registry
    from lakeplane.cli.terminal import fail, write_what_the_terminal_can

    write_what_the_terminal_can()
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
        sys.exit(fail((failed_call(error),)))
    except Exception as error:  # noqa: BLE001 - the last net: a user never sees a traceback
        sys.exit(fail((failed_registry(error) or defect(traceback.format_exc()),)))
