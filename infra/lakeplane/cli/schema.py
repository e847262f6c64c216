"""`lakeplane schema`: the JSON schema of specs, for editors."""

from __future__ import annotations

from lakeplane.cli.terminal import print_json

__all__ = ["schema"]


def schema() -> None:
    """Print the JSON schema of environment specs."""
    from lakeplane.spec.schema import json_schema

    print_json(json_schema())
