"""Locks on files that the kernel gives back when their holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

__all__ = ["take"]


def take(path: Path, *, shared: bool = False, wait: bool = False) -> TextIO | None:
    """Take the lock of a file, which is made if it is not there; closing the file gives the lock back.

    Children do not inherit it. A file that was removed meanwhile is nobody's lock any more: the one that now
    has its name is taken instead.

    Args:
        path: The file.
        shared: Let others have it too that share it; alone if left out.
        wait: Wait for as long as it takes.

    Returns:
        The open file, which can be read and appended to; None if the lock is another's.

    Raises:
        OSError: The file cannot be made.
    """
    kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = path.open("a+", encoding="utf-8", errors="replace")
        try:
            fcntl.flock(file, kind)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except BlockingIOError:
            file.close()
            return None
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        file.close()
