"""`lakeplane validate`: everything about a spec that can be known without an engine or credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakeplane.cli.environment import Reference, spec_path
from lakeplane.cli.terminal import Format, print_findings, print_json
from lakeplane.diagnostics import has_errors

__all__ = ["validate"]


def validate(
    spec: Reference,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Check a spec: shape, names, addresses, cluster policies, and the jobs against them."""
    from lakeplane.validation import validate as examine

    path: Path = spec_path(spec)
    findings = tuple(examine(path))
    if output is Format.JSON:
        print_json({"spec": str(path), "findings": [finding.to_dict() for finding in findings]})
    elif findings:
        print_findings(findings, error=False)
    if output is Format.TEXT and not has_errors(findings):
        typer.echo(f"{path}: valid")
    raise typer.Exit(1 if has_errors(findings) else 0)
