"""Runs the Pulumi CLI so that nothing that it started outlives it.

A CLI that is killed cannot end its language host, which looks after its engine every five minutes only and
has a process group of its own. So the CLI runs as the child of this process, which the system gives every
orphan below it: once the CLI has ended, in whatever way, they are killed.

This process leaves the command's group, so that a signal to the whole group spares it; the CLI stays in that
group, so that Ctrl-C reaches it as ever. Only Linux hands orphans on: elsewhere the CLI runs by itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

__all__ = ["keeping"]

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def keeping(command: Sequence[str]) -> list[str]:
    """Return the command line that runs `command` and ends what it leaves."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", __file__, *command]


def _main(command: Sequence[str]) -> int:
    group = os.getpgrp()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # In the background of a script a command ignores Ctrl-C, and so does all that it starts. But the CLI
        # ends its plugins by that very signal, and waits five seconds for those that don't hear it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    code = subprocess.Popen(command, process_group=group).wait()
    _end_orphans()
    return code if code >= 0 else 128 - code


def _end_orphans() -> None:
    """Kill children until there is none: those of a killed one become ours."""
    with suppress(ChildProcessError):
        while True:
            for child in _children():
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            os.wait()


def _children() -> list[int]:
    """Return the processes whose parent is this one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name in brackets may hold anything; the state and the parent come after it.
            _, _, rest = stat.read_text(errors="replace").rpartition(")")
            if int(rest.split()[1]) == os.getpid():
                found.append(int(stat.parent.name))
    return found


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
