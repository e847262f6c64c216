"""What an update could lose of stacks as they are: first without asking anybody, then by the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulumi.automation.events import OpType, StepEventMetadata

from lakeplane.errors import EngineError
from lakeplane.preview.base_state import exported_base
from lakeplane.preview.comparison import compare
from lakeplane.preview.from_engine import Heard, PreviewingEngine, resources_of
from lakeplane.preview.layers import Rendered
from lakeplane.preview.model import Change, PreviewedResource
from lakeplane.preview.seals import new_seal

__all__ = ["AtRisk", "Confirmed", "confirm_losses", "find_at_risk"]

_MADE_ANEW = (OpType.REPLACE, OpType.CREATE_REPLACEMENT, OpType.IMPORT_REPLACEMENT)
_STAYS = (Change.SAME, Change.READ, Change.CREATE, Change.IMPORT)


@dataclass(frozen=True, slots=True)
class AtRisk:
    """What holds data in a layer and does not simply stay.

    Attributes:
        lost: What goes for certain: the program has it no more, or it is protected and would be replaced.
        doubtful: What changes, so that a provider has to say whether it is replaced for it.
        decided: URNs of what an interrupted update had begun to replace: it is deleted already.
        left_over: URNs under which an interrupted update still has to delete what was replaced.
    """

    lost: tuple[PreviewedResource, ...]
    doubtful: tuple[PreviewedResource, ...]
    decided: frozenset[str] = frozenset()
    left_over: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What the engine says of a stack's update.

    Attributes:
        losses: What holds data and would go.
        refused: Why it told no more: something of that is protected, and it looks at nothing else; absent if
            it looked at everything.
    """

    losses: tuple[PreviewedResource, ...]
    refused: EngineError | None = None


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
        changing = [
            one
            for one in compared
            if one.layer == layer
            and one.holds
            and one.change not in _STAYS
            and not one.resource.retain_on_delete
            and one.resource.urn not in was.replacing
            and not any(one.resource is left for left in was.left_over)
        ]
        protected = {urn for urn, one in was.resources.items() if one.protect}
        lost = tuple(
            one
            for one in changing
            if one.change is Change.DELETE
            or (one.change is Change.REPLACE and (one.former_urn or one.resource.urn) in protected)
        )
        if changing:
            doubtful = tuple(one for one in changing if one not in lost)
            left_over = frozenset(one.urn for one in was.left_over)
            found[layer] = AtRisk(lost, doubtful, was.replacing, left_over)
    return found


def confirm_losses(
    engine: PreviewingEngine, stack: str, at_risk: AtRisk, say: Callable[[str], None]
) -> Confirmed:
    """Ask the engine what an update of a stack would lose of what holds data.

    Args:
        engine: The engine.
        stack: The stack.
        at_risk: What changes in it.
        say: Told how far the engine is.

    Raises:
        EngineError: Its preview failed, and not because something is protected: nobody knows what is lost.
    """
    heard = Heard()
    failure = None
    try:
        engine.preview(stack, say, on_event=heard.hear)
    except EngineError as error:
        failure = error
    resources, _ = resources_of(stack.rpartition(".")[2], _without_left_over(heard.steps, at_risk))
    known = {one.resource.urn: one for one in at_risk.doubtful}
    losses = [
        _with_reasons(one, known.get(one.resource.urn))
        for one in resources
        if one.lost and one.resource.urn not in at_risk.decided
    ]
    if failure is not None:
        told = {one.resource.urn for one in losses}
        refused = [one for one in at_risk.doubtful if _is_refused(one, failure)]
        if not refused:
            raise failure
        losses += [replace(one, change=Change.REPLACE) for one in refused if one.resource.urn not in told]
    return Confirmed(tuple(losses), failure)


def _is_refused(one: PreviewedResource, failure: EngineError) -> bool:
    """Tell whether the engine refuses to replace a resource because it is protected."""
    urns = {one.resource.urn, one.former_urn or one.resource.urn}
    return any(
        finding.resource in urns or any(urn in finding.detail for urn in urns)
        for finding in failure.findings
        if "protect" in finding.detail
    )


def _without_left_over(steps: Sequence[StepEventMetadata], at_risk: AtRisk) -> list[StepEventMetadata]:
    """Leave out that the engine deletes what an interrupted update had replaced: that was decided then.

    What stands under the same URN is another resource, which may go as well.
    """
    anew = {step.urn for step in steps if step.op in _MADE_ANEW}
    return [
        step
        for step in steps
        if step.op is not OpType.DELETE_REPLACED or step.urn in anew or step.urn not in at_risk.left_over
    ]


def _with_reasons(confirmed: PreviewedResource, doubtful: PreviewedResource | None) -> PreviewedResource:
    """Add what the engine doesn't tell: the former URN, and the reason where another resource is it."""
    if doubtful is None:
        return confirmed
    differences = confirmed.differences or doubtful.differences
    return replace(
        confirmed, former_urn=doubtful.former_urn, differences=differences, reasons=doubtful.reasons
    )
