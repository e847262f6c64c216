"""Input rows of the load forecast: what a client must know of a load's past to ask for its next day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from lakeplane_workloads.forecasting.scoring import LAG_COLUMNS, LAG_DAYS

__all__ = ["INPUT_COLUMNS", "MissingHistoryError", "feature_rows", "hour_stamp", "load_group_id"]

INPUT_COLUMNS = ("load", "target_hour", *LAG_COLUMNS)


class MissingHistoryError(LookupError):
    """Raised when the history lacks an hour that a lag needs."""


def load_group_id(profile: str, p_mw: float) -> str:
    """Name the loads of one profile and one scale, such as `H0-A@0.003`.

    Args:
        profile: Name of the load profile.
        p_mw: Active power in MW that the profile's value 1 stands for; written so that it reads back exactly.
    """
    return f"{profile}@{float(p_mw)!r}"


def hour_stamp(hour: datetime) -> str:
    """Write an hour as the model takes it, `2016-12-05T13:00:00Z`; a stamp without zone counts as UTC."""
    aware = hour.replace(tzinfo=UTC) if hour.tzinfo is None else hour.astimezone(UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%SZ")


def feature_rows(
    load: str, history: Mapping[datetime, float], target_hours: Iterable[datetime]
) -> list[dict[str, str | float]]:
    """Build the rows that ask for forecasts of one load.

    The lag of day k is the mean power exactly 24·k hours before the target hour. Across a change of the
    clocks that is the neighbouring local hour, and never an ambiguous one.

    Args:
        load: Identifier of the load, see `load_group_id`.
        history: Mean active power in MW by hour; the keys carry a time zone.
        target_hours: Hours to forecast; they carry a time zone.

    Returns:
        One mapping of `INPUT_COLUMNS` for each target hour, in their order.

    Raises:
        MissingHistoryError: If an hour that a lag needs is not in the history.
    """
    rows: list[dict[str, str | float]] = []
    for hour in target_hours:
        row: dict[str, str | float] = {"load": load, "target_hour": hour_stamp(hour)}
        for column, days in zip(LAG_COLUMNS, LAG_DAYS, strict=True):
            past = hour - timedelta(days=days)
            try:
                row[column] = float(history[past])
            except KeyError:
                raise MissingHistoryError(
                    f"{column} of {hour_stamp(hour)} needs the mean power at {hour_stamp(past)}"
                ) from None
        rows.append(row)
    return rows
