"""`lakeplane schema`: the JSON schemas of specs, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from lakeplane.cli.terminal import print_json

__all__ = ["schema"]


def schema(
    hub: Annotated[bool, typer.Option("--hub", help="Of hub specs instead of environments'.")] = False,
) -> None:
    """Print the JSON schema of environment specs, or of hub specs."""
    from lakeplane.spec.schema import hub_json_schema, json_schema

    print_json(hub_json_schema() if hub else json_schema())
