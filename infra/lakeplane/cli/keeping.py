"""`lakeplane up` loses nothing that holds data, unless somebody names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakeplane.cli.unprotect import Asking, check_named, check_typed, release

if TYPE_CHECKING:
    from lakeplane.cli.environment import Live
    from lakeplane.cli.terminal import Progress
    from lakeplane.cli.through_runner import LostOnPurpose
    from lakeplane.engine.protection import Protected
    from lakeplane.errors import EngineError
    from lakeplane.preview.at_risk import AtRisk
    from lakeplane.preview.layers import Rendered
    from lakeplane.preview.model import PreviewedResource

__all__ = ["DataKeeper"]


@dataclass(frozen=True, slots=True)
class DataKeeper:
    """Stands before each stack's update.

    Attributes:
        live: The environment and its engine.
        states: What the engine exported of the stacks before anything was touched, by stack.
        at_risk: What changes of what holds data, by layer.
        lost: What the user gave up by name.
        progress: Told the steps.
    """

    live: Live
    states: Mapping[str, Mapping[str, Any]]
    at_risk: Mapping[str, AtRisk]
    lost: LostOnPurpose
    progress: Progress

    @classmethod
    def look(
        cls, live: Live, rendered: Rendered, layers: Sequence[str], lost: LostOnPurpose, progress: Progress
    ) -> DataKeeper:
        """Compare the program with what its stacks have, and refuse what is certain before anything goes.

        Args:
            live: The environment and its engine.
            rendered: What the program registers.
            layers: Layers that are updated, from inside too.
            lost: What the user gave up by name.
            progress: Told the steps.

        Raises:
            ProtectedError: Something that holds data would go, and nobody named it.
        """
        from lakeplane.preview.at_risk import find_at_risk

        with progress.step("what is deployed and holds data") as say:
            stacks = [live.subject.plan.stack(layer) for layer in live.subject.layers]
            states = {stack: live.engine.export(stack) for stack in stacks}
            found = find_at_risk(rendered, {stack: state["deployment"] for stack, state in states.items()})
            at_risk = {layer: one for layer, one in found.items() if layer in layers}
            changing = sum(len(one.lost) + len(one.doubtful) for one in at_risk.values())
            say(f"{changing} of them would change" if changing else "nothing of it would change")
        keeper = cls(live, states, at_risk, lost, progress)
        keeper._ask([loss for one in at_risk.values() for loss in one.lost])
        return keeper

    def before(self, layer: str) -> None:
        """Let the engine say what the layer's update would lose, and go on only if all of it was named.

        Raises:
            ProtectedError: Something that holds data would go, and nobody named it.
            EngineError: The engine can't say what would go.
        """
        if layer not in self.at_risk:
            return
        at_risk = self.at_risk[layer]
        losses = {one.resource.urn: one for one in at_risk.lost}
        released: set[str] = set()
        while True:
            refused = self._confirm(layer, at_risk, losses) if at_risk.doubtful else None
            named = [one for one in self._ask(list(losses.values())) if one.urn not in released]
            if refused is not None and not named:
                raise refused
            release(self.live, named, self.progress)
            released |= {one.urn for one in named}
            if refused is None:
                return

    def _confirm(
        self, layer: str, at_risk: AtRisk, losses: dict[str, PreviewedResource]
    ) -> EngineError | None:
        """Add what the engine says would be lost; return why it told no more, if protection kept it."""
        from lakeplane.preview.at_risk import confirm_losses

        stack = self.live.subject.plan.stack(layer)
        with self.progress.step(f"pulumi preview {stack}") as say:
            confirmed = confirm_losses(self.live.engine, stack, at_risk, say)
            say(f"{len(confirmed.losses)} that hold data would go")
        losses.update({one.resource.urn: one for one in confirmed.losses})
        return confirmed.refused

    def _ask(self, losses: Sequence[PreviewedResource]) -> list[Protected]:
        """Refuse what would be lost and isn't named; return all of it as the stacks have it."""
        from lakeplane.engine.protection import find_named

        if not losses:
            return []
        by_urn = {one.former_urn or one.resource.urn: one for one in losses}
        found = [one for stack, state in self.states.items() for one in find_named(stack, state, by_urn)]
        assert len(found) == len(by_urn), "what goes is something that a stack has"
        name = self.live.subject.name
        asking = Asking(f"up --target {self.live.target.value}", "ENG012", lambda one: _fate(by_urn[one.urn]))
        check_named(name, found, self.lost.names, asking)
        check_typed(name, self.lost.typed, f"this loses {len(found)} resources of {name!r} that hold data")
        return found


def _fate(loss: PreviewedResource) -> str:
    from lakeplane.preview.losses import past, reason

    why = f" ({found})" if (found := reason(loss)) else ""
    return f"would be {past(loss)}{why}; nothing of its layer was changed"
