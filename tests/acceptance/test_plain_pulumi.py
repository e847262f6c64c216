"""The README's journey of plain `pulumi` against a simulated cloud that was started by hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
# Ends by itself what the README ends by hand.
CHECKS = """
pulumi preview --non-interactive --expect-no-changes
pulumi stack select local.foundation
pulumi preview --non-interactive --expect-no-changes
cp -r stacks/config settings
pulumi -C .lakeplane/local/project preview --stack local.foundation --non-interactive --expect-no-changes
diff -r stacks/config settings
"""
STOP = "lakeplane local stop local"


def journey() -> str:
    """Return the README's block of plain `pulumi`, with checks before its last line."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```\n(lakeplane local start.*?)^```", text, re.MULTILINE | re.DOTALL)
    before, stop, after = block.rpartition(STOP)
    assert stop
    assert not after.strip()
    return f"set -eu\n{before}{CHECKS}{STOP}\n"


@pytest.mark.engine
def test_plain_pulumi_previews_and_updates_on_a_cloud_started_by_hand(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    skip = shutil.ignore_patterns("__pycache__", "Pulumi.local.*.yaml", "dist", "build")
    for name in ("stacks", "workloads", "policies"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=skip)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_"))
    }
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    try:
        done = subprocess.run(
            ["bash", "-c", journey()],
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
    created = re.findall(r"(\d+) created", done.stdout)
    unchanged = re.findall(r"(\d+) unchanged", done.stdout)
    assert len(created) == 2, done.stdout
    foundation, contents = created
    assert int(foundation) > 100
    assert unchanged == [contents, contents, foundation, foundation], done.stdout
    assert "lakeplane" in done.stdout.partition("Policies:")[2], done.stdout
