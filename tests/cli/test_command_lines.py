"""Command lines as users type them, with what they print, as golden folders.

Each folder holds `command` (one line, run in a project of its own), the files that the project gets, and
`output.txt`: both streams and the exit code. `UPDATE_GOLDEN=1` writes what is printed now.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
REPOSITORY = Path(__file__).parents[2]
OWN = {"command", "output.txt"}


def _project(case: Path, directory: Path) -> Path:
    """Make a project as a user has one: the program, its specs, and the case's files over them."""
    shutil.copy(REPOSITORY / "Pulumi.yaml", directory)
    shutil.copytree(REPOSITORY / "stacks", directory / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    for path in case.iterdir():
        if path.name not in OWN:
            shutil.copy(path, directory / "stacks" / "environments")
    return directory


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_command_line_prints_what_its_golden_file_shows(case: str, tmp_path: Path) -> None:
    folder = GOLDEN / case
    project = _project(folder, tmp_path)
    command = shlex.split((folder / "command").read_text(encoding="utf-8"))
    assert command[0] == "lakeplane"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), *command[1:]],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_"))},
            "COLUMNS": "100",
            "LAKEPLANE_CACHE": str(tmp_path / "cache"),
        },
    )
    shown = f"$ {shlex.join(command)}\n{done.stdout}{done.stderr}"
    shown = "\n".join(line.rstrip() for line in shown.splitlines()).replace(str(project), "PROJECT")
    shown += f"\nexit {done.returncode}\n"
    assert "Traceback" not in shown
    expected = folder / "output.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")
