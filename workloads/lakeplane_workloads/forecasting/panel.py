"""The loads' hourly history as one dense matrix: what training and evaluation compute on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from lakeplane_workloads.forecasting.features import load_group_id
from lakeplane_workloads.forecasting.scoring import HOURS_A_DAY, LAG_DAYS, Doubles, Integers

__all__ = ["LoadPanel", "TrainingDataError", "build_panel"]


class TrainingDataError(ValueError):
    """Raised when the gold tables hold too little, or nothing, to train on."""


@dataclass(frozen=True)
class LoadPanel:
    """Hourly mean active power of distinct loads.

    Attributes:
        loads: Identifiers of the distinct loads, sorted by profile and scale.
        profiles: Profile of each load.
        p_mw: Scale of each load in MW.
        represented: How many loads of the grid each distinct load stands for.
        hours: Consecutive hours since 1970-01-01T00:00Z.
        power_mw: Mean active power in MW; axes load, hour; NaN where the source has a gap.
        loads_without_power: Loads of the grid left out because their scale is 0 MW.
    """

    loads: tuple[str, ...]
    profiles: tuple[str, ...]
    p_mw: Doubles
    represented: Integers
    hours: Integers
    power_mw: Doubles
    loads_without_power: int

    def lags(self, places: Integers) -> Doubles:
        """Return the power in the same hour 1 to 7 days before; axes load, lag, place.

        Args:
            places: Positions in `hours`, each at least 7 days after the first.
        """
        return np.stack([self.power_mw[:, places - HOURS_A_DAY * day] for day in LAG_DAYS], axis=1)

    def usable(self, start: int, stop: int) -> Integers:
        """Return the places from `start` to before `stop` whose power and lags are known for every load."""
        known = np.logical_and.reduce(np.isfinite(self.power_mw), axis=0)
        places = np.arange(max(start, HOURS_A_DAY * LAG_DAYS[-1]), stop, dtype=np.int64)
        complete: npt.NDArray[np.bool_] = known[places]
        for day in LAG_DAYS:
            complete = complete & known[places - HOURS_A_DAY * day]
        return places[complete]


def build_panel(hourly: pd.DataFrame, groups: pd.DataFrame) -> LoadPanel:
    """Scale the profiles to the loads that follow them.

    Args:
        hourly: Columns `profile`, `hour` (hours since 1970-01-01T00:00Z) and `mean_value` (per unit of the
            load's scale), one row for each profile and hour, in any order.
        groups: Columns `profile`, `p_mw` and `load_count`, one row for each profile and scale, in any order.

    Raises:
        TrainingDataError: If a table is empty, a row occurs twice or a load follows a profile that is absent.
    """
    if hourly.empty or groups.empty:
        raise TrainingDataError(
            "the gold tables hold no hourly profiles or no loads; run the medallion job first"
        )
    if hourly.duplicated(["profile", "hour"]).any() or groups.duplicated(["profile", "p_mw"]).any():
        raise TrainingDataError("the gold tables hold a profile's hour, or a load, twice")
    absent = sorted(set(groups["profile"]) - set(hourly["profile"]))
    if absent:
        raise TrainingDataError(f"loads follow profiles that have no hourly values: {', '.join(absent)}")
    powered = groups[groups["p_mw"] != 0].sort_values(["profile", "p_mw"], kind="stable")
    hours = np.arange(int(hourly["hour"].min()), int(hourly["hour"].max()) + 1, dtype=np.int64)
    names = sorted(set(powered["profile"]))
    row_of = {name: row for row, name in enumerate(names)}
    wanted = hourly[hourly["profile"].isin(row_of)]
    shapes = np.full((len(names), len(hours)), np.nan)
    shapes[wanted["profile"].map(row_of).to_numpy(np.int64), wanted["hour"].to_numpy(np.int64) - hours[0]] = (
        wanted["mean_value"].to_numpy(np.float64)
    )
    profiles = tuple(str(profile) for profile in powered["profile"])
    p_mw = powered["p_mw"].to_numpy(np.float64)
    return LoadPanel(
        loads=tuple(load_group_id(profile, scale) for profile, scale in zip(profiles, p_mw, strict=True)),
        profiles=profiles,
        p_mw=p_mw,
        represented=powered["load_count"].to_numpy(np.int64),
        hours=hours,
        power_mw=p_mw[:, None] * shapes[[row_of[profile] for profile in profiles]],
        loads_without_power=int(groups.loc[groups["p_mw"] == 0, "load_count"].sum()),
    )
