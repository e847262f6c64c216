"""Processes that end with the one that started them, whatever ends it.

A started process lives in a group of its own, behind a small guard that holds the read end of a pipe. Only
the starting process holds the write end. When it ends, even by SIGKILL, the system closes that end, the guard
wakes up and kills the whole group: no driver, JVM or server is left behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

__all__ = ["LeashedProcess"]

STOP_SECONDS = 5.0


class LeashedProcess:
    """A process and all that it starts, on a leash of this process."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        log: Path,
        talk: bool = False,
        pass_fds: Sequence[int] = (),
    ) -> None:
        """Start `command`.

        Args:
            command: Program and arguments.
            environment: All of its environment.
            cwd: Its working directory.
            log: File that its output is appended to; standard error only if `talk`.
            talk: Whether its standard input and output are pipes to talk through.
            pass_fds: Further descriptors that it inherits.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        watched, self._leash = os.pipe()
        try:
            with log.open("ab") as output:
                self.process: subprocess.Popen[bytes] = subprocess.Popen(
                    [sys.executable, "-I", "-S", __file__, str(watched), *command],
                    env=dict(environment),
                    cwd=cwd,
                    stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
                    stdout=subprocess.PIPE if talk else output,
                    stderr=output,
                    pass_fds=(watched, *pass_fds),
                    start_new_session=True,
                )
        except BaseException:
            os.close(self._leash)
            raise
        finally:
            os.close(watched)
        self._ended = threading.Lock()

    @property
    def pid(self) -> int:
        """Process id of the guard, which is the id of the group too."""
        return self.process.pid

    @property
    def input(self) -> IO[bytes]:
        """Where the process reads from."""
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def output(self) -> IO[bytes]:
        """What the process writes."""
        assert self.process.stdout is not None
        return self.process.stdout

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the whole group to end, and kill what has not after `seconds`; 0 kills at once."""
        with self._ended:
            if seconds > 0 and self.alive:
                self._signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(seconds)
            # The leader may be gone while something that it started is not.
            self._signal(signal.SIGKILL)
            self.process.wait()
            if self._leash >= 0:
                os.close(self._leash)
                self._leash = -1
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()

    def _signal(self, number: int) -> None:
        if self._leash < 0:
            return  # the group's id may be another's by now
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def _guard(watched: int, command: Sequence[str]) -> int:
    """Run `command` until it ends, or until nobody holds the other end of `watched` any more."""
    # The group's signals are for the child, whose end ends the guard. Unlike SIG_IGN, a handler that does
    # nothing is not inherited.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    os.set_inheritable(watched, False)
    child = subprocess.Popen(command, close_fds=False)
    threading.Thread(target=_kill_with_owner, args=(watched,), daemon=True).start()
    # The talk is the child's: holding on to these ends would hide its end from the owner.
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(quiet, descriptor)
    code = child.wait()
    return code if code >= 0 else 128 - code


def _kill_with_owner(watched: int) -> None:
    while os.read(watched, 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(_guard(int(sys.argv[1]), sys.argv[2:]))
