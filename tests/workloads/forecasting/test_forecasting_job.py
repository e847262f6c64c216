"""The job's two tasks on real Delta tables, Spark and an MLflow server."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from mlflow import MlflowClient
from pyspark.sql import SparkSession

from lakeplane.local.spark import create_session
from lakeplane_workloads import registry
from lakeplane_workloads.forecasting import promote, train
from lakeplane_workloads.tables import table_version

pytestmark = pytest.mark.spark

PROFILES = ("H0-A", "G1-B", "L2-M", "mv_rural")
DAYS = 98


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    root = tmp_path_factory.mktemp("lake")
    session = create_session(root / "warehouse", {"gold": root / "gold"}, catalog="job")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def gold(spark: SparkSession, gold_hourly: pd.DataFrame, gold_groups: pd.DataFrame) -> None:
    """Real profiles as version 0, then a later version in which the newest days are other ones."""
    chosen = gold_hourly[gold_hourly["profile"].isin(PROFILES)]
    chosen = chosen[chosen["hour"] < chosen["hour"].min() + DAYS * 24]
    hourly = pd.DataFrame(
        {
            "profile": chosen["profile"].astype(str),
            "quantity": "p",
            "hour_utc": pd.to_datetime(chosen["hour"] * 3600, unit="s", utc=True),
            "mean_value": chosen["mean_value"],
        }
    )
    reactive = hourly.assign(quantity="q", mean_value=1e6)
    frame = spark.createDataFrame(
        pd.concat([hourly, reactive], ignore_index=True),
        "profile STRING, quantity STRING, hour_utc TIMESTAMP, mean_value DOUBLE",
    )
    frame.write.format("delta").saveAsTable("gold.load_profile_hourly")
    groups = gold_groups[gold_groups["profile"].isin(PROFILES)]
    spark.createDataFrame(groups, "profile STRING, p_mw DOUBLE, load_count INT").write.format(
        "delta"
    ).saveAsTable("gold.load_group")
    spark.sql("UPDATE gold.load_profile_hourly SET mean_value = 2 * mean_value WHERE profile = 'H0-A'")


@pytest.fixture(scope="module")
def later_weeks(spark: SparkSession, gold: None) -> int:
    """Two more weeks in a version of their own; the version's number."""
    spark.sql(
        "INSERT INTO gold.load_profile_hourly SELECT profile, quantity, hour_utc + INTERVAL 14 DAYS, "
        "mean_value FROM gold.load_profile_hourly WHERE hour_utc >= "
        "(SELECT MAX(hour_utc) - INTERVAL 335 HOURS FROM gold.load_profile_hourly)"
    )
    return table_version(spark, "gold.load_profile_hourly")


@pytest.mark.usefixtures("gold")
def test_job_trains_on_the_pinned_version_and_is_idempotent(
    spark: SparkSession, mlflow_server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client, name = MlflowClient(mlflow_server), "job.ml.load_forecast"
    for again in (False, True):
        train.main(["--catalog=job", "--data-version=0"])
        assert ("unchanged" in capsys.readouterr().out) is again
        promote.main(["--catalog=job"])
        said = capsys.readouterr().out
        assert ("is the champion already" in said) is again
        assert ("gold.load_forecast: unchanged" in said) is again
    pinned = registry.champion(client, name)
    assert pinned is not None
    assert (pinned.version, pinned.tags["data_version"]) == ("1", "0")

    train.main(["--catalog=job", "--data-version=0", "--refit=true"])
    said = capsys.readouterr().out
    assert "MAE" in said
    assert "unchanged, already registered as job.ml.load_forecast version 1" in said

    errors = spark.table("gold.load_forecast_error").toPandas()
    forecasts = spark.table("gold.load_forecast").toPandas()
    assert len(errors) == int(pinned.tags["loads_distinct"])
    assert len(forecasts) == len(errors) * 4 * 168
    assert table_version(spark, "gold.load_forecast") == 0
    assert errors["mase"].mean() < errors["mase_baseline"].mean()
    by_load = (forecasts["actual"] - forecasts["forecast"]).abs().groupby(forecasts["load_group"]).mean()
    assert by_load.to_numpy() == pytest.approx(
        errors.set_index("load_group")["mae"][by_load.index].to_numpy()
    )

    train.main(["--catalog=job", "--data-version=latest"])
    newest = registry.latest_version(client, name)
    assert newest is not None
    assert (newest.version, newest.tags["data_version"]) == ("2", "1")
    assert newest.tags["parameter_sha256"] != pinned.tags["parameter_sha256"]


def test_results_are_never_of_weeks_that_the_champion_was_trained_on(
    spark: SparkSession, mlflow_server: str, later_weeks: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """An earlier version judged again, on its own earlier weeks, beside a champion of later ones."""
    client, name = MlflowClient(mlflow_server), "job.ml.load_forecast"
    train.main(["--catalog=job", "--data-version=0"])
    older = registry.find_version(client, name, {"data_version": "0"})
    train.main(["--catalog=job", "--data-version=latest"])
    newest = registry.find_version(client, name, {"data_version": str(later_weeks)})
    assert older is not None
    assert newest is not None
    assert newest.tags["held_back_from"] > older.tags["held_back_from"]
    registry.promote(client, newest, "of the test")
    # The gate leaves this one alone, so the champion stays whatever the errors are.
    client.set_model_version_tag(name, older.version, "promotion", "rolled_back")

    def shown() -> tuple[str, int]:
        first = spark.sql(
            "SELECT date_format(MIN(hour_utc), \"yyyy-MM-dd'T'HH:mm:ssX\") FROM gold.load_forecast"
        )
        return first.collect()[0][0], table_version(spark, "gold.load_forecast")

    capsys.readouterr()
    promote.main(["--catalog=job", f"--model-version={older.version}"])
    said = capsys.readouterr().out
    assert f"version {newest.version} was trained on part of these weeks" in said
    first, written = shown()
    assert first == newest.tags["held_back_from"]
    promote.main(["--catalog=job", f"--model-version={older.version}"])
    assert "gold.load_forecast: unchanged" in capsys.readouterr().out
    assert shown() == (first, written)
