"""Reads the pinned gold tables that training depends on, and writes how the champion did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from lakeplane_workloads.forecasting.evaluation import Accuracy
from lakeplane_workloads.forecasting.panel import LoadPanel, build_panel
from lakeplane_workloads.forecasting.scoring import Doubles, Integers
from lakeplane_workloads.tables import made_from, replace_table, table_id, table_version

__all__ = [
    "PinnedPanel",
    "PinnedVersions",
    "is_made_from",
    "pin_versions",
    "pinned_tables",
    "read_panel",
    "write_errors",
    "write_forecasts",
]

HOURLY = "gold.load_profile_hourly"
GROUPS = "gold.load_group"
FORECAST = "gold.load_forecast"
FORECAST_ERROR = "gold.load_forecast_error"

_FORECAST_SCHEMA = "load_group STRING, hour_utc TIMESTAMP, actual DOUBLE, forecast DOUBLE, baseline DOUBLE"
_ERROR_SCHEMA = (
    "load_group STRING, profile STRING, p_mw DOUBLE, loads_represented BIGINT, "
    "mae DOUBLE, mae_baseline DOUBLE, mase DOUBLE, mase_baseline DOUBLE"
)


@dataclass(frozen=True)
class PinnedVersions:
    """Delta versions of the gold tables that a training reads, however they grow meanwhile."""

    hourly: int
    groups: int


@dataclass(frozen=True)
class PinnedPanel:
    """The loads' history, and the table versions that it was read from."""

    panel: LoadPanel
    versions: PinnedVersions


def pin_versions(spark: SparkSession, hourly: int | None, groups: int | None) -> PinnedVersions:
    """Name the versions to read; a version left out is the table's latest, looked up once."""
    return PinnedVersions(
        table_version(spark, HOURLY) if hourly is None else hourly,
        table_version(spark, GROUPS) if groups is None else groups,
    )


def pinned_tables(spark: SparkSession, versions: PinnedVersions) -> dict[str, str]:
    """Name the tables that a training reads beyond doubt: by id and version."""
    pinned = {HOURLY: versions.hourly, GROUPS: versions.groups}
    return {name: f"{table_id(spark, name)}@{version}" for name, version in pinned.items()}


def is_made_from(spark: SparkSession, source: str) -> bool:
    """Tell whether both tables of results were made from `source`."""
    return made_from(spark, FORECAST) == source == made_from(spark, FORECAST_ERROR)


def read_panel(spark: SparkSession, versions: PinnedVersions) -> PinnedPanel:
    """Read hourly active power and the loads' scales at these versions, each table once.

    Raises:
        TrainingDataError: If the tables don't fit together or hold too little.
    """
    hourly = _to_pandas(
        spark.sql(
            "SELECT profile, unix_timestamp(hour_utc) DIV 3600 AS hour, mean_value FROM "  # noqa: S608 - our names
            f"{HOURLY} VERSION AS OF {versions.hourly} WHERE quantity = 'p'"
        )
    )
    groups = _to_pandas(
        spark.sql(
            "SELECT profile, p_mw, SUM(load_count) AS load_count FROM "  # noqa: S608 - our names
            f"{GROUPS} VERSION AS OF {versions.groups} GROUP BY profile, p_mw"
        )
    )
    return PinnedPanel(build_panel(hourly, groups), versions)


def write_forecasts(
    spark: SparkSession, source: str, panel: LoadPanel, places: Integers, forecast: Doubles, baseline: Doubles
) -> bool:
    """Replace `gold.load_forecast` by measured, forecast and baseline power of the held-back weeks, in MW.

    Args:
        spark: The session.
        source: What the rows depend on; if the table was made from the same, it is left alone.
        panel: The loads' history.
        places: The held-back places.
        forecast: The model's forecasts; axes load, place.
        baseline: The baseline's forecasts; axes load, place.

    Returns:
        Whether the table was written.
    """
    if made_from(spark, FORECAST) == source:
        return False
    hours = pd.to_datetime(np.tile(panel.hours[places], len(panel.loads)) * 3600, unit="s", utc=True)
    frame = pd.DataFrame(
        {
            "load_group": np.repeat(np.array(panel.loads, dtype=object), len(places)),
            "hour_utc": hours,
            "actual": panel.power_mw[:, places].ravel(),
            "forecast": forecast.ravel(),
            "baseline": baseline.ravel(),
        }
    )
    _replace(spark, frame, _FORECAST_SCHEMA, FORECAST, source)
    return True


def write_errors(
    spark: SparkSession, source: str, panel: LoadPanel, model: Accuracy, baseline: Accuracy
) -> bool:
    """Replace `gold.load_forecast_error` by the errors of every distinct load; see `write_forecasts`."""
    if made_from(spark, FORECAST_ERROR) == source:
        return False
    frame = pd.DataFrame(
        {
            "load_group": panel.loads,
            "profile": panel.profiles,
            "p_mw": panel.p_mw,
            "loads_represented": panel.represented,
            "mae": model.mae,
            "mae_baseline": baseline.mae,
            "mase": model.mase,
            "mase_baseline": baseline.mase,
        }
    )
    _replace(spark, frame, _ERROR_SCHEMA, FORECAST_ERROR, source)
    return True


def _to_pandas(frame: DataFrame) -> pd.DataFrame:
    _use_arrow(frame.sparkSession)
    return frame.toPandas()


def _replace(spark: SparkSession, frame: pd.DataFrame, schema: str, name: str, source: str) -> None:
    _use_arrow(spark)
    # By Arrow, NaN becomes NULL: in SQL a NaN would be greater than every number.
    rows = spark.createDataFrame(frame, schema)
    replace_table(rows.coalesce(1), name, source)


def _use_arrow(spark: SparkSession) -> None:
    spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
