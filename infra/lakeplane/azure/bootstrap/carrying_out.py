"""Carrying a bootstrap out: what is so already stays, what is refused is told, what was cut off goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lakeplane.azure.bootstrap.registering import registered
from lakeplane.azure.bootstrap.steps import Kind, Step, az_rest
from lakeplane.azure.bootstrap.writing import holds, write
from lakeplane.azure.errors import AzureError
from lakeplane.waiting import Patience, find_transient

if TYPE_CHECKING:
    from lakeplane.azure.client import Client

__all__ = ["Outcome", "Status", "carry_out"]

_FORBIDDEN_BY_POLICY = "RequestDisallowedByPolicy"
_AUTHORIZATION = frozenset({"AuthorizationFailed", "LinkedAuthorizationFailed"})


class Status(StrEnum):
    """What became of a step."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"
    AWAITS = "awaits"


DONE = frozenset({Status.CREATED, Status.UPDATED, Status.UNCHANGED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step.

    Attributes:
        step: Which.
        status: What became of it.
        told: What Azure said, or what is awaited; nothing where all went well.
        remedy: What to do, such as the command for somebody with more rights.
        client_id: Id that pipelines sign in with, if the step is an identity that is there.
    """

    step: Step
    status: Status
    told: str = ""
    remedy: str = ""
    client_id: str = ""


@dataclass(slots=True)
class _Run:
    client: Client
    say: Callable[[str], None]
    tell: Callable[[str], None]
    sleep: Callable[[float], None]
    patience: Patience
    poll_seconds: float
    deadline_seconds: float
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def do(self, step: Step) -> Outcome:
        missing = [key for key in step.after if not self._is_done(key)]
        if missing:
            needed = ", ".join(missing)
            return Outcome(step, Status.SKIPPED, f"needs {needed}", "done by the next run, after that")
        while True:
            try:
                return self._try(step)
            except AzureError as error:
                if error.code in _AUTHORIZATION and error.status == 403:
                    # Nothing that this run does gives whoever runs it rights: waiting brings none either.
                    return Outcome(step, Status.REFUSED, str(error), self._command(step))
                found = find_transient(error.as_provider_text, step.pulumi_type, "create")
                if found is None:
                    refused = error.is_refused and error.code != _FORBIDDEN_BY_POLICY
                    return Outcome(
                        step,
                        Status.REFUSED if refused else Status.FAILED,
                        str(error),
                        self._command(step) if refused else _remedy(step, error),
                    )
                waiting = self.patience.consider(found, step.key, step.title)
                self.tell(waiting.text)
                if not waiting.retries:
                    return Outcome(step, Status.FAILED, waiting.text, "run the same command again later")
                self.sleep(waiting.seconds)

    def _is_done(self, key: str) -> bool:
        outcome = self.outcomes.get(key)
        return outcome is not None and outcome.status in DONE

    def _try(self, step: Step) -> Outcome:
        if step.awaits and self.client.find(step.awaits, step.awaits_api) is None:
            return Outcome(step, Status.AWAITS, step.awaits, "run the same command again once it is there")
        if step.kind is not Kind.PUT:
            return self._register(step)
        before = self.client.find(step.path, step.api_version)
        wanted = step.body(self.known)
        if before is not None and (step.create_only or holds(before, wanted)):
            self.known[step.key] = before
            return Outcome(step, Status.UNCHANGED, client_id=_client_id(before))
        self.known[step.key] = write(
            self.client, step, wanted, self.sleep, self.poll_seconds, self.deadline_seconds
        )
        status = Status.CREATED if before is None else Status.UPDATED
        return Outcome(step, status, client_id=_client_id(self.known[step.key]))

    def _register(self, step: Step) -> Outcome:
        changed = registered(
            self.client, step, self.say, self.sleep, self.poll_seconds, self.deadline_seconds
        )
        return Outcome(step, Status.CREATED if changed else Status.UNCHANGED)

    def _command(self, step: Step) -> str:
        make = step.command or (lambda known: az_rest(step, known))
        return f"have somebody with the right run: {make(self.known)}"


def carry_out(
    client: Client,
    steps: Iterable[Step],
    *,
    say: Callable[[str], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
    patience: Patience | None = None,
    poll_seconds: float = 2.0,
    deadline_seconds: float = 900.0,
) -> tuple[Outcome, ...]:
    """Carry out steps in their order; never raises because Azure refuses.

    Every step is looked at before it is made so, and made so by a request that may be sent twice. So a run
    that was killed leaves nothing that the next one stumbles over.

    Args:
        client: Asks ARM.
        steps: The steps; each comes after those that it needs.
        say: Told which step is worked on.
        tell: Told what is waited for, in words that stay.
        sleep: Waits some seconds.
        patience: How long transient errors are tried again; as the environment says if left out.
        poll_seconds: Seconds between two looks at something that takes its time.
        deadline_seconds: Seconds after which such a thing counts as failed.

    Returns:
        What became of each step.
    """
    steps = tuple(steps)
    run = _Run(
        client=client,
        say=say,
        tell=tell,
        sleep=sleep,
        patience=patience or Patience.from_environment(),
        poll_seconds=poll_seconds,
        deadline_seconds=deadline_seconds,
    )
    _begin_registrations(run, steps)
    for number, step in enumerate(steps, 1):
        say(f"{number} of {len(steps)}: {step.title}")
        run.outcomes[step.key] = run.do(step)
    return tuple(run.outcomes.values())


def _client_id(resource: Mapping[str, Any]) -> str:
    return str((resource.get("properties") or {}).get("clientId", ""))


def _begin_registrations(run: _Run, steps: Iterable[Step]) -> None:
    """Begin all registrations before waiting for the first, for each takes minutes; failures come later."""
    for step in steps:
        if step.kind is Kind.REGISTER_PROVIDER:
            run.say(f"begin: {step.title}")
            try:
                registered(run.client, step, run.say, run.sleep, 0.0, 0.0, begin_only=True)
            except AzureError:
                continue


def _remedy(step: Step, error: AzureError) -> str:
    """Say what to do about a lasting error."""
    if step.pulumi_type.endswith(":Vault") and "deleted state" in error.message:
        name = step.path.rpartition("/")[2]
        return f"recover the vault, whose key encrypts the stacks' secrets: az keyvault recover --name {name}"
    if step.pulumi_type.endswith(":StorageAccount") and "Taken" in error.code:
        return "somebody else has an account of this name: choose another name or organisation in the spec"
    if error.code == _FORBIDDEN_BY_POLICY:
        return "ask the owner of the Azure Policy assignment named here for an exemption, then run it again"
    if error.status == 0:
        return "check the network between here and Azure, then run the same command again"
    return "correct what Azure names, then run the same command again"
