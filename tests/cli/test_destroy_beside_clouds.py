"""`lakeplane destroy` beside a simulated cloud that was left running, or that others use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lakeplane.layout import EnvironmentLayout, ProjectLayout
from lakeplane.local.lifecycle import find_cloud, running_cloud
from lakeplane.local.places import CloudPlaces

pytestmark = pytest.mark.engine

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> ProjectLayout:
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    skip = shutil.ignore_patterns("__pycache__", "Pulumi.local.*")
    shutil.copytree(REPOSITORY / "stacks", tmp_path / "stacks", ignore=skip)
    return ProjectLayout(tmp_path)


def _lakeplane(project: ProjectLayout, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), *arguments],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_"))},
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def _files(layout: EnvironmentLayout) -> list[str]:
    return sorted(str(path.relative_to(layout.root)) for path in layout.root.rglob("*") if path.is_file())


def test_destroy_ends_a_cloud_that_was_left_running(project: ProjectLayout) -> None:
    layout = project.environment("local")
    try:
        _lakeplane(project, "local", "start", "local")
        live = find_cloud(layout)
        assert live
        assert "left over: nothing" in _lakeplane(project, "destroy", "local")
        with pytest.raises(ProcessLookupError):
            os.kill(live.pid, 0)
        assert [path for path in _files(layout) if not path.startswith("cloud/store.sqlite")] == []
        assert "was not running" in _lakeplane(project, "local", "stop", "local")
    finally:
        _lakeplane(project, "local", "stop", "local")


def test_destroy_touches_nothing_that_another_command_uses(project: ProjectLayout) -> None:
    layout = project.environment("local")
    with running_cloud(layout, project=project, mlflow=False) as cloud:
        refused = _lakeplane(project, "destroy", "local", code=1)
        assert "error[LOC004]" in refused
        assert f"process {os.getpid()} " in refused
        assert find_cloud(layout) is not None
        assert CloudPlaces(layout).token.read_text().strip() == cloud.token
    _lakeplane(project, "destroy", "local")
