"""The main job as a user runs it, end to end, on a slice of the same real data.

One environment lives through the module: up with workloads, up again, status, a refused run, destroy. Every
command is a process of its own, in a project of its own, with the real engine, Spark, MLflow and HTTP.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

REPOSITORY = Path(__file__).parents[2]
# The first 98 days hold the missing hour of 27 March, and enough history for lags and a held-back week.
DAYS = "98"
SLICE = ("days=" + DAYS, "held_back_weeks=1", "folds=1")
DAY_COUNT = 98
READINGS = 192 * (DAY_COUNT * 96 - 4)

pytestmark = [pytest.mark.engine, pytest.mark.spark]


class Project:
    """A user's project: the program, its specs and the workloads' sources, and nothing else."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def lakeplane(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command in the project; its exit code must be `code` and it must not show a traceback."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("lakeplane")), *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=580,
            check=False,
            stdin=subprocess.DEVNULL,
            env={
                name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_"))
            },
        )
        shown = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == code, shown
        assert "Traceback" not in shown
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command and read what it prints for scripts."""
        return json.loads(self.lakeplane(*arguments, "--format", "json", code=code).stdout)

    def up(self, *more: str) -> Any:
        """Run the main job on the slice."""
        pairs = [part for pair in SLICE for part in ("--parameter", pair)]
        return self.json("up", "local", "--target", "local", "--run", *pairs, *more)

    def processes(self) -> list[str]:
        """Command lines of processes that still speak of this project."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.root) in line:
                found.append(line)
        return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("project")
    shutil.copy(REPOSITORY / "Pulumi.yaml", root)
    skip = shutil.ignore_patterns("__pycache__", "Pulumi.local.*.yaml", "dist", "build")
    shutil.copytree(REPOSITORY / "stacks", root / "stacks", ignore=skip)
    shutil.copytree(REPOSITORY / "workloads", root / "workloads", ignore=skip)
    return Project(root)


@pytest.fixture(scope="module")
def first(project: Project) -> Any:
    return project.up()


def _rows(status: Any) -> dict[str, int]:
    return {table["name"]: table["rows"] for table in status["tables"]}


def _versions(status: Any) -> dict[str, int]:
    return {table["name"]: table["version"] for table in status["tables"]}


def _quality(project: Project) -> list[dict[str, Any]]:
    (path,) = (project.root / ".lakeplane/local/cloud/storage").glob("*/gold/data_quality")
    return list(DeltaTable(str(path)).to_pyarrow_table().to_pylist())


def test_up_provisions_both_layers_and_fills_every_table(first: Any) -> None:
    assert [layer["layer"] for layer in first["layers"]] == ["foundation", "contents"]
    assert all(set(layer["changes"]) == {"create"} for layer in first["layers"])
    rows = _rows(first)
    assert rows["silver.load_profile"] == READINGS
    assert rows["gold.load_profile_hourly"] == READINGS / 4
    assert rows["silver.load"] == 36_063
    assert all(count for count in rows.values()), rows


def test_quarantine_holds_what_was_injected_reason_by_reason(first: Any, project: Project) -> None:
    quality = _quality(project)
    assert len(quality) >= 3
    assert all(row["injected"] == row["quarantined"] > 0 for row in quality), quality
    assert first["environment"] == "local"


def test_the_champion_beats_seasonal_naive_on_enough_distinct_loads(first: Any) -> None:
    (model,) = first["models"]
    assert model["name"] == "local.ml.load_forecast"
    assert model["aliases"] == ["champion"]
    assert model["metrics"]["loads_distinct"] >= 500
    assert model["metrics"]["mae"] < model["metrics"]["mae_baseline"]
    assert model["metrics"]["mase"] < model["metrics"]["mase_baseline"]


def test_the_report_is_written(first: Any, project: Project) -> None:
    page = (project.root / ".lakeplane/local/report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 3
    assert first["jobs"]


def test_jobs_succeeded(first: Any) -> None:
    assert {job["name"]: job["last_run"]["state"] for job in first["jobs"]} == {
        "forecasting": "SUCCESS",
        "medallion": "SUCCESS",
    }


@pytest.fixture(scope="module")
def second(project: Project, first: Any) -> Any:
    assert first
    return project.up()


def test_a_second_up_changes_no_resource_no_table_and_no_model(first: Any, second: Any) -> None:
    assert all(set(layer["changes"]) == {"same"} for layer in second["layers"]), second["layers"]
    assert _rows(second) == _rows(first)
    assert _versions(second) == _versions(first)
    assert second["models"] == first["models"]


def test_a_full_refresh_leaves_equal_rows(project: Project, second: Any) -> None:
    project.lakeplane("run", "medallion", "--full-refresh", "--parameter", "days=" + DAYS)
    status = project.json("status", "local")
    assert _rows(status) == _rows(second)
    assert all(row["injected"] == row["quarantined"] for row in _quality(project))


def test_status_has_the_fields_that_scripts_rely_on(project: Project, second: Any) -> None:
    status = project.json("status", "local")
    assert list(status) == ["environment", "resources", "tables", "models", "jobs"]
    assert set(status["tables"][0]) == {"name", "layer", "path", "version", "rows"}
    assert set(status["models"][0]) == {"name", "version", "aliases", "metrics"}
    assert set(status["jobs"][0]["last_run"]) == {"state", "started", "seconds"}
    assert status["resources"] == second["resources"]


def test_an_unknown_job_parameter_is_refused(project: Project) -> None:
    done = project.lakeplane("run", "medallion", "--parameter", "dayz=3", code=2)
    assert "dayz" in done.stderr


@pytest.fixture(scope="module")
def destroyed(project: Project, second: Any) -> Any:
    assert second
    return project.json("destroy", "local", "--target", "local")


def test_destroy_leaves_nothing_over_and_says_what_is_soft_deleted(
    destroyed: Any, first: Any, project: Project
) -> None:
    assert destroyed["left_over"] == []
    assert sum(destroyed["gone"].values()) >= sum(first["resources"].values())
    assert any("vault" in name.lower() for name in destroyed["soft_deleted"])
    kept = [path.name for path in (project.root / ".lakeplane/local").rglob("*") if path.is_file()]
    assert all(name.startswith("store.sqlite") for name in kept), kept


def test_no_process_is_left_behind(destroyed: Any, project: Project) -> None:
    assert destroyed is not None
    assert project.processes() == []
