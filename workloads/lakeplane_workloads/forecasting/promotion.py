"""Judges a registered challenger on real held-back weeks and moves the alias `champion`, or says why not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from mlflow import MlflowClient

from lakeplane_workloads import registry
from lakeplane_workloads.forecasting.evaluation import (
    Accuracy,
    Split,
    accuracy,
    forecast,
    seasonal_naive,
)
from lakeplane_workloads.forecasting.gate import Decision, Score, decide
from lakeplane_workloads.forecasting.panel import LoadPanel
from lakeplane_workloads.forecasting.registered import ModelDamagedError, load_registered
from lakeplane_workloads.forecasting.scoring import PackedForecasts, parse_hour

__all__ = ["Comparison", "compare", "judge", "was_trained_on"]


@dataclass(frozen=True)
class Comparison:
    """A challenger and a champion on the same loads and held-back hours.

    Attributes:
        challenger: Errors of the challenger.
        baseline: Errors of the seasonal-naive baseline.
        champion: Errors of the champion, if there is one.
        loads: Number of distinct loads compared: those that every model in it knows.
        loads_left_out: Number of distinct loads that one of them does not know.
    """

    challenger: Score
    baseline: Score
    champion: Score | None
    loads: int
    loads_left_out: int


def compare(
    panel: LoadPanel, split: Split, challenger: PackedForecasts, champion: PackedForecasts | None
) -> Comparison:
    """Forecast the held-back weeks with the baseline and both models, and sum up their errors."""
    judged = {"baseline": seasonal_naive(panel, split.held_back)}
    judged["challenger"] = forecast(challenger, panel, split.held_back)
    if champion is not None:
        judged["champion"] = forecast(champion, panel, split.held_back)
    errors = {who: accuracy(panel, split, forecasts) for who, forecasts in judged.items()}
    known = np.all([np.isfinite(error.mae) for error in errors.values()], axis=0)
    scores = {who: _score(error, known) for who, error in errors.items()}
    return Comparison(
        scores["challenger"],
        scores["baseline"],
        scores.get("champion"),
        int(known.sum()),
        int((~known).sum()),
    )


def _score(error: Accuracy, known: npt.NDArray[np.bool_]) -> Score:
    mase = error.mase[known & ~np.isnan(error.mase)]
    if not known.any() or not len(mase):
        return Score(float("nan"), float("nan"))
    return Score(float(error.mae[known].mean()), float(mase.mean()))


def was_trained_on(version: registry.RegisteredVersion, split: Split) -> bool:
    """Tell whether a version's training reached into the held-back weeks of a split.

    A version that does not say from when on its own weeks were held back counts as trained on them.
    """
    held_back_from = version.tags.get("held_back_from")
    return held_back_from is None or parse_hour(held_back_from) > split.start


def judge(
    client: MlflowClient,
    panel: LoadPanel,
    split: Split,
    challenger: registry.RegisteredVersion,
    champion: registry.RegisteredVersion | None,
) -> Decision:
    """Decide on a challenger by what the registry holds, never by the metrics that its run claims.

    The alias is moved, or the reason for keeping the champion is left on the challenger.
    """
    if challenger.tags.get("promotion") == "rolled_back":
        return Decision(False, "it was rolled back; register a new version, or move the alias by hand")
    decision = _decide(panel, split, challenger, champion)
    act = registry.promote if decision.promoted else registry.keep_back
    act(client, challenger, decision.reason)
    return decision


def _decide(
    panel: LoadPanel,
    split: Split,
    challenger: registry.RegisteredVersion,
    champion: registry.RegisteredVersion | None,
) -> Decision:
    try:
        forecasts = load_registered(challenger).forecasts
        present = load_registered(champion).forecasts if champion else None
    except ModelDamagedError as error:
        return Decision(False, f"the versions cannot be compared: {error}")
    compared = compare(panel, split, forecasts, present)
    name = f"version {champion.version}" if champion else ""
    decision = decide(compared.challenger, compared.baseline, compared.champion, champion_name=name)
    notes = [f"{compared.loads} distinct loads compared"]
    if compared.loads_left_out:
        notes.append(f"{compared.loads_left_out} left out that one of them does not know")
    if champion and was_trained_on(champion, split):
        notes.append("the champion was trained on part of these weeks, which favours it")
    return Decision(decision.promoted, f"{decision.reason}; {'; '.join(notes)}")
