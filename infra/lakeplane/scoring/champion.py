"""Whether a model has a champion to serve, and if not, why: what the promotion gate left on its versions."""

from __future__ import annotations

from mlflow import MlflowClient

from lakeplane.diagnostics import Diagnostic
from lakeplane.report.model import NoChampion
from lakeplane_workloads import registry

__all__ = ["find_no_champion", "no_champion_finding"]


def find_no_champion(client: MlflowClient, model: str) -> NoChampion | None:
    """Return why no version of a model holds the alias `champion`, or None where one does.

    Args:
        client: Client of the model registry.
        model: `catalog.schema.name`.
    """
    if registry.champion(client, model) is not None:
        return None
    newest = registry.latest_version(client, model)
    again = "train it with `lakeplane run forecasting`"
    if newest is None:
        return NoChampion(model, "no version of it is registered", again)
    return NoChampion(
        model,
        _reason(newest),
        f"{again} on more days or with other settings; to serve a version all the same, "
        f"`lakeplane serve --model {model}/{newest.version}`",
    )


def no_champion_finding(absent: NoChampion) -> Diagnostic:
    """Say for a command that can't go on without a champion what there is instead."""
    return Diagnostic(
        code="SRV003",
        summary=f"{absent.model} has no champion to serve",
        detail=absent.reason,
        remedy=absent.remedy,
    )


def _reason(newest: registry.RegisteredVersion) -> str:
    judged = newest.tags.get("promotion")
    said = newest.tags.get("promotion_reason", "no reason was left on it")
    version = f"version {newest.version}"
    if judged == "kept_back":
        return f"{version} was kept back: {said}"
    if judged == "rolled_back":
        return f"{version} was rolled back: {said}"
    if judged == "promoted":
        return f"{version} was promoted, and the alias was taken from it since"
    return f"{version} has not been judged by the promotion gate"
