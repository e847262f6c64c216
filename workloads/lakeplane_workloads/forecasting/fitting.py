"""Fits all loads: penalties chosen on weeks before the held-back ones, then the packed parameters."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from lakeplane_workloads.forecasting.evaluation import (
    WEEK_HOURS,
    Accuracy,
    Split,
    accuracy,
    forecast,
    seasonal_naive,
    split_weeks,
    summarise,
)
from lakeplane_workloads.forecasting.panel import LoadPanel
from lakeplane_workloads.forecasting.ridge import Moments, Penalties, block_moments, solve
from lakeplane_workloads.forecasting.scoring import Doubles, PackedForecasts

__all__ = ["FittedForecasts", "Fold", "TrainingConfig", "fit_forecasts"]


@dataclass(frozen=True)
class TrainingConfig:
    """What a training depends on besides its data.

    Attributes:
        held_back_weeks: Length of a fold. The last fold is never trained on; the folds before it are, once
            they have been forecast.
        folds: Number of folds, at the end of the history. A history that is too short for all of them loses
            the oldest; the last is always kept.
        lag_penalties: Penalties on the lags to choose from.
        hour_penalties: Penalties on the hours to choose from.
    """

    held_back_weeks: int = 4
    folds: int = 3
    lag_penalties: tuple[float, ...] = (1.0, 10.0, 100.0)
    hour_penalties: tuple[float, ...] = (10.0, 100.0, 1000.0)

    def __post_init__(self) -> None:
        if self.held_back_weeks < 1 or self.folds < 1:
            raise ValueError("held_back_weeks and folds must be at least 1")
        if not all(penalty > 0 for penalty in (*self.lag_penalties, *self.hour_penalties)):
            raise ValueError("penalties must be positive")

    @property
    def candidates(self) -> tuple[Penalties, ...]:
        """Every pair of penalties, in a fixed order."""
        return tuple(Penalties(*pair) for pair in product(self.lag_penalties, self.hour_penalties))


@dataclass(frozen=True)
class Fold:
    """One fold: what was fitted on the weeks before it, and how that did in it."""

    split: Split
    forecasts: PackedForecasts
    penalties: tuple[Penalties, ...]
    model: Accuracy
    baseline: Accuracy
    metrics: dict[str, float]


@dataclass(frozen=True)
class FittedForecasts:
    """The result of a training; the last fold's parameters are the model.

    Attributes:
        folds: In the order of time.
        fit_seconds: Time for sums, choice of penalties and solves of all folds, without evaluation.
    """

    folds: tuple[Fold, ...]
    fit_seconds: float

    @property
    def held_back(self) -> Fold:
        """The last fold, whose weeks no training and no choice of penalties has seen."""
        return self.folds[-1]


def fit_forecasts(panel: LoadPanel, config: TrainingConfig) -> FittedForecasts:
    """Fit every load of a panel, fold by fold, with the oldest fold first.

    Each load gets the pair of penalties that forecasts the weeks just before its fold best, and is then
    fitted on everything before the fold. The same panel and configuration give the same bytes.

    Raises:
        TrainingDataError: If the history is too short for the folds.
    """
    splits = _splits(panel, config)
    began = time.perf_counter()
    first = splits[0].training
    scale_mw = np.abs(panel.power_mw[:, first]).mean(axis=1)
    scale_mw[scale_mw == 0] = 1.0
    earlier = block_moments(panel, scale_mw, first)
    fitted: list[tuple[Split, PackedForecasts, tuple[Penalties, ...]]] = []
    for validation, fold in pairwise(splits):
        choice = _choose(panel, config, scale_mw, earlier, validation)
        earlier = earlier + block_moments(panel, scale_mw, validation.held_back)
        fitted.append((fold, *_pack(panel, config, scale_mw, earlier, choice)))
    seconds = time.perf_counter() - began
    return FittedForecasts(tuple(_judge(panel, *fit) for fit in fitted), seconds)


def _splits(panel: LoadPanel, config: TrainingConfig) -> list[Split]:
    """Return one split for the first choice of penalties, then one a fold.

    At least as many weeks as a fold has are left to train on before the first choice.
    """
    span = config.held_back_weeks * WEEK_HOURS
    spare = len(panel.usable(0, len(panel.hours))) // span - 2
    folds = min(config.folds, max(spare, 1))
    stops = [len(panel.hours) - back * span for back in range(folds, -1, -1)]
    return [split_weeks(panel, config.held_back_weeks, before=stop) for stop in stops]


def _choose(
    panel: LoadPanel, config: TrainingConfig, scale_mw: Doubles, earlier: Moments, validation: Split
) -> list[int]:
    """Return for each load the number of the candidate with the lowest error in the validation weeks."""
    measured = panel.power_mw[:, validation.held_back]
    errors = [
        np.abs(
            measured - forecast(_candidate(panel, scale_mw, earlier, penalties), panel, validation.held_back)
        ).mean(axis=1)
        for penalties in config.candidates
    ]
    return [int(best) for best in np.argmin(errors, axis=0)]


def _candidate(
    panel: LoadPanel, scale_mw: Doubles, moments: Moments, penalties: Penalties
) -> PackedForecasts:
    weights, effects = solve(moments, penalties)
    return PackedForecasts(panel.loads, weights, effects * scale_mw[:, None, None])


def _pack(
    panel: LoadPanel, config: TrainingConfig, scale_mw: Doubles, moments: Moments, choice: list[int]
) -> tuple[PackedForecasts, tuple[Penalties, ...]]:
    fits = [_candidate(panel, scale_mw, moments, penalties) for penalties in config.candidates]
    rows = range(len(panel.loads))
    packed = PackedForecasts(
        panel.loads,
        np.stack([fits[choice[row]].lag_weights[row] for row in rows]),
        np.stack([fits[choice[row]].hour_effects[row] for row in rows]),
    )
    return packed, tuple(config.candidates[choice[row]] for row in rows)


def _judge(
    panel: LoadPanel, split: Split, forecasts: PackedForecasts, penalties: tuple[Penalties, ...]
) -> Fold:
    model = accuracy(panel, split, forecast(forecasts, panel, split.held_back))
    baseline = accuracy(panel, split, seasonal_naive(panel, split.held_back))
    return Fold(split, forecasts, penalties, model, baseline, summarise(panel, model, baseline))
