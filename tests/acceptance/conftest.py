"""A user's project, and the commands that a user runs in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]


class Project:
    """A user's project: the program, its specs and the workloads' sources, and nothing else."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def copy_to(cls, root: Path) -> Project:
        """Copy what a fresh clone holds of a project into an empty directory."""
        shutil.copy(REPOSITORY / "Pulumi.yaml", root)
        skip = shutil.ignore_patterns("__pycache__", "Pulumi.local.*.yaml", "dist", "build")
        shutil.copytree(REPOSITORY / "stacks", root / "stacks", ignore=skip)
        shutil.copytree(REPOSITORY / "workloads", root / "workloads", ignore=skip)
        return cls(root)

    def lakeplane(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command in the project; its exit code must be `code` and it must not show a traceback."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=580,
            check=False,
            stdin=subprocess.DEVNULL,
            env=self.environment(),
        )
        shown = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == code, shown
        assert "Traceback" not in shown
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command and read what it prints for scripts."""
        return json.loads(self.lakeplane(*arguments, "--format", "json", code=code).stdout)

    @staticmethod
    def command(*arguments: str) -> list[str]:
        """Return the command line of a lakeplane command."""
        return [str(Path(sys.executable).with_name("lakeplane")), *arguments]

    @staticmethod
    def environment() -> dict[str, str]:
        """Return the variables of a user who has no set-up of his own."""
        return {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_"))}

    def processes(self) -> list[str]:
        """Command lines of processes that still speak of this project, or work in it."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                place = str((process / "cwd").readlink())
            except OSError:
                continue
            if str(self.root) in line or Path(place).is_relative_to(self.root):
                found.append(f"{process.name} {line or '(ended)'}")
        return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a module's own project."""
    return Project.copy_to(tmp_path_factory.mktemp("project"))
