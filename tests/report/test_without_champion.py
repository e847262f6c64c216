"""A run whose gate kept the only model back: told plainly, with a report, and nothing is served."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from mlflow import MlflowClient

from lakeplane.cli.environment import Live, Target, find_environment
from lakeplane.cli.run_report import report_run
from lakeplane.cli.terminal import Progress, results
from lakeplane.errors import WorkloadError
from lakeplane.report.summary import print_summary
from lakeplane.scoring import find_no_champion, running_service
from lakeplane_workloads import registry

if TYPE_CHECKING:
    from lakeplane.engine import Engine
    from lakeplane.local.lifecycle import CloudEndpoints

REPOSITORY = Path(__file__).parents[2]
MODEL = "local.ml.load_forecast"
REASON = "it does not beat the seasonal-naive baseline: MAE 0.3000 MW, MASE 1.1000"


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A real MLflow registry in a file."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture
def client(tracking: str) -> MlflowClient:
    """The registry with one version that the gate kept back."""
    client = MlflowClient(tracking)
    if registry.latest_version(client, MODEL) is None:
        run = client.create_run("0")
        version = registry.register(
            client, MODEL, f"{run.info.artifact_uri}/m", run.info.run_id, {}, model_id=None
        )
        registry.keep_back(client, version, REASON)
    return client


@pytest.fixture
def live(tracking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    """An environment in a project of its own; of the engine only the empty stacks are asked for."""
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    shutil.copytree(REPOSITORY / "stacks", tmp_path / "stacks")
    monkeypatch.chdir(tmp_path)
    engine = SimpleNamespace(export=lambda stack: {"deployment": {"resources": []}})
    cloud = SimpleNamespace(mlflow_url=tracking)
    return Live(
        find_environment("local"), Target.LOCAL, cast("Engine", engine), cast("CloudEndpoints", cloud)
    )


@pytest.mark.usefixtures("client")
def test_up_writes_its_report_and_says_why_nothing_is_served(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_run(live, (), Progress(), 0.0)
    assert report.scoring is None
    print_summary(results(), report)
    said = capsys.readouterr()
    assert f"{MODEL} has no champion: version 1 was kept back: {REASON}" in " ".join(said.err.split())
    told = " ".join(said.out.split())
    assert f"version 1 was kept back: {REASON}" in told
    assert f"lakeplane serve --model {MODEL}/1" in told
    assert "lakeplane serve --env local" not in told
    assert "per second" not in told
    page = live.environment.files.report.read_text(encoding="utf-8")
    assert f"{MODEL} has no champion" in page
    assert f"version 1 was kept back: {REASON}" in page


@pytest.mark.usefixtures("client")
def test_serve_says_that_there_is_no_champion(tracking: str, tmp_path: Path) -> None:
    with (
        pytest.raises(WorkloadError) as caught,
        running_service(f"{MODEL}@champion", tracking, tmp_path, port=0),
    ):
        pass
    (finding,) = caught.value.findings
    assert finding.code == "SRV003"
    assert finding.detail == f"version 1 was kept back: {REASON}"
    assert "lakeplane run forecasting" in (finding.remedy or "")


def test_another_reference_that_is_missing_is_told_as_such(tracking: str, tmp_path: Path) -> None:
    with (
        pytest.raises(WorkloadError) as caught,
        running_service(f"{MODEL}/99", tracking, tmp_path, port=0),
    ):
        pass
    (finding,) = caught.value.findings
    assert finding.code == "SRV001"
    assert "has no version 99" in (finding.detail or "")


def test_every_way_to_no_champion_has_its_reason(client: MlflowClient) -> None:
    name = "other.ml.load_forecast"

    def reason() -> str:
        absent = find_no_champion(client, name)
        assert absent is not None
        return absent.reason

    assert reason() == "no version of it is registered"
    run = client.create_run("0")
    version = registry.register(
        client, name, f"{run.info.artifact_uri}/m", run.info.run_id, {}, model_id=None
    )
    assert reason() == "version 1 has not been judged by the promotion gate"
    registry.promote(client, version, "it is better")
    assert find_no_champion(client, name) is None
    client.delete_registered_model_alias(name, registry.CHAMPION)
    assert "promoted" in reason()
    client.set_model_version_tag(name, "1", "promotion", "rolled_back")
    client.set_model_version_tag(name, "1", "promotion_reason", "operator's wish")
    assert reason() == "version 1 was rolled back: operator's wish"
