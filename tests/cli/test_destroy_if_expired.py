"""`lakeplane destroy --if-expired` on an environment that stands: before its end, after it, and once more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engine

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    skip = shutil.ignore_patterns("__pycache__", "Pulumi.local.*")
    shutil.copytree(REPOSITORY / "stacks", tmp_path / "stacks", ignore=skip)
    return tmp_path / "stacks" / "environments" / "local.yaml"


def _lakeplane(spec: Path, *arguments: str) -> Any:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), *arguments, "--format", "json"],
        cwd=spec.parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_"))},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_only_what_has_expired_is_removed(spec: Path) -> None:
    text = spec.read_text()
    spec.write_text(f"{text}\nexpiry: 2998-12-31\n")
    _lakeplane(spec, "up", "local")
    kept = _lakeplane(spec, "destroy", "local", "--if-expired")
    assert kept["nothing_to_do"]["code"] == "EXP002"
    assert _lakeplane(spec, "status", "local")["resources"]

    spec.write_text(f"{text}\nexpiry: 2020-01-31\n")
    gone = _lakeplane(spec, "destroy", "local", "--if-expired")
    assert sum(gone["gone"].values()) > 100
    assert gone["left_over"] == []

    # As the next morning does, while the spec is still there.
    again = _lakeplane(spec, "destroy", "local", "--if-expired")
    assert (sum(again["gone"].values()), again["left_over"]) == (0, [])
