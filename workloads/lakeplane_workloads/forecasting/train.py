"""Entry point `forecasting-train`: fit all loads on pinned gold tables, track the run, register the model."""

from __future__ import annotations

import argparse
import time

from mlflow import MlflowClient

from lakeplane_workloads import registry
from lakeplane_workloads.forecasting.fitting import TrainingConfig, fit_forecasts
from lakeplane_workloads.forecasting.gold import HOURLY, pin_versions, pinned_tables, read_panel
from lakeplane_workloads.forecasting.registered import model_name
from lakeplane_workloads.forecasting.tracking import RECIPE, recipe, track_training
from lakeplane_workloads.session import active_session, use_catalog

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Train from the command line of a job task; nothing is fitted again whose every cause is the same."""
    arguments = _parse(argv)
    began = time.perf_counter()
    spark = active_session()
    use_catalog(spark, arguments.catalog)
    config = TrainingConfig(arguments.held_back_weeks, arguments.folds)
    versions = pin_versions(spark, arguments.data_version, None)
    made_with = recipe(config, pinned_tables(spark, versions))
    name = model_name(arguments.catalog)
    known = registry.find_version(MlflowClient(), name, {RECIPE: made_with})
    if known is not None and arguments.refit == "false":
        print(  # noqa: T201 - a task's output is its log
            f"unchanged: {name} version {known.version} was trained on gold version {versions.hourly} with "
            "the same code, settings and packages; --refit true fits it again"
        )
        return
    pinned = read_panel(spark, versions)
    read_seconds = time.perf_counter() - began
    fitted = fit_forecasts(pinned.panel, config)
    experiment = arguments.experiment or f"/Shared/{arguments.catalog}-load-forecast"
    trained = track_training(
        pinned.panel,
        fitted,
        config,
        name=name,
        experiment=experiment,
        data_version=pinned.versions.hourly,
        load_group_version=pinned.versions.groups,
        recipe_sha256=made_with,
    )
    metrics = fitted.held_back.metrics
    print(  # noqa: T201 - a task's output is its log
        f"read gold version {pinned.versions.hourly} in {read_seconds:.1f} s; fitted "
        f"{len(pinned.panel.loads)} distinct loads, standing for {int(pinned.panel.represented.sum())}, "
        f"over {len(fitted.folds)} folds in {fitted.fit_seconds:.1f} s\n"
        f"held-back weeks: MAE {metrics['mae']:.4f} MW (baseline {metrics['mae_baseline']:.4f}), "
        f"MASE {metrics['mase']:.4f} (baseline {metrics['mase_baseline']:.4f})\n"
        f"run {trained.run_id}; {'registered' if trained.new else 'unchanged, already registered as'} "
        f"{trained.version.name} version {trained.version.version}"
    )


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="forecasting-train", description="Fit day-ahead load forecasts.")
    parser.add_argument("--catalog", required=True, help="Unity Catalog catalog of the environment")
    parser.add_argument(
        "--data-version", type=_data_version, default=None, help=f"version of {HOURLY}, or `latest`"
    )
    parser.add_argument("--held-back-weeks", type=int, default=TrainingConfig.held_back_weeks)
    parser.add_argument("--folds", type=int, default=TrainingConfig.folds)
    parser.add_argument(
        "--refit",
        choices=("true", "false"),
        default="false",
        help="fit again what was fitted before, which must give the same parameters",
    )
    parser.add_argument("--experiment", default="", help="MLflow experiment; by default one per catalog")
    return parser.parse_args(argv)


def _data_version(text: str) -> int | None:
    if text == "latest":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("a version is a whole number, or `latest`")
    return int(text)
