"""Scores packed load forecasts: calendar, parameters and arithmetic, in one file that travels with the model.

The model registry gets this file's text as the model's code, so a version keeps the arithmetic that it was
measured with. For that reason it imports nothing of its own package.

Every path computes `hour effect + w1·lag1 + … + w7·lag7` term by term in this order, in IEEE doubles. One row
in plain Python and a million rows in numpy therefore give the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
from mlflow.pyfunc import PythonModel

__all__ = [
    "DAY_TYPES",
    "FORMAT",
    "HOURS_A_DAY",
    "LAG_COLUMNS",
    "LAG_DAYS",
    "LoadForecastModel",
    "PackedForecasts",
    "calendar_cell",
    "calendar_cells",
    "is_public_holiday",
    "parse_hour",
]

FORMAT = "load_forecast/1"
"""Names the input columns, the arithmetic and the layout of the parameters; changes if any of them does."""

LAG_DAYS = (1, 2, 3, 4, 5, 6, 7)
LAG_COLUMNS = tuple(f"lag_{day}d" for day in LAG_DAYS)
HOURS_A_DAY = 24
DAY_TYPES = 7

_TIME_ZONE = ZoneInfo("Europe/Berlin")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_LONGEST_STAMP = 40
_SUNDAY = 6

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def _easter_sunday(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (the anonymous algorithm of Meeus, Jones and Butcher)."""
    golden, (century, in_century) = year % 19, divmod(year, 100)
    leaps, century_rest = divmod(century, 4)
    epact = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarters, rest = divmod(in_century, 4)
    weekday = (32 + 2 * century_rest + 2 * quarters - epact - rest) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def _public_holidays(year: int) -> frozenset[date]:
    """Return the nine public holidays that all German states share."""
    easter = _easter_sunday(year)
    fixed = {date(year, month, day) for month, day in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))}
    return frozenset(fixed | {easter + timedelta(days=days) for days in (-2, 1, 39, 50)})


def is_public_holiday(day: date) -> bool:
    """Tell whether all of Germany has a public holiday on this day."""
    return day in _public_holidays(day.year)


@lru_cache(maxsize=1 << 18)
def calendar_cell(hour: int) -> tuple[int, int]:
    """Return day type and hour of day in Europe/Berlin of an hour.

    Args:
        hour: Hours since 1970-01-01T00:00Z.

    Returns:
        The day type, 0 for Monday to 6 for Sunday and public holidays, and the local hour from 0 to 23.
    """
    local = (_EPOCH + timedelta(hours=hour)).astimezone(_TIME_ZONE)
    return _SUNDAY if is_public_holiday(local.date()) else local.weekday(), local.hour


def calendar_cells(hours: Integers) -> tuple[Integers, Integers]:
    """Return day types and local hours of many hours, as `calendar_cell` does of one."""
    distinct, places = np.unique(hours, return_inverse=True)
    cells = np.array([calendar_cell(int(hour)) for hour in distinct], dtype=np.int64).reshape(-1, 2)
    return cells[places, 0], cells[places, 1]


@lru_cache(maxsize=1 << 16)
def _parse_hour(stamp: str) -> int:
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        raise ValueError("the text is no ISO 8601 stamp; write it as 2016-12-05T13:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("the hour has no UTC offset; write it as 2016-12-05T13:00:00Z")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"the hour is not in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    hour, rest = divmod(moment - _EPOCH, timedelta(hours=1))
    if rest:
        raise ValueError("the stamp is not the start of an hour")
    return hour


def parse_hour(stamp: str) -> int:
    """Return the hours since 1970-01-01T00:00Z of an ISO 8601 stamp.

    Raises:
        ValueError: If the text is no stamp, has no UTC offset, is not the start of an hour or lies outside
            1990 to 2100. The message never repeats the text.
    """
    if len(stamp) > _LONGEST_STAMP:
        raise ValueError("the text is too long for an ISO 8601 stamp")
    return _parse_hour(stamp)


@dataclass(frozen=True)
class PackedForecasts:
    """Parameters of the day-ahead forecasts of many loads.

    Attributes:
        loads: Identifiers of the loads, in the order of the first axis of the parameters.
        lag_weights: Weights of the lags, without unit; axes load, day type, lag.
        hour_effects: What an hour of the day adds, in MW; axes load, day type, local hour.
    """

    loads: tuple[str, ...]
    lag_weights: Doubles
    hour_effects: Doubles

    def __post_init__(self) -> None:
        count = len(self.loads)
        for name, values, last in (
            ("lag_weights", self.lag_weights, len(LAG_DAYS)),
            ("hour_effects", self.hour_effects, HOURS_A_DAY),
        ):
            if values.dtype != np.float64 or values.shape != (count, DAY_TYPES, last):
                raise ValueError(f"{name} must be float64 of shape {(count, DAY_TYPES, last)}")
            if not np.isfinite(values).all():
                raise ValueError(f"{name} holds values that are not finite")
        if len(self.index) != count:
            raise ValueError("a load is named twice")

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of every load by its identifier."""
        return {load: position for position, load in enumerate(self.loads)}

    @cached_property
    def sha256(self) -> str:
        """Hash of format, identifiers and the exact bytes of the parameters (little-endian, C order)."""
        digest = hashlib.sha256(f"{FORMAT}\0".encode())
        digest.update("\0".join(self.loads).encode())
        for values in (self.lag_weights, self.hour_effects):
            digest.update(b"\0" + np.ascontiguousarray(values, dtype="<f8").tobytes())
        return digest.hexdigest()

    def predict_row(self, load: int, hour: int, lags: Sequence[float]) -> float:
        """Return the forecast of one row in MW.

        Args:
            load: Position of the load, from `index`.
            hour: Target hour, in hours since 1970-01-01T00:00Z.
            lags: Mean power in MW in the same hour 1 to 7 days before.
        """
        day_type, local_hour = calendar_cell(hour)
        forecast: float = self.hour_effects.item(load, day_type, local_hour)
        for weight, lag in zip(self.lag_weights[load, day_type].tolist(), lags, strict=True):
            forecast += weight * lag
        return forecast

    def predict(self, loads: Integers, hours: Integers, lags: Doubles) -> Doubles:
        """Return the forecasts of many rows in MW, bit for bit those of `predict_row`.

        Args:
            loads: Positions of the loads, one a row.
            hours: Target hours, in hours since 1970-01-01T00:00Z, one a row.
            lags: Mean power in MW in the same hour 1 to 7 days before; axes row, lag.
        """
        day_types, local_hours = calendar_cells(hours)
        forecasts: Doubles = self.hour_effects[loads, day_types, local_hours]
        for lag in range(len(LAG_DAYS)):
            forecasts = forecasts + self.lag_weights[loads, day_types, lag] * lags[:, lag]
        return forecasts

    def save(self, path: Path) -> None:
        """Write the parameters as an `.npz` file without pickles."""
        np.savez(
            path,
            format=np.array(FORMAT),
            loads=np.array(self.loads, dtype=np.str_),
            lag_weights=self.lag_weights,
            hour_effects=self.hour_effects,
        )

    @classmethod
    def load(cls, path: Path) -> PackedForecasts:
        """Read parameters that `save` wrote.

        Raises:
            ValueError: If the file holds another format, or parameters that are malformed.
        """
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["format"]) != FORMAT:
                raise ValueError(f"the file does not hold parameters of the format {FORMAT}")
            loads = tuple(str(load) for load in stored["loads"])
            return cls(loads, stored["lag_weights"], stored["hour_effects"])


class LoadForecastModel(PythonModel):  # type: ignore[misc]  # mlflow's classes are not analysed
    """Day-ahead forecasts of many loads as one MLflow model: one row asks for one hour of one load."""

    def load_context(self, context: Any) -> None:
        """Read the parameters that were logged with the model."""
        self._forecasts = PackedForecasts.load(Path(context.artifacts["parameters"]))

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> Doubles:
        """Return one forecast a row, in MW; a row without one of its lags has none and gives NaN.

        Raises:
            ValueError: If a row names a load that the model does not know, or an hour that is malformed.
        """
        del context, params
        codes, names = pd.factorize(model_input["load"])
        unknown = [name for name in names if name not in self._forecasts.index]
        if unknown:
            raise ValueError(f"{len(unknown)} of {len(names)} loads are not in the model")
        positions = np.array([self._forecasts.index[name] for name in names], dtype=np.int64)
        stamp_codes, stamps = pd.factorize(model_input["target_hour"])
        hours = np.array([parse_hour(stamp) for stamp in stamps], dtype=np.int64)
        lags = model_input[list(LAG_COLUMNS)].to_numpy(dtype=np.float64)
        return self._forecasts.predict(positions[codes], hours[stamp_codes], lags)
