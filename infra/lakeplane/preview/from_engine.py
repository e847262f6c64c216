"""The preview of the real engine, on the stacks as they are: the same model, as far as its events tell.

They tell no dependencies and no options but protection, and secrets as `[secret]`. What a provider says of a
change is taken as it is: nothing here guesses what replaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pulumi.automation.events import EngineEvent, OpType, StepEventMetadata, StepEventStateMetadata

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.errors import EngineError
from lakeplane.preview.aliases import Matches, urn_name
from lakeplane.preview.base import BaseLayer
from lakeplane.preview.changes import LayerChanges
from lakeplane.preview.differences import Difference
from lakeplane.preview.estimate import estimate
from lakeplane.preview.judging import Judges, judge_resources
from lakeplane.preview.layers import find_subject
from lakeplane.preview.losses import find_losses
from lakeplane.preview.model import BaseLabel, Change, Preview, PreviewedResource
from lakeplane.preview.property_paths import ABSENT, at, parse_path
from lakeplane.preview.seals import without_seals
from lakeplane.preview.state_values import plain_inputs
from lakeplane.render import Resource

__all__ = ["Heard", "PreviewingEngine", "preview_by_engine", "resources_of"]

_STACK = "pulumi:pulumi:Stack"
# One resource goes through several steps when it is replaced; the gravest says what becomes of it.
_CHANGES: Mapping[OpType, Change] = {
    OpType.SAME: Change.SAME,
    OpType.REFRESH: Change.SAME,
    OpType.READ: Change.READ,
    OpType.CREATE: Change.CREATE,
    OpType.UPDATE: Change.UPDATE,
    OpType.IMPORT: Change.IMPORT,
    OpType.DELETE: Change.DELETE,
    OpType.DISCARD: Change.DELETE,
    OpType.CREATE_REPLACEMENT: Change.REPLACE,
    OpType.DELETE_REPLACED: Change.REPLACE,
    OpType.DISCARD_REPLACED: Change.REPLACE,
    OpType.IMPORT_REPLACEMENT: Change.REPLACE,
    OpType.READ_REPLACEMENT: Change.REPLACE,
    OpType.REPLACE: Change.REPLACE,
}


class PreviewingEngine(Protocol):
    """What is asked of `lakeplane.engine.Engine`."""

    def preview(
        self, stack: str, on_progress: Callable[[str], None], *, on_event: Callable[[EngineEvent], None]
    ) -> object:
        """Ask what an update would do."""

    def point_at(self, stack: str, spec: Path) -> None:
        """Let a stack read its environment from a spec."""

    def outputs(self, stack: str) -> dict[str, Any]:
        """Return a stack's outputs."""


@dataclass(slots=True)
class Heard:
    """What the engine said while it looked at one stack."""

    steps: list[StepEventMetadata] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def hear(self, event: EngineEvent) -> None:
        """Take an event."""
        if event.prelude_event is not None:
            # It begins again after a transient error.
            self.steps.clear()
            self.warnings.clear()
        elif event.resource_pre_event is not None:
            self.steps.append(event.resource_pre_event.metadata)
        elif event.diagnostic_event is not None and event.diagnostic_event.severity == "warning":
            self.warnings.append(event.diagnostic_event.message.strip())


def preview_by_engine(
    engine: PreviewingEngine,
    spec_path: Path,
    layer: str = "all",
    *,
    judges: Judges | None = None,
    say: Callable[[str], None],
) -> Preview:
    """Ask the engine what an update would do to an environment's stacks.

    Args:
        engine: The engine, with a backend and providers that it can reach.
        spec_path: Path of the environment's spec.
        layer: `foundation`, `contents`, `hub` or `all`.
        judges: Find what is wrong with the resources; nothing is judged if left out.
        say: Told how far it is.

    Raises:
        SpecError: The spec is wrong.
        PlanError: The spec has no such layer.
    """
    subject = find_subject(spec_path)
    found: list[PreviewedResource] = []
    findings: list[Diagnostic] = []
    for name in subject.shown(layer):
        stack = f"{subject.environment}.{name}"
        below = f"{subject.environment}.foundation"
        if name == "contents" and not engine.outputs(below).get("foundation"):
            findings.append(_not_yet(stack, below))
            continue
        heard = Heard()
        try:
            engine.point_at(stack, subject.path)
            engine.preview(stack, say, on_event=heard.hear)
        except EngineError as error:
            findings += error.findings
        resources, before = resources_of(name, heard.steps)
        found += resources
        findings += find_losses(LayerChanges(name, tuple(resources), Matches({}, {})), before)
        findings += _warnings(name, heard.warnings)
    left = [one.resource for one in found if one.change is not Change.DELETE]
    judgement = judge_resources(found, judges)
    counted = estimate(subject.spec, subject.path, subject.project, left)
    return Preview(
        environment=subject.environment,
        layers=subject.shown(layer),
        resources=tuple(found),
        findings=(*findings, *judgement.findings, *counted.findings),
        cost=counted.cost,
        quota=counted.quota,
        base=BaseLabel("engine", "the stacks as they are"),
        covered=judgement.covered,
        budget=subject.spec.monthly_budget,
        spec=subject.path,
        root=subject.project.root,
    )


def resources_of(layer: str, steps: Sequence[StepEventMetadata]) -> tuple[list[PreviewedResource], BaseLayer]:
    """Return what the engine's steps do to each resource, and what there was before."""
    by_urn: dict[str, list[StepEventMetadata]] = {}
    for step in steps:
        if step.type != _STACK and not _is_default_provider(step):
            by_urn.setdefault(step.urn, []).append(step)
    found: list[PreviewedResource] = []
    before: dict[str, Resource] = {}
    for urn, several in sorted(by_urn.items()):
        changes = [_CHANGES[step.op] for step in several if step.op in _CHANGES]
        if not changes:
            continue
        change = Change.REPLACE if Change.REPLACE in changes else changes[-1]
        step = next((one for one in several if one.detailed_diff or one.diffs), several[0])
        old = next((one.old for one in several if one.old is not None), None)
        new = next((one.new for one in several if one.new is not None), None)
        if old is not None:
            before[urn] = _resource(old, is_read=change is Change.READ)
        state = old if change is Change.DELETE or new is None else new
        if state is not None:
            resource = _resource(state, is_read=change is Change.READ)
            found.append(PreviewedResource(layer, resource, change, tuple(_differences(step, old, new))))
    return found, BaseLayer(before)


def _is_default_provider(step: StepEventMetadata) -> bool:
    return step.type.startswith("pulumi:providers:") and urn_name(step.urn).startswith("default")


def _resource(state: StepEventStateMetadata, *, is_read: bool) -> Resource:
    return Resource(
        urn=state.urn,
        type=state.type,
        name=urn_name(state.urn),
        custom=bool(state.custom),
        parent=state.parent or None,
        provider=state.provider.rpartition("::")[0] if state.provider else None,
        inputs=_values(state.type, state.inputs),
        protect=bool(state.protect),
        read=is_read,
        retain_on_delete=bool(state.retain_on_delete),
    )


def _values(token: str, values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: _hidden(value) for name, value in plain_inputs(token, values or {}).items()}


def _hidden(value: Any) -> Any:
    if value == "[secret]":
        return {"$secret": None}
    if isinstance(value, Mapping):
        return {name: _hidden(item) for name, item in value.items()}
    return [_hidden(item) for item in value] if isinstance(value, list) else value


def _differences(
    step: StepEventMetadata, old: StepEventStateMetadata | None, new: StepEventStateMetadata | None
) -> Iterator[Difference]:
    if old is None or new is None:
        return
    before, after = _values(old.type, old.inputs), _values(new.type, new.inputs)
    outputs = _values(old.type, old.outputs)
    if step.detailed_diff:
        for path, found in sorted(step.detailed_diff.items()):
            kind = str(getattr(found.diff_kind, "value", found.diff_kind))
            was = at(before if found.input_diff else outputs, parse_path(path))
            yield _difference(path, was, at(after, parse_path(path)), replaces=kind.endswith("replace"))
        return
    replacing = set(step.keys or ())
    for name in sorted({*(step.diffs or ()), *replacing}):
        yield _difference(name, before.get(name, ABSENT), after.get(name, ABSENT), replaces=name in replacing)


def _difference(path: str, before: Any, after: Any, *, replaces: bool) -> Difference:
    return Difference(path, without_seals(before), without_seals(after), replaces=replaces)


def _warnings(layer: str, messages: Sequence[str]) -> Iterator[Diagnostic]:
    for message in dict.fromkeys(messages):
        yield Diagnostic(
            code="PRV031",
            summary=f"the engine says of {layer}: {message}",
            severity=Severity.WARNING,
        )


def _not_yet(stack: str, below: str) -> Diagnostic:
    return Diagnostic(
        code="PRV032",
        summary=f"the engine can't look at {stack} yet",
        severity=Severity.WARNING,
        detail=f"{below} has no outputs: it isn't deployed",
        remedy="preview without --engine, which shows both layers at once, or deploy the layer below first",
    )
