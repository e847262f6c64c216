"""Judges forecasts on weeks that were held back from training, against the seasonal-naive baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lakeplane_workloads.forecasting.panel import LoadPanel, TrainingDataError
from lakeplane_workloads.forecasting.scoring import HOURS_A_DAY, LAG_DAYS, Doubles, Integers, PackedForecasts

__all__ = [
    "WEEK_HOURS",
    "Accuracy",
    "Split",
    "accuracy",
    "forecast",
    "seasonal_naive",
    "split_weeks",
    "summarise",
]

WEEK_HOURS = 7 * HOURS_A_DAY


@dataclass(frozen=True)
class Split:
    """Rows of a panel that may be trained on, and the later rows that are held back.

    Attributes:
        training: Places before the held-back weeks whose power and lags are known.
        held_back: Places in the held-back weeks whose power and lags are known.
        start: First hour of the held-back weeks, since 1970-01-01T00:00Z.
    """

    training: Integers
    held_back: Integers
    start: int


@dataclass(frozen=True)
class Accuracy:
    """Errors by load.

    Attributes:
        mae: Mean absolute error in MW.
        mase: `mae` divided by the baseline's mean absolute error in the training rows; NaN where that is 0.
    """

    mae: Doubles
    mase: Doubles


def split_weeks(panel: LoadPanel, weeks: int, *, before: int | None = None) -> Split:
    """Hold back some weeks of a panel.

    Args:
        panel: The loads' history.
        weeks: Number of weeks to hold back.
        before: Place in the panel at which the held-back weeks end; its end if left out.

    Raises:
        TrainingDataError: If nothing is left to train on, or nothing to judge by.
    """
    stop = len(panel.hours) if before is None else before
    start = stop - weeks * WEEK_HOURS
    training = panel.usable(0, max(start, 0))
    held_back = panel.usable(max(start, 0), stop)
    if len(training) < WEEK_HOURS or len(held_back) < HOURS_A_DAY:
        raise TrainingDataError(
            f"the hourly profiles span {len(panel.hours)} hours; {weeks} held-back weeks leave "
            f"{len(training)} hours to train on, at least {WEEK_HOURS} are needed: "
            "read more days or hold back fewer weeks"
        )
    return Split(training, held_back, int(panel.hours[0]) + start)


def seasonal_naive(panel: LoadPanel, places: Integers) -> Doubles:
    """Forecast each hour by the same hour one week before; axes load, place."""
    return panel.power_mw[:, places - WEEK_HOURS]


def forecast(forecasts: PackedForecasts, panel: LoadPanel, places: Integers) -> Doubles:
    """Forecast places of a panel with packed parameters, as the scoring service would; axes load, place.

    Loads that the parameters do not know give NaN.
    """
    known = [row for row, load in enumerate(panel.loads) if load in forecasts.index]
    positions = np.array([forecasts.index[panel.loads[row]] for row in known], dtype=np.int64)
    lags = panel.lags(places)[known].transpose(0, 2, 1).reshape(-1, len(LAG_DAYS))
    rows = forecasts.predict(
        np.repeat(positions, len(places)), np.tile(panel.hours[places], len(known)), lags
    )
    result = np.full((len(panel.loads), len(places)), np.nan)
    result[known] = rows.reshape(len(known), len(places))
    return result


def accuracy(panel: LoadPanel, split: Split, forecasts_mw: Doubles) -> Accuracy:
    """Compare forecasts of the held-back places with what was measured."""
    error = np.abs(panel.power_mw[:, split.held_back] - forecasts_mw).mean(axis=1)
    naive = panel.power_mw[:, split.training] - seasonal_naive(panel, split.training)
    scale = np.abs(naive).mean(axis=1)
    return Accuracy(error, np.divide(error, scale, out=np.full_like(error, np.nan), where=scale > 0))


def summarise(panel: LoadPanel, model: Accuracy, baseline: Accuracy) -> dict[str, float]:
    """Sum errors up over loads.

    Returns:
        `mae` (MW), `mase` and, of the baseline, `mae_baseline`, `mase_baseline`: means over distinct loads,
        each with the same weight. `mae_represented` and its baseline: means over all loads of the grid.
        `loads_better`: share of distinct loads with a lower error than the baseline. `loads_without_scale`:
        distinct loads that have no `mase`, because the baseline makes no error in the training rows.
    """
    weights = panel.represented
    return {
        "mae": float(model.mae.mean()),
        "mae_baseline": float(baseline.mae.mean()),
        "mase": _mean_known(model.mase),
        "mase_baseline": _mean_known(baseline.mase),
        "mae_represented": float(np.average(model.mae, weights=weights)),
        "mae_baseline_represented": float(np.average(baseline.mae, weights=weights)),
        "loads_better": float((model.mae < baseline.mae).mean()),
        "loads_without_scale": float(np.isnan(model.mase).sum()),
    }


def _mean_known(values: Doubles) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
