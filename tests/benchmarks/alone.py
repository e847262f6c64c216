"""A piece of a benchmark in a process of its own, so that nothing that another one loaded helps it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["run_alone"]


def run_alone(script: str, *words: str) -> dict[str, Any]:
    """Run a script of this folder and return what it says, which is JSON on its last line.

    Raises:
        AssertionError: It failed; holds its last words.
    """
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
