"""Previewing an environment: what its program registers, compared with what was, judged and counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lakeplane.preview.base import Compared, uncompared
from lakeplane.preview.judging import JudgesOf
from lakeplane.preview.layers import render_layers
from lakeplane.preview.model import Change, Preview
from lakeplane.preview.summing import sum_up

__all__ = ["preview_environment"]


def preview_environment(
    spec_path: Path, layer: str = "all", *, judges: JudgesOf | None = None, base: Sequence[str] = ()
) -> Preview:
    """Show what an environment's stacks would register, without engine, credentials or state.

    The program is the project's own `stacks/__main__.py`, as `pulumi up` runs it. `contents` is shown on the
    outputs that `foundation` registers in the same preview; what those don't know yet stays unknown.

    Args:
        spec_path: Path of the environment's spec, inside a project.
        layer: `foundation`, `contents`, `hub` or `all`.
        judges: Returns what judges the resources of a spec, which may be the base's; nothing is judged if
            left out.
        base: What to compare with: a git ref, another spec, or Pulumi states, one a stack. Everything is new
            if left out.

    Raises:
        SpecError: The spec or a workload is wrong.
        PlanError: The program cannot be previewed, or the base is none.
        SetupError: The spec lies in no project.
    """
    own = judges(spec_path) if judges else None
    if base:
        # Most previews have none, and what compares takes its time to load.
        from lakeplane.preview.comparison import render_and_compare  # noqa: PLC0415 - see above

        return sum_up(render_and_compare(spec_path, layer, base, judges), own)
    rendered = render_layers(spec_path, layer)
    return sum_up(Compared(rendered, uncompared(rendered, Change.CREATE)), own)
