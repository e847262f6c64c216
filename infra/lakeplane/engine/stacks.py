"""The Pulumi engine at work on one project's stacks, as `pulumi up` drives it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pulumi import automation
from pulumi.automation.errors import CommandError, StackNotFoundError
from pulumi.automation.events import EngineEvent

from lakeplane.engine.binaries import EngineBinaries
from lakeplane.engine.failures import EngineMessage, translate
from lakeplane.layout import ProjectLayout

__all__ = ["Engine", "Summary"]

Say = Callable[[str], None]
_SPEC_SETTING = "lakeplane:spec"


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an operation did.

    Attributes:
        changes: Resources by operation, such as `{"create": 65}`; `same` counts those left alone.
        seconds: How long the engine took.
        outputs: The stack's outputs; secret ones are left out. Empty for previews and removals.
    """

    changes: Mapping[str, int]
    seconds: float
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def resources(self) -> int:
        """How many resources the operation looked at."""
        return sum(self.changes.values())


@dataclass(slots=True)
class _Watch:
    """Collects what the engine says while it works."""

    say: Say
    changes: dict[str, int] = field(default_factory=dict)
    messages: list[EngineMessage] = field(default_factory=list)
    done: int = 0

    def see(self, event: EngineEvent) -> None:
        if event.summary_event is not None:
            changes = {
                str(getattr(op, "value", op)): n for op, n in event.summary_event.resource_changes.items()
            }
            self.changes = dict(sorted(changes.items()))
        elif event.diagnostic_event is not None:
            diagnostic = event.diagnostic_event
            if diagnostic.severity == "error":
                self.messages.append(EngineMessage(diagnostic.message, diagnostic.urn or ""))
        elif event.res_outputs_event is not None:
            self.done += 1
            _, _, rest = event.res_outputs_event.metadata.urn.rpartition("::")
            self.say(f"{self.done} resources, {rest}")


class Engine:
    """Drives the engine on a project's own `Pulumi.yaml`.

    Args:
        layout: The project.
        binaries: The CLI to drive.
        environment: Variables for the engine and the program, see `local_environment`; empty on Azure, where
            the user's own backend and log-in hold.
    """

    def __init__(
        self, layout: ProjectLayout, binaries: EngineBinaries, environment: Mapping[str, str]
    ) -> None:
        self._layout = layout
        self._local = bool(environment)
        path = os.pathsep.join([*map(str, binaries.path), os.environ.get("PATH", os.defpath)])
        self._environment = {**environment, "PATH": path}
        # The API looks for `<root>/bin/pulumi`; an installed CLI elsewhere is found on PATH.
        in_bin = binaries.pulumi.parent.name == "bin"
        self._command = automation.PulumiCommand(str(binaries.pulumi.parent.parent) if in_bin else None)
        self._opened: dict[str, automation.Stack] = {}

    def preview(self, stack: str, on_progress: Say = _silent) -> Summary:
        """Ask the engine what an update would do.

        Raises:
            EngineError: The engine or the program failed.
        """
        return self._work(stack, "preview", on_progress)

    def up(self, stack: str, on_progress: Say = _silent) -> Summary:
        """Update the stack; one that does not exist yet is created on the local target.

        Raises:
            EngineError: The engine, the program or a provider failed.
        """
        self._recover(stack, on_progress)
        return self._work(stack, "up", on_progress, show_secrets=False)

    def refresh(self, stack: str, on_progress: Say = _silent) -> Summary:
        """Read the providers' truth into the state.

        Raises:
            EngineError: The engine or a provider failed.
        """
        return self._work(stack, "refresh", on_progress, show_secrets=False)

    def destroy(self, stack: str, on_progress: Say = _silent) -> Summary:
        """Delete every resource of the stack; one that never was has none.

        Raises:
            EngineError: The engine or a provider failed.
        """
        if not self._exists(stack):
            return Summary({}, 0.0)
        self._recover(stack, on_progress)
        return self._work(stack, "destroy", on_progress, show_secrets=False)

    def export(self, stack: str) -> dict[str, Any]:
        """Return the stack's deployment, or an empty one if the stack does not exist."""
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
        """Let the stack read its environment from `spec`; one in its usual place needs no setting."""
        usual = self._layout.environments / f"{stack.partition('.')[0]}.yaml"
        settings = self._layout.stacks / "config" / f"Pulumi.{stack}.yaml"
        is_set = settings.is_file() and f"{_SPEC_SETTING}:" in settings.read_text(encoding="utf-8")
        with self._told(stack):
            if spec.resolve() != usual.resolve():
                path = os.path.relpath(spec.resolve(), self._layout.stacks)
                self._open(stack).set_config(_SPEC_SETTING, automation.ConfigValue(path))
            elif is_set:
                self._open(stack).remove_config(_SPEC_SETTING)

    def cancel(self, stack: str) -> None:
        """Release the stack's lock."""
        with self._told(stack):
            self._open(stack).cancel()

    def remove(self, stack: str) -> None:
        """Forget a stack that holds no resources; its settings go with it on the local target."""
        if not self._exists(stack):
            return
        with self._told(stack):
            self._open(stack).workspace.remove_stack(stack, preserve_config=not self._local)
        self._opened.pop(stack, None)

    def _workspace(self) -> automation.LocalWorkspace:
        return automation.LocalWorkspace(
            work_dir=str(self._layout.root), env_vars=self._environment, pulumi_command=self._command
        )

    def _open(self, stack: str) -> automation.Stack:
        if stack not in self._opened:
            find = automation.Stack.create_or_select if self._local else automation.Stack.select
            self._opened[stack] = find(stack, self._workspace())
        return self._opened[stack]

    def _exists(self, stack: str) -> bool:
        if stack in self._opened:
            return True
        try:
            self._opened[stack] = automation.Stack.select(stack, self._workspace())
        except StackNotFoundError:
            return False
        except CommandError as error:
            raise translate(stack, error, ()) from error
        return True

    def _work(self, stack: str, operation: str, on_progress: Say, **options: Any) -> Summary:
        watch = _Watch(on_progress)
        started = time.monotonic()
        with self._told(stack, watch):
            work = getattr(self._open(stack), operation)
            result = work(on_event=watch.see, suppress_outputs=True, color="never", **options)
        outputs = result.outputs if isinstance(result, automation.UpResult) else {}
        plain = {name: output.value for name, output in outputs.items() if not output.secret}
        return Summary(watch.changes, time.monotonic() - started, plain)

    @contextmanager
    def _told(self, stack: str, watch: _Watch | None = None) -> Iterator[None]:
        try:
            yield
        except CommandError as error:
            raise translate(stack, error, watch.messages if watch else ()) from error

    def _recover(self, stack: str, say: Say) -> None:
        """Finish what a killed update left on the local target: its lock, and operations it had begun.

        Forgetting a begun operation is safe there and nowhere else: the simulated cloud gives a resource
        that is created again the same id.
        """
        if not self._local:
            return
        backend = Path(unquote(urlsplit(self._environment["PULUMI_BACKEND_URL"]).path)) / ".pulumi"
        locks = [path for path in (backend / "locks").rglob("*.json") if path.parent.name == stack]
        if locks and all(_owner_is_dead(path) for path in locks):
            say("release the lock of an update that was killed")
            self.cancel(stack)
        for checkpoint in (backend / "stacks").rglob(f"{stack}.json"):
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


def _owner_is_dead(lock: Path) -> bool:
    try:
        owner = json.loads(lock.read_text(encoding="utf-8"))
        if owner.get("hostname") != socket.gethostname():
            return False
        os.kill(int(owner["pid"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, KeyError):
        return False
    return False


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and "4dabf18193072939515e22adb298388d" in value
