"""Git, asked about the project."""

from __future__ import annotations

import subprocess
from pathlib import Path

__all__ = ["ask_git"]

_SECONDS = 60


def ask_git(root: Path, *arguments: str) -> str | None:
    """Return what git answers in a directory; None where it isn't installed or refuses.

    Raises:
        subprocess.TimeoutExpired: It does not answer within a minute; nobody goes on as if it had refused.
    """
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=root,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except OSError:
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
