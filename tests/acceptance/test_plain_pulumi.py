"""The README's journey of plain `pulumi` against a simulated cloud that was started by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SCRIPT = """
set -eu
lakeplane local start local
eval "$(lakeplane local env local)"
pulumi stack select --create local.foundation
pulumi preview --non-interactive
pulumi up --yes --non-interactive --skip-preview
pulumi preview --non-interactive --expect-no-changes
lakeplane local stop local
"""


@pytest.mark.engine
def test_plain_pulumi_previews_and_updates_on_a_cloud_started_by_hand(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    skip = shutil.ignore_patterns("__pycache__", "Pulumi.local.*.yaml", "dist", "build")
    shutil.copytree(REPOSITORY / "stacks", tmp_path / "stacks", ignore=skip)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_"))
    }
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    try:
        done = subprocess.run(
            ["bash", "-c", SCRIPT],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    finally:
        subprocess.run(["lakeplane", "local", "stop", "local"], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stopped" in done.stdout
    assert "63 to create" in done.stdout or "+ 63" in done.stdout, done.stdout
