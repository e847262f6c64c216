"""`lakeplane preview`: what an environment would become, from the real program, without a cloud."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import LayerChoice, Reference, Target, TargetOption, spec_path

if TYPE_CHECKING:
    from lakeplane.diagnostics import Diagnostic
    from lakeplane.preview import Preview

__all__ = ["look", "preview"]


class PreviewFormat(StrEnum):
    """How a preview is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    GITHUB = "github"
    ARM = "arm"
    KUBERNETES = "kubernetes"

    @property
    def tells_findings(self) -> bool:
        """Whether it has a place for what is wrong with a spec that can't be shown."""
        return self not in (PreviewFormat.TEXT, PreviewFormat.ARM, PreviewFormat.KUBERNETES)


def preview(
    spec: Reference,
    layer: Annotated[LayerChoice, typer.Option(help="Which stacks to look at.")] = LayerChoice.ALL,
    base: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REF|SPEC|STATE",
            help="Compare with a git ref, another spec, or a Pulumi state (give one for each stack).",
        ),
    ] = None,
    output: Annotated[
        PreviewFormat, typer.Option("--format", help="How to write it; arm and kubernetes are for scanners.")
    ] = PreviewFormat.TEXT,
    target_file: Annotated[
        Path | None,
        typer.Option("--output", metavar="PATH", help="Write to a file (arm: to a directory)."),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(metavar="FORMAT=PATH", help="Write it in one more format, to a file; may be repeated."),
    ] = None,
    engine: Annotated[
        bool, typer.Option("--engine", help="Ask the Pulumi engine instead, on the stacks as they are.")
    ] = False,
    target: TargetOption = Target.LOCAL,
) -> None:
    """Show what an environment's stacks register, and what would change, without a cloud or credentials."""
    from lakeplane.cli.previews import ask_engine, failed, write
    from lakeplane.diagnostics import has_errors
    from lakeplane.errors import PlanError, PlatformError

    written = _read_also(also or ())
    try:
        if engine and base:
            raise PlanError(_engine_or_base(base))
        found = (
            ask_engine(spec, layer.value, target)
            if engine
            else look(spec_path(spec), layer.value, base or ())
        )
    except PlatformError as error:
        # Whoever reads a report reads there what is wrong; a pull request would have no comment otherwise.
        found = failed(spec, error.findings)
        written = [(form, path) for form, path in written if form.tells_findings]
        if not output.tells_findings:
            for form, path in written:
                write(found, form.value, path)
            raise
    write(found, output.value, target_file)
    for form, path in written:
        write(found, form.value, path)
    sys.stdout.flush()
    raise typer.Exit(1 if has_errors(found.findings) else 0)


def _read_also(also: Sequence[str]) -> list[tuple[PreviewFormat, Path]]:
    found = []
    for text in also:
        name, _, path = text.partition("=")
        if name not in list(PreviewFormat) or not path:
            allowed = ", ".join(PreviewFormat)
            wrong = f"found {text!r}; write FORMAT=PATH, with one of {allowed}"
            raise typer.BadParameter(wrong, param_hint="--also")
        found.append((PreviewFormat(name), Path(path)))
    return found


def _engine_or_base(base: Sequence[str]) -> Diagnostic:
    from lakeplane.diagnostics import Diagnostic

    return Diagnostic(
        code="PRV033",
        summary="--engine and --base exclude each other",
        detail=f"the engine compares with the stacks as they are; found --base {', '.join(base)}",
        remedy="leave out --engine to compare with the base, or --base to ask the engine",
    )


def look(spec: Path, layer: str = "all", base: Sequence[str] = ()) -> Preview:
    """Preview a spec as `lakeplane preview` does: judged by our rules.

    The process that renders a base commit calls this function of that commit, with the first two arguments.
    """
    from lakeplane.cli.previews import judges_for
    from lakeplane.preview import preview_environment

    return preview_environment(spec, layer, judges=judges_for, base=base)
