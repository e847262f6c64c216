"""What an update could lose of stacks as they are: first without asking anybody, then by the engine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeplane.errors import EngineError
from lakeplane.preview.base_state import exported_base
from lakeplane.preview.comparison import compare
from lakeplane.preview.from_engine import Heard, PreviewingEngine, resources_of
from lakeplane.preview.layers import Rendered
from lakeplane.preview.model import Change, PreviewedResource
from lakeplane.preview.seals import new_seal

__all__ = ["AtRisk", "confirm_losses", "find_at_risk"]

_STAYS = (Change.SAME, Change.READ, Change.CREATE, Change.IMPORT)


@dataclass(frozen=True, slots=True)
class AtRisk:
    """What holds data in a layer and does not simply stay.

    Attributes:
        lost: What goes for certain: the program has it no more, or it is protected and would be replaced.
        doubtful: What changes, so that a provider has to say whether it is replaced for it.
        decided: URNs of what an interrupted update had begun to replace or still has to delete.
    """

    lost: tuple[PreviewedResource, ...]
    doubtful: tuple[PreviewedResource, ...]
    decided: frozenset[str] = frozenset()


def find_at_risk(rendered: Rendered, deployments: Mapping[str, Mapping[str, Any]]) -> Mapping[str, AtRisk]:
    """Compare what the program registers with what its stacks have.

    Tables tell what replaces, and a table can lack something: so all that changes is doubtful until the
    engine has been asked.

    Args:
        rendered: What the program registers.
        deployments: What the engine exported, by stack; one without resources is not there yet.

    Returns:
        What is at risk, for each layer in which something is.

    Raises:
        PlanError: A deployment can't be read.
    """
    key = new_seal()
    before = exported_base(deployments, rendered.subject.environment, key)
    compared = compare(rendered, before, key).resources
    found: dict[str, AtRisk] = {}
    for layer, was in before.layers.items():
        decided = was.replacing | {one.urn for one in was.left_over}
        changing = [
            one
            for one in compared
            if one.layer == layer
            and one.holds
            and one.change not in _STAYS
            and not one.resource.retain_on_delete
            and one.resource.urn not in decided
        ]
        protected = {urn for urn, one in was.resources.items() if one.protect}
        lost = tuple(
            one
            for one in changing
            if one.change is Change.DELETE
            or (one.change is Change.REPLACE and (one.former_urn or one.resource.urn) in protected)
        )
        if changing:
            found[layer] = AtRisk(lost, tuple(one for one in changing if one not in lost), decided)
    return found


def confirm_losses(
    engine: PreviewingEngine, stack: str, at_risk: AtRisk, say: Callable[[str], None]
) -> tuple[PreviewedResource, ...]:
    """Ask the engine what an update of a stack would lose of what holds data.

    Where its preview fails, what it told until then counts: the update will fail of itself.

    Args:
        engine: The engine.
        stack: The stack.
        at_risk: What changes in it.
        say: Told how far the engine is.
    """
    heard = Heard()
    with contextlib.suppress(EngineError):
        engine.preview(stack, say, on_event=heard.hear)
    resources, _ = resources_of(stack.rpartition(".")[2], heard.steps)
    known = {one.resource.urn: one for one in at_risk.doubtful}
    return tuple(
        _with_reasons(one, known.get(one.resource.urn))
        for one in resources
        if one.lost and one.resource.urn not in at_risk.decided
    )


def _with_reasons(confirmed: PreviewedResource, doubtful: PreviewedResource | None) -> PreviewedResource:
    """Add what the engine doesn't tell: the former URN, and the reason where another resource is it."""
    if doubtful is None:
        return confirmed
    differences = confirmed.differences or doubtful.differences
    return replace(
        confirmed, former_urn=doubtful.former_urn, differences=differences, reasons=doubtful.reasons
    )
