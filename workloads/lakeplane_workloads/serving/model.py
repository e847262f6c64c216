"""A registered model as the service holds it: checked cells in, finite forecasts out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lakeplane_workloads.forecasting.registered import ModelDamagedError, RegisteredForecasts, signature
from lakeplane_workloads.forecasting.scoring import parse_hour
from lakeplane_workloads.serving.problems import refuse
from lakeplane_workloads.serving.protocol import Rows

__all__ = ["ServedModel"]

# Below this many rows, plain Python is faster than making arrays; both give the same bits.
_ARRAYS_FROM = 24


class ServedModel:
    """Scores rows against the signature of one registered version.

    Args:
        registered: The version, with its parameters already compared with the registry's hash.

    Raises:
        ModelDamagedError: If the version's signature is not that of its format.
    """

    def __init__(self, registered: RegisteredForecasts) -> None:
        expected = tuple((column.name, column.type.name) for column in signature().inputs.inputs)
        if registered.input_columns != expected:
            raise ModelDamagedError(f"the signature of {registered.version.uri} is not that of its format")
        self.registered = registered
        self.columns = tuple(name for name, _ in expected)
        self.numeric = tuple(kind == "double" for _, kind in expected)
        self._forecasts = registered.forecasts
        self._index = registered.forecasts.index

    def score(self, rows: Rows) -> list[float]:
        """Return one forecast a row, in MW.

        Raises:
            RequestProblemError: If a cell has the wrong type, is unknown or not finite, or a forecast is not
                finite.
        """
        if len(rows.cells) >= _ARRAYS_FROM:
            forecasts = self._score_arrays(rows.cells)
            if forecasts is not None:
                return forecasts
            # Something is wrong in these rows: the way below finds out where.
        return [self._score_row(row, number, rows) for number, row in enumerate(rows.cells)]

    def _score_row(self, row: Sequence[Any], number: int, rows: Rows) -> float:
        name, stamp, *lags = row
        if type(name) is not str:
            refuse("SCR006", "the value must be text", rows.locate(number, 0))
        load = self._index.get(name)
        if load is None:
            refuse("SCR008", "the model does not know this load", rows.locate(number, 0))
        if type(stamp) is not str:
            refuse("SCR006", "the value must be text", rows.locate(number, 1))
        try:
            hour = parse_hour(stamp)
        except ValueError as error:
            refuse("SCR009", str(error), rows.locate(number, 1))
        for place, lag in enumerate(lags, start=2):
            if type(lag) is not float and type(lag) is not int:
                refuse("SCR006", "the value must be a number", rows.locate(number, place))
            if not math.isfinite(lag):
                refuse("SCR007", "the number must be finite", rows.locate(number, place))
        forecast = self._forecasts.predict_row(load, hour, lags)
        if not math.isfinite(forecast):
            refuse("SCR010", "these numbers give no finite forecast", rows.locate(number, None))
        return forecast

    def _score_arrays(self, cells: Sequence[Sequence[Any]]) -> list[float] | None:
        """Score many rows at once, or return nothing if any of them is not in order."""
        names, stamps, *lags = zip(*cells, strict=True)
        if set(map(type, names)) != {str} or set(map(type, stamps)) != {str}:
            return None
        if not all(set(map(type, column)) <= {float, int} for column in lags):
            return None
        try:
            loads = np.fromiter(map(self._index.__getitem__, names), dtype=np.int64, count=len(cells))
            hours = np.fromiter(map(parse_hour, stamps), dtype=np.int64, count=len(cells))
        except (KeyError, ValueError):
            return None
        values = np.array(lags, dtype=np.float64).T
        if not np.isfinite(values).all():
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            forecasts = self._forecasts.predict(loads, hours, values)
        return forecasts.tolist() if np.isfinite(forecasts).all() else None
