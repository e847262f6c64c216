"""Records a training as one MLflow run and registers its model, once."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import mlflow
import pandas as pd
from mlflow import MlflowClient

from lakeplane_workloads import provenance, registry
from lakeplane_workloads.forecasting.features import INPUT_COLUMNS, hour_stamp
from lakeplane_workloads.forecasting.fitting import FittedForecasts, TrainingConfig
from lakeplane_workloads.forecasting.panel import LoadPanel
from lakeplane_workloads.forecasting.registered import log_forecasts, version_tags
from lakeplane_workloads.forecasting.scoring import HOURS_A_DAY, LAG_DAYS

__all__ = ["RECIPE", "Trained", "example_rows", "recipe", "track_training"]

RECIPE = "recipe_sha256"

_FOLD_METRICS = ("mae", "mae_baseline", "mase", "mase_baseline")


@dataclass(frozen=True)
class Trained:
    """What one training left behind.

    Attributes:
        run_id: Its MLflow run.
        version: The version that holds its parameters.
        new: Whether this training registered that version.
    """

    run_id: str
    version: registry.RegisteredVersion
    new: bool


def recipe(config: TrainingConfig, tables: Mapping[str, str]) -> str:
    """Hash all that decides a training's parameters: tables, settings, code, packages and machine.

    Args:
        config: The settings.
        tables: Id and version of each table that is read.
    """
    parts = [asdict(config), dict(tables), provenance.code_sha256(), provenance.environment()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def track_training(
    panel: LoadPanel,
    fitted: FittedForecasts,
    config: TrainingConfig,
    *,
    name: str,
    experiment: str,
    data_version: int,
    load_group_version: int,
    recipe_sha256: str,
) -> Trained:
    """Record a training as one MLflow run and register its model, unless the registry has it already.

    A version counts as the same if its parameters have the same hash and come from the same data version.
    The run then names that version and logs no model.

    Args:
        panel: What was trained on.
        fitted: The result; its last fold's parameters are the model.
        config: What it was trained with.
        name: The registered model, `catalog.schema.name`.
        experiment: The MLflow experiment, made if it is not there.
        data_version: Delta version of `gold.load_profile_hourly` that the panel was read from.
        load_group_version: Delta version of `gold.load_group` that the panel was read from.
        recipe_sha256: What `recipe` gives for the training; kept on the run and on the version.
    """
    client = MlflowClient()
    held_back = fitted.held_back
    code = {"code_version": provenance.version(), "code_sha256": provenance.code_sha256()}
    pinned = {"data_version": str(data_version), "load_group_version": str(load_group_version)}
    tags = version_tags(held_back.forecasts, data_version)
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="load_forecast") as run:
        mlflow.set_tags(tags | code | {"data_table": "gold.load_profile_hourly", RECIPE: recipe_sha256})
        settings = {key: json.dumps(value) for key, value in asdict(config).items()}
        mlflow.log_params(
            settings | pinned | code
            | {"model": "ridge by load and day type", "parameter_sha256": held_back.forecasts.sha256}
        )  # fmt: skip
        mlflow.log_metrics(_metrics(panel, fitted))
        for step, fold in enumerate(fitted.folds):
            mlflow.log_metrics({f"fold_{key}": fold.metrics[key] for key in _FOLD_METRICS}, step=step)
        mlflow.log_dict(provenance.environment(), "environment.json")
        known = registry.find_version(client, name, tags)
        if known is not None:
            mlflow.set_tag("registered_version", known.version)
            client.set_model_version_tag(name, known.version, RECIPE, recipe_sha256)
            return Trained(run.info.run_id, known, new=False)
        logged = log_forecasts(held_back.forecasts, example_rows(panel))
        version = registry.register(
            client, name, logged.model_uri, run.info.run_id,
            tags | pinned | code | {
                RECIPE: recipe_sha256,
                "held_back_weeks": str(config.held_back_weeks),
                "held_back_from": hour_stamp(pd.Timestamp(held_back.split.start * 3600, unit="s", tz="UTC")),
                "loads_distinct": str(len(panel.loads)),
            },
            model_id=logged.model_id,
        )  # fmt: skip
        mlflow.set_tag("registered_version", version.version)
        return Trained(run.info.run_id, version, new=True)


def _metrics(panel: LoadPanel, fitted: FittedForecasts) -> dict[str, float]:
    known = {key: value for key, value in fitted.held_back.metrics.items() if not math.isnan(value)}
    return known | {
        "loads_distinct": len(panel.loads),
        "loads_total": int(panel.represented.sum()),
        "load_shapes": len(set(panel.profiles)),
        "loads_without_power": panel.loads_without_power,
        "hours": len(panel.hours),
        "folds_used": len(fitted.folds),
        "fit_seconds": fitted.fit_seconds,
    }


def example_rows(panel: LoadPanel, count: int = 3) -> pd.DataFrame:
    """Return input rows for the last hours of a panel's first loads, one load a row."""
    place = panel.usable(0, len(panel.hours))[-1]
    hour = hour_stamp(pd.Timestamp(int(panel.hours[place]) * 3600, unit="s", tz="UTC"))
    rows = [
        (load, hour, *(float(panel.power_mw[row, place - HOURS_A_DAY * day]) for day in LAG_DAYS))
        for row, load in enumerate(panel.loads[:count])
    ]
    return pd.DataFrame(rows, columns=list(INPUT_COLUMNS))
