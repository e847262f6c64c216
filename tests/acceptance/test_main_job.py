"""The main job as a user runs it, end to end, on a slice of the same real data.

One environment lives through the module: up with workloads, up again, status, a refused run, destroy. Every
command is a process of its own, in a project of its own, with the real engine, Spark, MLflow and HTTP.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import Any

import pytest
import requests
from deltalake import DeltaTable

from lakeplane.layout import ProjectLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resources
from lakeplane.local.store import Store

from .conftest import Project

# The first 98 days hold the missing hour of 27 March, and enough history for lags and a held-back week.
DAYS = "98"
SLICE = ("days=" + DAYS, "held_back_weeks=1", "folds=1")
DAY_COUNT = 98
READINGS = 192 * (DAY_COUNT * 96 - 4)

pytestmark = [pytest.mark.engine, pytest.mark.spark]


def _up(project: Project) -> Any:
    """Run the main job on the slice."""
    pairs = [part for pair in SLICE for part in ("--parameter", pair)]
    return project.json("up", "local", "--target", "local", "--run", *pairs)


@pytest.fixture(scope="module")
def first(project: Project) -> Any:
    return _up(project)


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
    return _up(project)


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


def test_drift_finds_what_is_deployed_as_it_was_deployed(project: Project, second: Any) -> None:
    assert second
    found = project.json("drift", "local")
    assert found == {"environment": "local", "drift": False, "layers": {"foundation": [], "contents": []}}


def _serve(project: Project) -> subprocess.Popen[str]:
    # Whoever starts the tests in the background has Ctrl+C ignored, and so would their children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            project.command("serve", "--env", "local", "--port", "0"),
            cwd=project.root,
            env=project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def test_serve_answers_until_it_is_interrupted(project: Project, second: Any) -> None:
    assert second
    served = _serve(project)
    try:
        assert served.stdout is not None
        said = served.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found, said
        answer = requests.post(
            f"{found[0]}/invocations", json={"dataframe_records": [{"load": "no such"}]}, timeout=30
        )
        assert answer.status_code == 400, answer.text
        assert requests.get(f"{found[0]}/ping", timeout=30).status_code == 200
    finally:
        served.send_signal(signal.SIGINT)
        _, warnings = served.communicate(timeout=60)
    assert "Traceback" not in warnings
    assert project.processes() == []


def test_serve_fails_with_its_service(project: Project, second: Any) -> None:
    assert second
    served = _serve(project)
    try:
        assert served.stdout is not None
        assert "/invocations" in served.stdout.readline()
        lines = [line for line in project.processes() if " -m lakeplane_workloads.serving" in line]
        (service,) = [line for line in lines if "leash.py" not in line]
        os.kill(int(service.split()[0]), signal.SIGKILL)
        _, told = served.communicate(timeout=60)
    finally:
        served.kill()
    assert served.returncode == 1
    assert "error[SRV004]" in told
    assert project.processes() == []


def test_an_unknown_job_parameter_is_refused(project: Project) -> None:
    done = project.lakeplane("run", "medallion", "--parameter", "dayz=3", code=2)
    assert "dayz" in done.stderr


def _cloud(project: Project) -> dict[tuple[str, str], float]:
    """Return when each resource of the simulated cloud was changed last."""
    store = Store(CloudPlaces(ProjectLayout(project.root).environment("local")).store, read_only=True)
    try:
        return {(one.type, one.id): one.updated for one in Resources(store).all()}
    finally:
        store.close()


def test_deploy_updates_one_workloads_wheel_and_jobs_alone(project: Project, second: Any) -> None:
    assert second
    before = _cloud(project)
    source = project.root / "workloads" / "lakeplane_workloads" / "volumes.py"
    source.write_text(source.read_text() + "\n# changed\n")
    done = project.json("deploy", "medallion")
    assert {one["name"]: one["change"] for one in done["resources"]} == {
        "workloads-medallion": "update",
        "workloads-wheel": "replace",
    }
    changed = {key for key, when in _cloud(project).items() if before.get(key) != when}
    assert {kind.rpartition(":")[2] for kind, _ in changed} == {"File", "Job"}
    assert len(changed) == 2, "nothing else was so much as written"
    assert project.json("deploy", "medallion")["resources"] == []
    foundation, contents = project.json("up", "local")["layers"]
    assert set(foundation["changes"]) == {"same"}
    assert contents["changes"]["update"] == 1, "the other workload's job still had the earlier wheel"


def test_deploy_refuses_what_is_more_than_a_workload(project: Project, second: Any) -> None:
    assert second
    spec = project.root / "stacks" / "environments" / "local.yaml"
    text, before = spec.read_text(), _cloud(project)
    spec.write_text(text.replace("databricks:\n", "databricks:\n  gpu_pool_max_capacity: 0\n"))
    refused = project.lakeplane("deploy", "medallion", code=1)
    assert "error[ENG011]: more than medallion would change" in refused.stderr
    assert "delete gpu-pool" in refused.stderr
    assert _cloud(project) == before
    spec.write_text(text)
    never = project.lakeplane("deploy", "medallion", "--env", "dev", code=1)
    assert "error[ENG010]: dev was never deployed" in never.stderr
    assert "billing" in project.lakeplane("deploy", "billing", code=2).stderr


def test_the_champion_and_an_image_are_pinned_and_deployed(project: Project, second: Any) -> None:
    (model,) = second["models"]
    spec = project.root / "stacks" / "environments" / "local.yaml"
    text = spec.read_text()
    image = f"crcontoso.azurecr.io/lakeplane/scoring-service@sha256:{'a' * 64}"
    written = project.json("pin", "local", "--champion", "--image", image)["written"]
    assert written == {"serving.image": image, "serving.model_version": int(model["version"])}
    added = f"\nserving:\n  image: {image}\n  model_version: {model['version']}\n"
    assert spec.read_text() == text + added
    _, contents = project.json("up", "local")["layers"]
    assert contents["changes"]["create"] == 2, "Deployment and autoscaler"
    store = Store(CloudPlaces(ProjectLayout(project.root).environment("local")).store, read_only=True)
    try:
        (pods,) = Resources(store).of_type("kubernetes:apps/v1:Deployment")
    finally:
        store.close()
    (container,) = pods.plain_inputs["spec"]["template"]["spec"]["containers"]
    assert container["image"] == image
    assert f"local.ml.load_forecast/{model['version']}" in container["args"]
    refused = project.lakeplane("pin", "local", "--model-version", "99", code=1)
    assert "error[MDL001]" in refused.stderr


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
