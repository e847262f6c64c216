"""The way from a training to a champion, on a real MLflow server."""

from __future__ import annotations

import dataclasses

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from lakeplane_workloads import registry
from lakeplane_workloads.forecasting.evaluation import forecast, split_weeks
from lakeplane_workloads.forecasting.fitting import FittedForecasts, TrainingConfig
from lakeplane_workloads.forecasting.panel import LoadPanel
from lakeplane_workloads.forecasting.promotion import judge
from lakeplane_workloads.forecasting.registered import ModelDamagedError, load_registered
from lakeplane_workloads.forecasting.scoring import PackedForecasts
from lakeplane_workloads.forecasting.tracking import Trained, example_rows, track_training


def track(panel: LoadPanel, fitted: FittedForecasts, catalog: str, data_version: int = 1) -> Trained:
    return track_training(
        panel, fitted, TrainingConfig(), name=f"{catalog}.ml.load_forecast", experiment=catalog,
        data_version=data_version, load_group_version=1, recipe_sha256=f"of version {data_version}",
    )  # fmt: skip


def with_parameters(fitted: FittedForecasts, forecasts: PackedForecasts) -> FittedForecasts:
    """Put other parameters under the same claimed metrics."""
    last = dataclasses.replace(fitted.held_back, forecasts=forecasts)
    return dataclasses.replace(fitted, folds=(*fitted.folds[:-1], last))


def spoilt(forecasts: PackedForecasts, factor: float) -> PackedForecasts:
    return PackedForecasts(forecasts.loads, forecasts.lag_weights * factor, forecasts.hour_effects)


@pytest.fixture
def client(mlflow_server: str) -> MlflowClient:
    return MlflowClient(mlflow_server)


def test_tracking_records_data_code_configuration_and_environment(
    client: MlflowClient, panel: LoadPanel, fitted: FittedForecasts
) -> None:
    trained = track(panel, fitted, "tracked", data_version=42)
    run = client.get_run(trained.run_id)
    assert run.data.params["data_version"] == "42"
    assert len(run.data.params["code_sha256"]) == 64
    assert run.data.params["held_back_weeks"] == "4"
    assert run.data.params["parameter_sha256"] == fitted.held_back.forecasts.sha256
    assert run.data.metrics["loads_distinct"] == len(panel.loads)
    assert run.data.metrics["loads_total"] == panel.represented.sum()
    assert run.data.metrics["mase"] < run.data.metrics["mase_baseline"]
    environment = mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/environment.json")
    assert environment["numpy"] == np.__version__
    assert len(client.get_metric_history(trained.run_id, "fold_mase")) == TrainingConfig().folds


def test_tracking_registers_the_same_parameters_and_data_once(
    client: MlflowClient, panel: LoadPanel, fitted: FittedForecasts
) -> None:
    first, second = track(panel, fitted, "once"), track(panel, fitted, "once")
    assert first.new
    assert not second.new
    assert second.run_id != first.run_id
    assert second.version.version == first.version.version
    assert track(panel, fitted, "once", data_version=2).new


def test_registered_model_scores_in_process_as_its_packed_parameters(
    champion: registry.RegisteredVersion, panel: LoadPanel, fitted: FittedForecasts
) -> None:
    rows = example_rows(panel, count=200)
    loaded = mlflow.pyfunc.load_model(champion.uri)
    place = panel.usable(0, len(panel.hours))[-1:]
    expected = forecast(fitted.held_back.forecasts, panel, place)[:200, 0]
    assert loaded.predict(rows).tolist() == expected.tolist()
    assert loaded.metadata.signature.inputs.input_names() == list(rows.columns)
    with pytest.raises(ValueError, match="1 of 1 loads are not in the model"):
        loaded.predict(rows.head(1).assign(load="nobody"))


def test_gate_promotes_what_beats_the_baseline(
    client: MlflowClient, panel: LoadPanel, champion: registry.RegisteredVersion
) -> None:
    present = registry.champion(client, champion.name)
    assert present is not None
    assert present.version == champion.version
    assert present.tags["promotion"] == "promoted"
    assert "beats the baseline" in present.tags["promotion_reason"]
    assert f"{len(panel.loads)} distinct loads compared" in present.tags["promotion_reason"]


@pytest.mark.parametrize(
    ("factor", "reason"), [(0.1, "seasonal-naive baseline"), (1.05, "does not beat version 1")]
)
def test_gate_keeps_back_a_bad_challenger_whatever_its_run_claims(
    client: MlflowClient, panel: LoadPanel, fitted: FittedForecasts, factor: float, reason: str
) -> None:
    catalog = f"bad{factor}".replace(".", "_")
    split = split_weeks(panel, TrainingConfig().held_back_weeks)
    good = track(panel, fitted, catalog).version
    assert judge(client, panel, split, good, None).promoted
    bad = track(panel, with_parameters(fitted, spoilt(fitted.held_back.forecasts, factor)), catalog)
    assert client.get_run(bad.run_id).data.metrics["mase"] == fitted.held_back.metrics["mase"]
    decision = judge(client, panel, split, bad.version, registry.champion(client, good.name))
    assert not decision.promoted
    assert reason in decision.reason
    present = registry.champion(client, good.name)
    assert present is not None
    assert present.version == good.version
    told = client.get_model_version(good.name, bad.version.version).tags
    assert told["promotion"] == "kept_back"
    assert told["promotion_reason"] == decision.reason


def test_rollback_gives_the_alias_back_and_keeps_the_version_out(
    client: MlflowClient, panel: LoadPanel, fitted: FittedForecasts
) -> None:
    split = split_weeks(panel, TrainingConfig().held_back_weeks)
    worse = track(panel, with_parameters(fitted, spoilt(fitted.held_back.forecasts, 1.05)), "back").version
    better = track(panel, fitted, "back").version
    name = better.name
    assert judge(client, panel, split, worse, None).promoted
    with pytest.raises(registry.RollbackError):
        registry.rollback(client, name, "nothing before it")
    assert judge(client, panel, split, better, registry.champion(client, name)).promoted
    assert registry.rollback(client, name, "operator's wish").version == worse.version
    rolled_back = registry.resolve(client, f"{name}/{better.version}")
    assert rolled_back.tags["promotion"] == "rolled_back"
    assert not judge(client, panel, split, rolled_back, registry.champion(client, name)).promoted
    assert registry.resolve(client, f"{name}@champion").version == worse.version


def test_rollback_broken_off_is_finished_by_the_next_one(
    client: MlflowClient, panel: LoadPanel, fitted: FittedForecasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = track(panel, fitted, "broken_off").version.name
    for data_version in (1, 2):
        registry.promote(client, track(panel, fitted, "broken_off", data_version).version, "of the test")

    def fail(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(client, "set_registered_model_alias", fail)
        with pytest.raises(ConnectionError):
            registry.rollback(client, name, "operator's wish")
    bad = registry.resolve(client, f"{name}@champion")
    # However it goes on, the gate never gives the alias back to the version that was to lose it.
    assert (bad.version, bad.tags["promotion"]) == ("2", "rolled_back")
    assert registry.rollback(client, name, "operator's wish").version == "1"


def test_loading_rejects_parameters_of_another_hash(champion: registry.RegisteredVersion) -> None:
    assert load_registered(champion).forecasts.sha256 == champion.tags["parameter_sha256"]
    other = dataclasses.replace(champion, tags={**champion.tags, "parameter_sha256": "0" * 64})
    with pytest.raises(ModelDamagedError, match="registered was 0000"):
        load_registered(other)


@pytest.mark.parametrize(
    "reference", ["", "name", "a.b.c", "a.b.c@", "a.b.c/0", "a/../b@c", "models:/a/1", "nobody.ml.x@champion"]
)
def test_resolve_rejects_malformed_and_unknown_references(client: MlflowClient, reference: str) -> None:
    with pytest.raises(registry.ModelReferenceError):
        registry.resolve(client, reference)


def test_input_example_matches_what_clients_build(panel: LoadPanel) -> None:
    rows = example_rows(panel)
    assert isinstance(rows, pd.DataFrame)
    assert rows["target_hour"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00Z").all()
