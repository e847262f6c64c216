"""Ask the scoring service for several loads' next day, and compare it with the model in process."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from deltalake import DeltaTable

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import WorkloadError
from lakeplane.report.facts import local_path
from lakeplane.report.model import Latency, ScoringReport
from lakeplane.report.status import TableStatus
from lakeplane_workloads.forecasting.features import INPUT_COLUMNS, feature_rows, load_group_id
from lakeplane_workloads.serving.client import ScoringClient, measure

__all__ = ["ScoredRows", "check_service", "score_in_process"]

LOADS = 5
# Enough for a stable p99, short enough for a run that people wait for.
REQUESTS = 1_500
CONCURRENCIES = (1, 8)


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Input rows, and what the model answers to them in process, in MW."""

    rows: Sequence[Mapping[str, Any]]
    values: Sequence[float]


def score_in_process(
    model: str, tracking_uri: str, tables: Sequence[TableStatus], storage: Path
) -> ScoredRows:
    """Score the last day of several loads with the model itself.

    Args:
        model: `catalog.schema.name@alias`.
        tracking_uri: MLflow server that holds the model.
        tables: Tables of the environment, of which two of Gold are read.
        storage: Directory of the lake on this machine.
    """
    rows = _rows(tables, storage)
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"  # MLflow has no argument for it
    mlflow.set_tracking_uri(tracking_uri)
    loaded = mlflow.pyfunc.load_model(f"models:/{model}")
    return ScoredRows(
        rows, [float(value) for value in loaded.predict(pd.DataFrame(rows, columns=INPUT_COLUMNS))]
    )


def check_service(url: str, model: str, scored: ScoredRows) -> ScoringReport:
    """Score the same rows over HTTP, compare, and measure the service.

    Args:
        url: Address of the running service.
        model: What it serves, for the report.
        scored: What the model answers in process.

    Raises:
        WorkloadError: The service's numbers differ from the model's.
    """
    client = ScoringClient(url)
    rows = scored.rows
    served = client.predict(rows)
    largest = max(abs(ours - theirs) for ours, theirs in zip(served, scored.values, strict=True))
    if largest != 0.0:
        raise WorkloadError(
            Diagnostic(
                code="SRV002",
                summary="the scoring service answers other numbers than the model",
                detail=f"largest difference {largest:g} in {len(rows)} rows",
                remedy="compare the model version at /version with the registry's champion",
            )
        )
    latencies = {}
    for concurrency in CONCURRENCIES:
        report = measure(url, rows[:1], concurrency=concurrency, requests=REQUESTS)
        latencies[concurrency] = Latency(report.requests, report.per_second, report.p50_ms, report.p99_ms)
    return ScoringReport(f"{model} version {client.version()}", len(rows), largest, latencies)


def _rows(tables: Sequence[TableStatus], storage: Path) -> list[dict[str, Any]]:
    """Build the input rows of a day for the loads that stand for most others."""
    paths = {table.name: str(local_path(table.path, storage)) for table in tables}
    groups = DeltaTable(paths["gold.load_group"]).to_pyarrow_table().to_pylist()
    shown = sorted(groups, key=lambda group: (-group["load_count"], group["profile"], group["p_mw"]))[:LOADS]
    hourly = DeltaTable(paths["gold.load_profile_hourly"])
    profiles = sorted({group["profile"] for group in shown})
    table = hourly.to_pyarrow_table(
        columns=["profile", "hour_utc", "mean_value"],
        filters=[("quantity", "=", "p"), ("profile", "in", profiles)],
    )
    history: dict[str, dict[datetime, float]] = {profile: {} for profile in profiles}
    for profile, hour, value in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
        aware = hour.replace(tzinfo=UTC) if hour.tzinfo is None else hour
        history[profile][aware] = value
    rows: list[dict[str, Any]] = []
    for group in shown:
        values = {hour: value * group["p_mw"] for hour, value in history[group["profile"]].items()}
        last = max(values)
        hours = [last - timedelta(hours=back) for back in reversed(range(24))]
        rows += feature_rows(load_group_id(group["profile"], group["p_mw"]), values, hours)
    return rows
