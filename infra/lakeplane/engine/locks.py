"""Who works on a stack of the local target.

The engine's own lock is a file that names a process of a host. A killed engine leaves it, and in a container
that was started anew neither means anything. So every operation of ours holds a lock of the kernel's beside
it, which ends with its holder: who has that one knows that no other lakeplane is at work, and can judge what
the engine left.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import StackLockedError
from lakeplane.file_locks import take

__all__ = ["release_left_locks", "working_on"]


@contextmanager
def working_on(backend: Path, stack: str) -> Iterator[None]:
    """Be the only lakeplane at work on a stack while the block runs.

    Args:
        backend: The directory that the engine keeps its state in.
        stack: The stack.

    Raises:
        StackLockedError: Another one is; the finding names it.
    """
    path = backend.parent / f"{stack}.lock"
    lock = take(path)
    if lock is None:
        raise StackLockedError(_held(path, stack))
    with lock:
        lock.truncate(0)
        verbs = [word for word in sys.argv[1:3] if word.isalpha()]
        command = shlex.join([Path(sys.argv[0]).name, *verbs])
        began = datetime.now(tz=UTC).isoformat(timespec="seconds")
        lock.write(f"process {os.getpid()} of {socket.gethostname()} ({command}), since {began}\n")
        lock.flush()
        yield


def release_left_locks(backend: Path, stack: str) -> bool:
    """Take away the locks that engines which have ended left on a stack; tell whether there were any.

    Nothing happens while anybody else holds the stack. `pulumi cancel` does the same, but not for a stack
    whose first update was killed before it had a state. Only who works on the stack alone may do this: see
    `working_on`.
    """
    locks = [path for path in (backend / "locks").rglob("*.json") if path.parent.name == stack]
    if not locks or not all(_is_left(path) for path in locks):
        return False
    for lock in locks:
        lock.unlink(missing_ok=True)
        lock.with_name(f"{lock.name}.attrs").unlink(missing_ok=True)
    return True


def _is_left(lock: Path) -> bool:
    """Tell whether the engine that made a lock has ended; ours have, so this is about a plain `pulumi`."""
    try:
        owner = json.loads(lock.read_text(encoding="utf-8"))
        host, pid = str(owner["hostname"]), int(owner["pid"])
    except PermissionError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True  # gone meanwhile, or torn; the engine writes locks at once
    if host != socket.gethostname():
        # It could not work from there: the simulated cloud answers on this machine's loopback alone.
        return True
    try:
        os.kill(pid, 0)
        # A process id is used again, soonest in a container that was started anew.
        return not Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").startswith("pulumi")
    except ProcessLookupError:
        return True
    except OSError:
        return False


def _held(path: Path, stack: str) -> Diagnostic:
    try:
        holder = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        holder = ""
    return Diagnostic(
        code="ENG001",
        summary="another update holds the stack",
        detail=f"{stack}: {holder or 'its owner is not known'}",
        remedy="wait for it to end, or end it, then run the same command again",
    )
