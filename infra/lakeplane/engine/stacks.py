"""The Pulumi engine at work on one project's stacks, as `pulumi up` drives it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pulumi import automation
from pulumi.automation._stack import StackInitMode  # the API exports all of a stack but this
from pulumi.automation.errors import CommandError, StackNotFoundError
from pulumi.automation.events import EngineEvent

from lakeplane.engine.backend import backend_of, drop_torn_attributes, read_state, state_files
from lakeplane.engine.binaries import EngineBinaries
from lakeplane.engine.drift import Drifted, read_drift
from lakeplane.engine.failures import EngineMessage, translate
from lakeplane.engine.keeper import keeping
from lakeplane.engine.local_project import write_local_project, write_local_settings
from lakeplane.engine.locks import release_left_locks, working_on
from lakeplane.engine.protection import open_up
from lakeplane.engine.retries import consider_failure
from lakeplane.layout import ProjectLayout
from lakeplane.waiting import GAVE_UP, WAITS, Patience

__all__ = ["Engine", "Summary"]

Say = Callable[[str], None]
_NOTHING: Mapping[str, str] = MappingProxyType({})
_SPEC_SETTING = "lakeplane:spec"
_SELECT = StackInitMode.SELECT
_LOOK = "preview_refresh"
# Steps that change nothing: what stays, what is looked up.
_LEFT_ALONE = frozenset({"same", "read", "refresh"})


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an operation did.

    Attributes:
        changes: Resources by operation, such as `{"create": 65}`; `same` counts those left alone.
        seconds: How long the engine took.
        waits: What was said about waiting for transient errors, one line for each time.
        steps: What was done, or would be, to each resource that was not left alone, by URN.
        drifted: What a refresh that was only looked at found; nothing after other operations.
    """

    changes: Mapping[str, int]
    seconds: float
    waits: tuple[str, ...] = ()
    steps: Mapping[str, str] = field(default_factory=dict)
    drifted: tuple[Drifted, ...] = ()

    @property
    def resources(self) -> int:
        """How many resources the operation looked at."""
        return sum(self.changes.values())


class _Stack(automation.Stack):
    """A stack that does not ask the engine afterwards what the events told already.

    The API runs the CLI three times more after each operation, for outputs and history, which takes seconds;
    `Engine.outputs` reads outputs where somebody wants them.
    """

    def outputs(self) -> automation.OutputMap:
        return {}

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary:
        del show_secrets
        return automation.UpdateSummary("", datetime.now(tz=UTC), "", {}, {}, "succeeded")


class _Command(automation.PulumiCommand):
    """The CLI, run by a process that ends whatever a killed CLI leaves."""

    def __init__(self, pulumi: Path) -> None:
        # The API looks for `<root>/bin/pulumi`; an installed CLI elsewhere is found on PATH.
        super().__init__(str(pulumi.parent.parent) if pulumi.parent.name == "bin" else None)
        self.command, *self._first = keeping([str(pulumi.absolute()), "--non-interactive"])

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: automation.OnOutput | None = None,
        on_error: automation.OnOutput | None = None,
    ) -> automation.CommandResult:
        return super().run([*self._first, *args], cwd, additional_env, on_output, on_error)


@dataclass(slots=True)
class _Watch:
    """Collects what the engine says while it works."""

    say: Say
    say_wait: Say
    changes: dict[str, int] = field(default_factory=dict)
    messages: list[EngineMessage] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    steps: dict[str, str] = field(default_factory=dict)
    drifted: dict[str, Drifted] = field(default_factory=dict)
    done: int = 0

    def see(self, event: EngineEvent) -> None:
        if event.summary_event is not None:
            changes = {
                str(getattr(op, "value", op)): n for op, n in event.summary_event.resource_changes.items()
            }
            # What an attempt did stays done; what it left alone is counted again by the next.
            done = {op: n for op, n in self.changes.items() if op != "same"}
            self.changes = {op: done.get(op, 0) + changes.get(op, 0) for op in sorted({*done, *changes})}
        elif event.diagnostic_event is not None:
            diagnostic = event.diagnostic_event
            if diagnostic.severity == "error":
                self.messages.append(EngineMessage(diagnostic.message, diagnostic.urn or ""))
            elif diagnostic.severity == "warning" and diagnostic.message.startswith((WAITS, GAVE_UP)):
                self.wait(diagnostic.message.strip())
        elif event.resource_pre_event is not None:
            step = event.resource_pre_event.metadata
            operation = str(getattr(step.op, "value", step.op))
            if operation not in _LEFT_ALONE:
                # A replacement is several steps: create-replacement, replace, delete-replaced.
                self.steps[step.urn] = "replace" if "replace" in operation else operation
        elif event.res_outputs_event is not None:
            self.done += 1
            if (drifted := read_drift(event)) is not None:
                self.drifted[drifted.urn] = drifted
            _, _, rest = event.res_outputs_event.metadata.urn.rpartition("::")
            self.say(f"{self.done} resources, {rest}")

    def wait(self, text: str) -> None:
        self.waits.append(text)
        self.say_wait(text)

    def waits_for(self, patience: Patience, operation: str) -> bool:
        """Wait if all that failed is transient, and tell whether to run the operation again."""
        if any(line.startswith(GAVE_UP) for line in self.waits):
            return False  # by the program's error hooks, which waited long enough
        decisions = consider_failure(patience, operation, self.messages)
        for decision in decisions:
            self.wait(decision.text)
        if not decisions or not all(decision.retries for decision in decisions):
            return False
        time.sleep(max(decision.seconds for decision in decisions))
        self.messages.clear()
        return True


class Engine:
    """Drives the engine on a project's own `Pulumi.yaml`; on the local target on one that is made from it.

    Args:
        layout: The project.
        binaries: The CLI to drive.
        environment: Variables for the engine and the program, see `local_environment`; empty on Azure, where
            the user's own backend and log-in hold.
        on_wait: Told each time that a transient error is waited for; progress is told if left out.
    """

    def __init__(
        self,
        layout: ProjectLayout,
        binaries: EngineBinaries,
        environment: Mapping[str, str],
        on_wait: Say | None = None,
    ) -> None:
        self._layout = layout
        self._local = bool(environment)
        path = os.pathsep.join([*map(str, binaries.path), os.environ.get("PATH", os.defpath)])
        self._environment = {**environment, "PATH": path}
        self._command = _Command(binaries.pulumi)
        self._opened: dict[str, automation.Stack] = {}
        self._on_wait = on_wait

    def preview(
        self,
        stack: str,
        on_progress: Say = _silent,
        variables: Mapping[str, str] = _NOTHING,
        on_event: Callable[[EngineEvent], None] | None = None,
    ) -> Summary:
        """Ask the engine what an update would do.

        Args:
            stack: The stack.
            on_progress: Told how far it is.
            variables: What the program finds in its environment besides.
            on_event: Told each event of the engine; a run that is repeated begins with a prelude again.

        Raises:
            EngineError: The engine or the program failed.
        """
        with self._told_besides(stack, variables):
            return self._work(stack, "preview", on_progress, on_event)

    def up(self, stack: str, on_progress: Say = _silent, variables: Mapping[str, str] = _NOTHING) -> Summary:
        """Update the stack; one that does not exist yet is created on the local target.

        Args:
            stack: The stack.
            on_progress: Told how far it is.
            variables: What the program finds in its environment besides.

        Raises:
            EngineError: The engine, the program or a provider failed.
        """
        with self._alone(stack, on_progress), self._told_besides(stack, variables):
            return self._work(stack, "up", on_progress)

    def refresh(self, stack: str, on_progress: Say = _silent) -> Summary:
        """Read the providers' truth into the state.

        Raises:
            EngineError: The engine or a provider failed.
        """
        with self._alone(stack, on_progress):
            return self._work(stack, "refresh", on_progress)

    def drift(self, stack: str, on_progress: Say = _silent) -> tuple[Drifted, ...]:
        """Ask the providers what is no longer as the state says; a stack that never was has nothing.

        Raises:
            EngineError: The engine or a provider failed.
        """
        if not self._exists(stack):
            return ()
        return self._work(stack, _LOOK, on_progress).drifted

    def destroy(self, stack: str, on_progress: Say = _silent, targets: Sequence[str] = ()) -> Summary:
        """Delete every resource of the stack, or only some; one that never was has none.

        Args:
            stack: The stack.
            on_progress: Told how far it is.
            targets: URNs of the resources to delete; all if none is given.

        Raises:
            EngineError: The engine or a provider failed.
        """
        if not self._exists(stack):
            return Summary({}, 0.0)
        with self._alone(stack, on_progress):
            return self._work(stack, "destroy", on_progress, target=list(targets) or None)

    def unprotect(self, stack: str, urns: Sequence[str]) -> None:
        """Let the engine delete resources that it refused to delete; everything else stays as it is.

        Where a resource says by `forceDestroy` that it goes only if it is empty, it goes with what it holds:
        providers delete by what the state says.

        Raises:
            EngineError: The state cannot be read or written.
        """
        with self._alone(stack, _silent), self._told(stack):
            opened = self._open(stack)
            exported = opened.export_stack()
            for resource in (exported.deployment or {}).get("resources") or ():
                if resource["urn"] in urns:
                    open_up(resource)
            opened.import_stack(exported)

    def export(self, stack: str) -> dict[str, Any]:
        """Return the stack's deployment, or an empty one if the stack does not exist."""
        if self._local and (state := read_state(backend_of(self._environment), stack)) is not None:
            return state
        if not self._exists(stack):
            return {"version": 3, "deployment": {}}
        with self._told(stack):
            exported = self._open(stack).export_stack()
        return {"version": exported.version, "deployment": dict(exported.deployment or {})}

    def outputs(self, stack: str) -> dict[str, Any]:
        """Return the stack's outputs; secret ones are left out."""
        resources = self.export(stack)["deployment"].get("resources") or ()
        for resource in resources:
            if resource["type"] == "pulumi:pulumi:Stack":
                outputs: dict[str, Any] = resource.get("outputs") or {}
                return {name: value for name, value in outputs.items() if not _is_secret(value)}
        return {}

    def point_at(self, stack: str, spec: Path) -> None:
        """Let the stack read its environment from `spec`; one in its usual place needs no setting.

        On the local target that stands in the target's own settings, else in the stack's.

        Raises:
            EngineError: The stack does not exist, or the engine failed.
            SpecError: The project's or the stack's settings cannot be read.
        """
        if self._local:
            write_local_settings(self._layout, stack, spec)
            return
        usual = self._layout.environments / f"{stack.partition('.')[0]}.yaml"
        settings = self._layout.stacks / "config" / f"Pulumi.{stack}.yaml"
        is_set = settings.is_file() and f"{_SPEC_SETTING}:" in settings.read_text(encoding="utf-8")
        with self._told(stack):
            if spec.resolve() != usual.resolve():
                path = os.path.relpath(spec.resolve(), self._layout.stacks)
                self._open(stack).set_config(_SPEC_SETTING, automation.ConfigValue(path))
            elif is_set:
                self._open(stack).remove_config(_SPEC_SETTING)

    def remove(self, stack: str) -> None:
        """Forget a stack that holds no resources; its settings go with it on the local target."""
        if not self._exists(stack):
            return
        with self._told(stack):
            self._open(stack).workspace.remove_stack(stack, preserve_config=not self._local)
        self._opened.pop(stack, None)

    def _workspace(self, stack: str) -> automation.LocalWorkspace:
        directory = self._layout.root
        if self._local:
            drop_torn_attributes(backend_of(self._environment))
            directory = write_local_project(self._layout, stack.partition(".")[0])
            write_local_settings(self._layout, stack)
        return automation.LocalWorkspace(
            work_dir=str(directory), env_vars=self._environment, pulumi_command=self._command
        )

    def _open(self, stack: str) -> automation.Stack:
        if stack not in self._opened:
            mode = StackInitMode.CREATE_OR_SELECT if self._local else _SELECT
            self._opened[stack] = _Stack(stack, self._workspace(stack), mode)
        return self._opened[stack]

    def _exists(self, stack: str) -> bool:
        if stack in self._opened:
            return True
        try:
            self._opened[stack] = _Stack(stack, self._workspace(stack), _SELECT)
        except StackNotFoundError:
            return False
        except CommandError as error:
            raise translate(stack, error, ()) from error
        return True

    def _work(
        self,
        stack: str,
        operation: str,
        on_progress: Say,
        on_event: Callable[[EngineEvent], None] | None = None,
        **options: Any,
    ) -> Summary:
        patience = Patience.from_environment({**os.environ, **self._environment})
        watch = _Watch(on_progress, self._on_wait or on_progress)

        def see(event: EngineEvent) -> None:
            watch.see(event)
            if on_event is not None:
                on_event(event)

        started = time.monotonic()
        while True:
            with self._told(stack):
                work = getattr(self._open(stack), operation)
            try:
                work(on_event=see, suppress_outputs=True, color="never", **options)
                seconds = time.monotonic() - started
                drifted = tuple(watch.drifted.values()) if operation == _LOOK else ()
                return Summary(watch.changes, seconds, tuple(watch.waits), watch.steps, drifted)
            except CommandError as error:
                if not watch.waits_for(patience, operation):
                    raise translate(stack, error, watch.messages, watch.waits, operation) from error

    @contextmanager
    def _told_besides(self, stack: str, variables: Mapping[str, str]) -> Iterator[None]:
        """Let the program of a stack find variables in its environment for a while."""
        with self._told(stack):
            workspace = self._open(stack).workspace
        before = workspace.env_vars
        workspace.env_vars = {**before, **variables}
        try:
            yield
        finally:
            workspace.env_vars = before

    @contextmanager
    def _told(self, stack: str) -> Iterator[None]:
        try:
            yield
        except CommandError as error:
            raise translate(stack, error, ()) from error

    @contextmanager
    def _alone(self, stack: str, say: Say) -> Iterator[None]:
        """Keep other lakeplanes from a stack of the local target, and finish what a killed one left there."""
        if not self._local:
            yield
            return
        with working_on(backend_of(self._environment), stack):
            self._recover(stack, say)
            yield

    def _recover(self, stack: str, say: Say) -> None:
        """Finish what a killed update left: its lock, and operations it had begun.

        Forgetting a begun operation is safe there and nowhere else: the simulated cloud gives a resource
        that is created again the same id.
        """
        backend = backend_of(self._environment)
        if release_left_locks(backend, stack):
            say("release the lock of an update that was killed")
        for checkpoint in state_files(backend, stack):
            if '"pending_operations"' in checkpoint.read_text(encoding="utf-8", errors="replace"):
                say("forget operations that a killed update had begun")
                self._forget_pending(stack)

    def _forget_pending(self, stack: str) -> None:
        with self._told(stack):
            opened = self._open(stack)
            exported = opened.export_stack()
            kept = {
                key: value
                for key, value in (exported.deployment or {}).items()
                if key != "pending_operations"
            }
            opened.import_stack(automation.Deployment(version=exported.version, deployment=kept))


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and "4dabf18193072939515e22adb298388d" in value
