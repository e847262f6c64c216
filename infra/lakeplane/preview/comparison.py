"""An environment as it is, compared with a base: both rendered or read, then layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.preview.base import Base, Compared, uncompared
from lakeplane.preview.changes import compare_layer
from lakeplane.preview.find_base import Prepared, prepare_base
from lakeplane.preview.judging import JudgesOf
from lakeplane.preview.layers import Rendered, find_subject, render_layers
from lakeplane.preview.losses import find_losses
from lakeplane.preview.model import Change, PreviewedResource
from lakeplane.preview.seals import Seal, new_seal, seal
from lakeplane.preview.state_values import without_place

__all__ = ["compare", "render_and_compare"]


def render_and_compare(
    spec_path: Path, layer: str, base: Sequence[str], judges: JudgesOf | None = None
) -> Compared:
    """Render an environment, and find out what an update would do to what the base has.

    Args:
        spec_path: Path of the environment's spec, inside a project.
        layer: `foundation`, `contents`, `hub` or `all`.
        base: What to compare with: a git ref, another spec, or Pulumi states, one a stack.
        judges: Returns what judges the resources of a base that is another spec.

    Raises:
        SpecError: The spec or a workload is wrong.
        PlanError: The program cannot be previewed, or the base is none.
        SetupError: The spec lies in no project.
    """
    subject = find_subject(spec_path)
    subject.shown(layer)
    key = new_seal()
    rendered, before = _render_both(spec_path, layer, prepare_base(subject, layer, base, key, judges))
    return compare(rendered, before, key)


def compare(rendered: Rendered, before: Base, key: Seal) -> Compared:
    """Compare what was rendered with a base whose secrets are sealed by the same key."""
    if not before.is_known:
        return Compared(rendered, uncompared(rendered, Change.NOT_COMPARED), before, before.findings)
    found: list[PreviewedResource] = []
    losses: list[Diagnostic] = []
    for layer, graph in rendered.graphs.items():
        registered = {one.urn: one for one in graph.resources}
        comparable = [
            replace(one, inputs=without_place(seal(one.inputs, key))) for one in registered.values()
        ]
        changes = compare_layer(layer, comparable, before.layers.get(layer), found)
        found += (
            one if one.change is Change.DELETE else replace(one, resource=registered[one.resource.urn])
            for one in changes.resources
        )
        if layer in rendered.layers:
            losses += find_losses(changes, before.layers.get(layer))
    resources = tuple(one for one in found if one.layer in rendered.layers)
    return Compared(rendered, resources, before, (*before.findings, *losses))


def _render_both(spec_path: Path, layer: str, prepared: Prepared) -> tuple[Rendered, Base]:
    if not prepared.is_apart:
        # Two renders in one process take turns: a program has the process's working directory to itself.
        return render_layers(spec_path, layer), prepared.make()
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(prepared.make)
        return render_layers(spec_path, layer), pending.result()
