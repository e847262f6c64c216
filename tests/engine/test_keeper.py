"""What a killed command leaves is ended, although it has a process group of its own."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from lakeplane.engine.keeper import keeping

# As the CLI does: what it starts has its own group, and would go on for minutes.
CLI = """
import os, subprocess, sys, time
CHILD = [sys.executable, "-c", "import time; time.sleep(99)"]
orphan = subprocess.Popen(CHILD, process_group=0)
print(os.getpid(), os.getpgrp(), orphan.pid, flush=True)
time.sleep(float(sys.argv[1]))
sys.exit(7)
"""
OWNER = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"


def _start(seconds: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Start the command in a new group that holds nothing else; return its ids too."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, *keeping([sys.executable, "-c", CLI, seconds])],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    return process, [int(word) for word in process.stdout.readline().split()]


def _ended(pid: int) -> bool:
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not _ended(pid):
        time.sleep(0.02)
    return _ended(pid)


def test_what_a_killed_group_leaves_is_ended() -> None:
    owner, (command, group, orphan) = _start("99")
    assert group == owner.pid, "Ctrl-C reaches the command"
    assert not _ended(orphan)
    os.killpg(owner.pid, signal.SIGKILL)
    owner.wait()
    assert _gone(command)
    assert _gone(orphan)


def test_what_a_killed_command_leaves_is_ended() -> None:
    owner, (command, _, orphan) = _start("99")
    os.kill(command, signal.SIGKILL)
    assert owner.wait(5) == 128 + signal.SIGKILL
    assert _gone(orphan)


def test_what_a_command_leaves_at_its_end_is_ended_and_its_exit_code_told() -> None:
    owner, (_, _, orphan) = _start("0")
    assert owner.wait(5) == 7
    assert _gone(orphan)


def test_the_command_hears_ctrl_c_also_in_the_background() -> None:
    """The CLI ends its plugins by it."""
    say = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    line = shlex.join(keeping([sys.executable, "-c", say]))
    done = subprocess.run(
        ["sh", "-c", f"trap '' INT; {line}"], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "False\n"
