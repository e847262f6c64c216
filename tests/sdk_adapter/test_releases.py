"""The cuts on other releases of the Pulumi SDK than the pinned one, each brought beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lakeplane.layout import cache_dir, find_project

RELEASES = ("3.260.0", "3.272.0")
TESTS = ("tests/sdk_adapter/test_cuts.py", "tests/render/test_render.py")


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES)
def test_cuts_hold_on_another_release(release: str, tmp_path: Path) -> None:
    uv = shutil.which("uv") or str(cache_dir() / "uv" / "bin" / "uv")
    beside = tmp_path / "pulumi"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--target", str(beside), "--no-deps", f"pulumi=={release}"],
        check=True,
        timeout=300,
    )
    environment = {**os.environ, "PYTHONPATH": str(beside)}
    version = "import importlib.metadata as m; print(m.version('pulumi'))"
    said = subprocess.run(
        [sys.executable, "-c", version], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == release
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *TESTS, "-p", "no:cacheprovider"],
        cwd=find_project(Path(__file__).parent).root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
