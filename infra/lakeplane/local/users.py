"""Who uses an environment's simulated cloud: a lock that all its users share.

A cloud that no user asked to stay ends with its last user: the server waits until it has the lock alone, and
keeps it until it has ended, so nobody joins a cloud that is about to end. The kernel gives back the lock of a
user that was killed.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.file_locks import take
from lakeplane.local.places import CloudPlaces

__all__ = ["alone", "is_used", "using"]

# A user that is about to leave, or a look at the lock, is waited for so long.
_MOMENT_SECONDS = 1.0
_LOOK_SECONDS = 0.05


@contextmanager
def using(places: CloudPlaces, seconds: float) -> Iterator[None]:
    """Count as a user of the cloud until the block, or this process, ends.

    Args:
        places: The cloud's files.
        seconds: How long to wait for the end of a cloud that is ending.

    Raises:
        SetupError: It did not end in time, or somebody removes the cloud.
        OSError: The lock's file cannot be made.
    """
    deadline = time.monotonic() + seconds
    while (lock := take(places.users, shared=True)) is None:
        if time.monotonic() > deadline:
            raise SetupError(_does_not_end(places, seconds))
        time.sleep(_LOOK_SECONDS)
    with lock:
        lock.write(f"{os.getpid()} {_own_command()}\n")
        lock.flush()
        yield


@contextmanager
def alone(places: CloudPlaces, seconds: float) -> Iterator[None]:
    """Let nobody use the cloud while the block runs.

    Args:
        places: The cloud's files.
        seconds: How long to wait for the end of a cloud that is ending.

    Raises:
        SetupError: Others use it; they are named.
    """
    started = time.monotonic()
    while (lock := take(places.users)) is None:
        waited = time.monotonic() - started
        if waited > _MOMENT_SECONDS and is_used(places):
            raise SetupError(_in_use(places))
        if waited > seconds:
            raise SetupError(_does_not_end(places, seconds))
        time.sleep(_LOOK_SECONDS)
    with lock:
        lock.truncate(0)
        yield


def is_used(places: CloudPlaces) -> bool:
    """Tell whether there is any user; a server that has the lock to itself because it ends is none."""
    look = take(places.users.with_suffix(".look"), wait=True)  # or two that look see each other
    assert look is not None
    with look:
        for shared in (False, True):
            lock = take(places.users, shared=shared)
            if lock is not None:
                lock.close()
                return shared
    return False


def _own_command() -> str:
    """Return the command without its arguments, which may be anybody's business."""
    verbs = [word for word in sys.argv[1:3] if word.isalpha()]
    return shlex.join([Path(sys.argv[0]).name, *verbs])


def _users(places: CloudPlaces) -> list[str]:
    found = []
    for line in places.users.read_text(encoding="utf-8", errors="replace").splitlines():
        number, _, command = line.partition(" ")
        try:
            if int(number) != os.getpid():
                os.kill(int(number), 0)
                found.append(f"process {number} ({command})")
        except (ValueError, OSError):
            continue
    return list(dict.fromkeys(found))


def _in_use(places: CloudPlaces) -> Diagnostic:
    return Diagnostic(
        code="LOC004",
        summary=f"others use the simulated cloud of {places.layout.root.name!r}",
        detail=", ".join(_users(places)) or "they cannot be seen from here",
        remedy="wait for them to end, or end them, then run the same command again",
    )


def _does_not_end(places: CloudPlaces, seconds: float) -> Diagnostic:
    return Diagnostic(
        code="LOC005",
        summary=f"a simulated cloud of {places.layout.root.name!r} does not end",
        detail=f"waited {seconds:.0f} s for it",
        remedy=f"see {places.server_log}; end the process that it names, then run the same command again",
    )
