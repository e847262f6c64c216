"""What a run left in the lake, read for people: counts, data quality, forecasts and their errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from lakeplane.report.status import TableStatus

__all__ = ["DataQuality", "ForecastError", "ForecastSeries", "LakeFacts", "local_path", "read_facts"]

# How many loads a page can show side by side and still be read.
SHOWN_LOADS = 3
SHOWN_HOURS = 24 * 14


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Rows that were injected as bad, and rows that the quarantine caught, for one reason."""

    reason: str
    injected: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class ForecastSeries:
    """Actual, forecast and baseline of one load on held-back hours, in megawatts; NaN where unknown."""

    load: str
    hours: tuple[Any, ...]
    actual: tuple[float, ...]
    forecast: tuple[float, ...]
    baseline: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ForecastError:
    """Error of one distinct load; `mae` in megawatts, `mase` against the seasonal-naive forecast."""

    load: str
    loads_represented: int
    mae: float
    mae_baseline: float
    mase: float
    mase_baseline: float


@dataclass(frozen=True, slots=True)
class LakeFacts:
    """Everything the report draws; empty where a workload has not run yet.

    Attributes:
        quality: Bad rows by reason.
        series: Loads whose forecast is drawn.
        errors: Distinct loads whose errors are all known.
        loads_without_error: Distinct loads that are left out of `errors`: the model does not know them, or
            the seasonal-naive forecast makes no error in the training rows that theirs could be scaled by.
    """

    quality: tuple[DataQuality, ...] = ()
    series: tuple[ForecastSeries, ...] = ()
    errors: tuple[ForecastError, ...] = ()
    loads_without_error: int = 0


def local_path(location: str, storage: Path) -> Path:
    """Return the directory behind a table's location: a path as it is, `abfss://…` below `storage`."""
    if not location.startswith("abfss://"):
        return Path(location.removeprefix("file:"))
    container, _, rest = location.removeprefix("abfss://").partition("@")
    host, _, path = rest.partition("/")
    return storage / host.split(".", 1)[0] / container / path


def read_facts(tables: Sequence[TableStatus], storage: Path) -> LakeFacts:
    """Read the tables that the report draws; a table that is not there leaves its part empty."""
    paths = {table.name: local_path(table.path, storage) for table in tables}
    errors, unknown = _errors(paths)
    return LakeFacts(
        quality=_quality(paths), errors=errors, series=_series(paths, errors), loads_without_error=unknown
    )


def _rows(paths: Mapping[str, Path], table: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    path = paths.get(table)
    if path is None or not DeltaTable.is_deltatable(str(path)):
        return []
    return list(DeltaTable(str(path)).to_pyarrow_table(columns=list(columns)).to_pylist())


def _quality(paths: Mapping[str, Path]) -> tuple[DataQuality, ...]:
    rows = _rows(paths, "gold.data_quality", ("reason", "injected", "quarantined"))
    found = (DataQuality(row["reason"], int(row["injected"]), int(row["quarantined"])) for row in rows)
    return tuple(sorted(found, key=lambda quality: quality.reason))


def _errors(paths: Mapping[str, Path]) -> tuple[tuple[ForecastError, ...], int]:
    """Return the errors of the loads that have all of them, and the number of the other loads."""
    measures = ("mae", "mae_baseline", "mase", "mase_baseline")
    rows = _rows(paths, "gold.load_forecast_error", ("load_group", "loads_represented", *measures))
    known = [row for row in rows if all(math.isfinite(_number(row[measure])) for measure in measures)]
    found = (
        ForecastError(
            row["load_group"],
            int(row["loads_represented"]),
            float(row["mae"]),
            float(row["mae_baseline"]),
            float(row["mase"]),
            float(row["mase_baseline"]),
        )
        for row in known
    )
    return tuple(sorted(found, key=lambda error: error.load)), len(rows) - len(known)


def _number(value: float | None) -> float:
    """Return a table's number; its NULL is what the workload did not know, so NaN."""
    return math.nan if value is None else value


def _series(paths: Mapping[str, Path], errors: Sequence[ForecastError]) -> tuple[ForecastSeries, ...]:
    path = paths.get("gold.load_forecast")
    if not errors or path is None or not DeltaTable.is_deltatable(str(path)):
        return ()
    # The loads that stand for most others, so that the page shows what is typical.
    shown = [
        error.load
        for error in sorted(errors, key=lambda error: (-error.loads_represented, error.load))[:SHOWN_LOADS]
    ]
    table = DeltaTable(str(path)).to_pyarrow_table(
        columns=["load_group", "hour_utc", "actual", "forecast", "baseline"],
        filters=[("load_group", "in", shown)],
    )
    rows = sorted(table.to_pylist(), key=lambda row: (row["load_group"], row["hour_utc"]))
    series = []
    for load in shown:
        mine = [row for row in rows if row["load_group"] == load][-SHOWN_HOURS:]
        if mine:
            series.append(
                ForecastSeries(
                    load,
                    tuple(row["hour_utc"] for row in mine),
                    tuple(_number(row["actual"]) for row in mine),
                    tuple(_number(row["forecast"]) for row in mine),
                    tuple(_number(row["baseline"]) for row in mine),
                )
            )
    return tuple(series)
