"""Batched ridge regression: all loads and all day types in one solve.

For each load and day type the model is `hour effect + Σ weight·lag`. The hour effects are indicator columns,
so their block of the normal equations is diagonal and is eliminated; what is left to solve is 7 by 7.
Normal equations are sums over rows: each block of weeks is summed once and serves every fold after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from lakeplane_workloads.forecasting.panel import LoadPanel
from lakeplane_workloads.forecasting.scoring import (
    DAY_TYPES,
    HOURS_A_DAY,
    LAG_DAYS,
    Doubles,
    Integers,
    calendar_cells,
)

__all__ = ["Moments", "Penalties", "block_moments", "solve"]


@dataclass(frozen=True, order=True)
class Penalties:
    """Ridge penalties, for loads scaled to a mean absolute power of 1.

    Attributes:
        lags: Penalty on the weights of the lags.
        hours: Penalty on the effects of the hours.
    """

    lags: float
    hours: float


@dataclass(frozen=True)
class Moments:
    """Sums of products over rows, for every load and day type.

    Attributes:
        lag_lag: Axes load, day type, lag, lag.
        lag_hour: Axes load, day type, lag, local hour.
        hour_count: Axes day type, local hour.
        lag_target: Axes load, day type, lag.
        hour_target: Axes load, day type, local hour.
    """

    lag_lag: Doubles
    lag_hour: Doubles
    hour_count: Doubles
    lag_target: Doubles
    hour_target: Doubles

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.lag_lag + other.lag_lag,
            self.lag_hour + other.lag_hour,
            self.hour_count + other.hour_count,
            self.lag_target + other.lag_target,
            self.hour_target + other.hour_target,
        )


def block_moments(panel: LoadPanel, scale_mw: Doubles, places: Integers) -> Moments:
    """Sum the products over some rows of the panel.

    One thread does the sums: with several, their order and so the last bits could differ from run to run.

    Args:
        panel: The loads' history.
        scale_mw: What each load's power is divided by, in MW.
        places: Rows to sum over, from `LoadPanel.usable`.
    """
    count, lags = len(panel.loads), len(LAG_DAYS)
    moments = Moments(
        np.zeros((count, DAY_TYPES, lags, lags)),
        np.zeros((count, DAY_TYPES, lags, HOURS_A_DAY)),
        np.zeros((DAY_TYPES, HOURS_A_DAY)),
        np.zeros((count, DAY_TYPES, lags)),
        np.zeros((count, DAY_TYPES, HOURS_A_DAY)),
    )
    day_types, local_hours = calendar_cells(panel.hours[places])
    with threadpool_limits(limits=1):
        for day_type in range(DAY_TYPES):
            chosen = day_types == day_type
            at = places[chosen]
            indicators = np.eye(HOURS_A_DAY)[local_hours[chosen]]
            lagged = panel.lags(at) / scale_mw[:, None, None]
            target = panel.power_mw[:, at] / scale_mw[:, None]
            moments.lag_lag[:, day_type] = lagged @ lagged.transpose(0, 2, 1)
            moments.lag_hour[:, day_type] = lagged @ indicators
            moments.hour_count[day_type] = indicators.sum(axis=0)
            moments.lag_target[:, day_type] = (lagged @ target[:, :, None])[:, :, 0]
            moments.hour_target[:, day_type] = target @ indicators
    return moments


def solve(moments: Moments, penalties: Penalties) -> tuple[Doubles, Doubles]:
    """Solve the ridge regressions of all loads and day types.

    Returns:
        Weights of the lags (axes load, day type, lag), and effects of the hours in units of the load's scale
        (axes load, day type, local hour).
    """
    inverse = 1.0 / (moments.hour_count + penalties.hours)
    reduced = moments.lag_hour * inverse[None, :, None, :]
    with threadpool_limits(limits=1):
        left = moments.lag_lag - reduced @ moments.lag_hour.transpose(0, 1, 3, 2)
        left = left + penalties.lags * np.eye(len(LAG_DAYS))
        right = moments.lag_target - (reduced @ moments.hour_target[..., None])[..., 0]
        weights = np.asarray(np.linalg.solve(left, right[..., None])[..., 0], dtype=np.float64)
        explained = (moments.lag_hour.transpose(0, 1, 3, 2) @ weights[..., None])[..., 0]
    return weights, inverse * (moments.hour_target - explained)
