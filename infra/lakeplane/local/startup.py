"""How a server that cannot start tells the command that started it why."""

from __future__ import annotations

import errno
import json
import signal
from collections.abc import Sequence
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlatformError, SetupError

__all__ = ["ANOTHER_SERVES", "STAY", "explain", "read_failure", "report_failure"]

ANOTHER_SERVES = 3
"""Exit status of a server that found another one at work on its environment."""

STAY = signal.SIGUSR1
"""Tells a server that would end with its last user to stay until it is stopped."""

_MARK = "cannot start:"


def explain(error: OSError, root: Path) -> PlatformError:
    """Say what a failed call of the operating system means for the user."""
    remedies = {
        errno.ENOSPC: "free some space on that disk, then run the command again",
        errno.EDQUOT: "free some space within your quota, then run the command again",
        errno.EADDRINUSE: "stop the process that holds the port, then run the command again",
        errno.EMFILE: "raise the limit of open files (ulimit -n), then run the command again",
        errno.EACCES: "give yourself the right to write there, or run the command in another project",
        errno.EROFS: "run the command in a project on a disk that can be written to",
    }
    return SetupError(
        Diagnostic(
            code="LOC003",
            summary="the simulated cloud cannot start on this machine",
            detail=f"{error.strerror or error} ({error.filename or root})",
            remedy=remedies.get(error.errno or 0, f"see the message; the files are in {root}"),
        )
    )


def report_failure(error: PlatformError, pid: int) -> str:
    """Return the line for the log that `read_failure` looks for."""
    findings = [
        {"code": f.code, "summary": f.summary, "detail": f.detail, "remedy": f.remedy} for f in error.findings
    ]
    return f"{_MARK} {pid} {json.dumps(findings)}"


def read_failure(log: Path, pid: int) -> Sequence[Diagnostic]:
    """Return why the server with that process id could not start; nothing if it did not say."""
    prefix = f"{_MARK} {pid} "
    for line in log.read_text(errors="replace").splitlines() if log.is_file() else ():
        if line.startswith(prefix):
            return [Diagnostic(**finding) for finding in json.loads(line.removeprefix(prefix))]
    return ()
