"""Two previews give the same bytes, whoever runs them and however their machine is set up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lakeplane.layout import find_project

PROJECT = find_project(Path(__file__).parent)
COMMAND = str(Path(sys.executable).parent / "lakeplane")
ONE = {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1", "HOME": "/nonexistent", "COLUMNS": "60"}
OTHER = {
    "LC_ALL": "de_DE.UTF-8",
    "TZ": "Pacific/Chatham",
    "PYTHONHASHSEED": "4242",
    "PYTHONUTF8": "1",
    "COLUMNS": "300",
    "ARM_SUBSCRIPTION_ID": "ffffffff-0000-4000-8000-000000000000",
    "DATABRICKS_HOST": "https://adb-1.1.azuredatabricks.net",
    "DATABRICKS_TOKEN": "of-somebody",
    "KUBECONFIG": "/nonexistent/config",
    "PULUMI_CONFIG": '{"lakeplane:wheel": "/nonexistent"}',
    "PULUMI_STACK": "other.contents",
}


def shown(project: Path, more: dict[str, str], output: str) -> bytes:
    kept = {key: os.environ[key] for key in ("PATH", "LAKEPLANE_CACHE") if key in os.environ}
    done = subprocess.run(
        [COMMAND, "preview", "stacks/environments/dev.yaml", "--format", output],
        cwd=project,
        env={**kept, **more},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("output", ["json", "text"])
def test_two_previews_give_the_same_bytes(output: str, tmp_path: Path) -> None:
    here = shown(PROJECT.root, ONE, output)
    skip = shutil.ignore_patterns("__pycache__", "Pulumi.*.*.yaml", "dist", "build")
    for name in ("stacks", "workloads"):
        shutil.copytree(PROJECT.root / name, tmp_path / "elsewhere" / name, ignore=skip)
    shutil.copy(PROJECT.root / "Pulumi.yaml", tmp_path / "elsewhere")
    assert shown(tmp_path / "elsewhere", OTHER, output) == here
    assert str(PROJECT.root).encode() not in here
