"""Entry point `forecasting-promote`: judge the newest version, and show in gold how the champion does."""

from __future__ import annotations

import argparse

from mlflow import MlflowClient
from pyspark.sql import SparkSession

from lakeplane_workloads import registry
from lakeplane_workloads.forecasting import gold
from lakeplane_workloads.forecasting.evaluation import (
    Split,
    accuracy,
    forecast,
    seasonal_naive,
    split_weeks,
)
from lakeplane_workloads.forecasting.panel import LoadPanel
from lakeplane_workloads.forecasting.promotion import judge, was_trained_on
from lakeplane_workloads.forecasting.registered import (
    ModelDamagedError,
    load_registered,
    model_name,
)
from lakeplane_workloads.session import active_session, use_catalog

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Judge from the command line of a job task."""
    parser = argparse.ArgumentParser(
        prog="forecasting-promote", description="Promote the newest forecast if it is better."
    )
    parser.add_argument("--catalog", required=True, help="Unity Catalog catalog of the environment")
    parser.add_argument("--model-version", default="latest", help="version to judge, or `latest`")
    arguments = parser.parse_args(argv)
    client, name = MlflowClient(), model_name(arguments.catalog)
    challenger = _challenger(client, name, arguments.model_version)
    versions, weeks = _held_back(challenger)
    spark = active_session()
    use_catalog(spark, arguments.catalog)
    champion = registry.champion(client, name)
    is_champion = champion is not None and champion.version == challenger.version
    if is_champion and gold.is_made_from(spark, _source(challenger, versions, weeks)):
        print(  # noqa: T201 - a task's output is its log
            f"{name} version {challenger.version} is the champion already\n{gold.FORECAST}: unchanged"
        )
        return
    panel = gold.read_panel(spark, versions).panel
    split = split_weeks(panel, weeks)
    if is_champion:
        said = "is the champion already"
    else:
        decision = judge(client, panel, split, challenger, champion)
        said = f"{'is champion now' if decision.promoted else 'is not promoted'}: {decision.reason}"
    print(f"{name} version {challenger.version} {said}")  # noqa: T201 - a task's output is its log
    present = registry.champion(client, name)
    if present is None:
        return
    if was_trained_on(present, split):
        print(  # noqa: T201 - a task's output is its log
            f"version {present.version} was trained on part of these weeks; results are of the weeks that "
            "it held back itself"
        )
        versions, weeks = _held_back(present)
        if gold.is_made_from(spark, _source(present, versions, weeks)):
            print(f"{gold.FORECAST}: unchanged")  # noqa: T201 - a task's output is its log
            return
        panel = gold.read_panel(spark, versions).panel
        split = split_weeks(panel, weeks)
    _write_results(spark, panel, split, present, _source(present, versions, weeks))


def _challenger(client: MlflowClient, name: str, version: str) -> registry.RegisteredVersion:
    if version != "latest":
        return registry.resolve(client, f"{name}/{version}")
    newest = registry.latest_version(client, name)
    if newest is None:
        raise registry.ModelReferenceError(f"no version of {name} is registered; run forecasting-train first")
    return newest


def _held_back(version: registry.RegisteredVersion) -> tuple[gold.PinnedVersions, int]:
    """Return the tables and the number of weeks that a version was measured with."""
    try:
        tags = {
            key: int(version.tags[key]) for key in ("data_version", "load_group_version", "held_back_weeks")
        }
    except (KeyError, ValueError) as error:
        raise ModelDamagedError(
            f"{version.name} version {version.version} was not registered by forecasting-train: {error}"
        ) from None
    return gold.PinnedVersions(tags["data_version"], tags["load_group_version"]), tags["held_back_weeks"]


def _source(champion: registry.RegisteredVersion, versions: gold.PinnedVersions, weeks: int) -> str:
    """Say what the tables of results depend on: the model, and which part of which data judges it."""
    return (
        f"{champion.uri} {champion.tags['parameter_sha256']} on versions {versions.hourly} and "
        f"{versions.groups}, the last {weeks} weeks"
    )


def _write_results(
    spark: SparkSession,
    panel: LoadPanel,
    split: Split,
    champion: registry.RegisteredVersion,
    source: str,
) -> None:
    """Bring `gold.load_forecast` and `gold.load_forecast_error` up to the champion and the pinned weeks."""
    forecasts = forecast(load_registered(champion).forecasts, panel, split.held_back)
    baseline = seasonal_naive(panel, split.held_back)
    written = gold.write_forecasts(spark, source, panel, split.held_back, forecasts, baseline)
    errors = accuracy(panel, split, forecasts), accuracy(panel, split, baseline)
    written = gold.write_errors(spark, source, panel, *errors) or written
    print(f"{gold.FORECAST}: {'written' if written else 'unchanged'}")  # noqa: T201 - a task's output is its log
