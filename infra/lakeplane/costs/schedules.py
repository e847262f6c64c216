"""How often a schedule starts something in a month.

Quartz cron expressions as Databricks takes them ("CronTrigger Tutorial", Quartz 2.3): seconds, minutes,
hours, day of the month, month, day of the week and perhaps a year, with `*`, `?`, lists, ranges, steps,
names, `L`, `LW`, `W` and `#`. Runs are counted in the three years from 2025 on, which have no leap day, so
that the answer is the same on every day and a month has 730 hours. Left out are time zones, for a clock
change moves or drops one run a year, and the year: the answer is that of a month in which the schedule holds.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

__all__ = ["monthly_runs", "quartz_runs"]

_START = date(2025, 1, 1)
_DAYS = 3 * 365
_MONTHS = 36
_HOURS_A_MONTH = 730
_HOURS_OF = {"MINUTES": 1 / 60, "HOURS": 1, "DAYS": 24, "WEEKS": 168}
_LAST_YEAR = 2099
_MONTHS_OF_A_YEAR = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH_NAMES = {name: number for number, name in enumerate(_MONTHS_OF_A_YEAR, 1)}
# Quartz counts from Sunday, 1.
_DAY_NAMES = {
    name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)
}
_FRIDAY = 4

Day = Callable[[date], bool]


def monthly_runs(job: Mapping[str, Any]) -> float | None:
    """Return how many runs a month a job's schedule or periodic trigger starts, paused or not.

    Args:
        job: The job, in the form of the REST API.

    Returns:
        The runs, or None if nothing periodic starts it, or its expression is none.
    """
    expression = _at(job, "schedule", "quartz_cron_expression")
    if isinstance(expression, str):
        return quartz_runs(expression)
    interval, unit = _at(job, "trigger", "periodic", "interval"), _at(job, "trigger", "periodic", "unit")
    if isinstance(interval, int | float) and interval > 0 and unit in _HOURS_OF:
        return _HOURS_A_MONTH / (interval * _HOURS_OF[unit])
    return None


@cache
def quartz_runs(expression: str) -> float | None:
    """Return how often a Quartz cron expression fires in a month, or None if it is none."""
    fields = expression.upper().split()
    if len(fields) not in (6, 7):
        return None
    try:
        times = len(_set(fields[0], 0, 59)) * len(_set(fields[1], 0, 59)) * len(_set(fields[2], 0, 23))
        months = _set(fields[4], 1, 12, _MONTH_NAMES)
        for year in fields[6:]:
            _set(year, 1970, _LAST_YEAR)
        in_month, in_week = _days_of_month(fields[3]), _days_of_week(fields[5])
    except ValueError:
        return None
    days = (_START + timedelta(days=number) for number in range(_DAYS))
    fires = sum(day.month in months and in_month(day) and in_week(day) for day in days)
    return fires * times / _MONTHS


def _days_of_month(field: str) -> Day:
    return _any(
        _day_of_month(part) if part[0] == "L" or part.endswith("W") else _numbers(part, 1, 31)
        for part in field.split(",")
        if part or _refuse(field)
    )


def _day_of_month(part: str) -> Day:
    if part == "LW":
        return lambda day: day == _weekday_near(day.replace(day=_last(day)))
    if part[0] == "L":
        before = _number(part[2:], 1, 30) if part[1:2] == "-" else 0
        if part not in ("L", f"L-{before}"):
            raise ValueError(part)
        return lambda day: day.day == _last(day) - before
    wanted = _number(part[:-1], 1, 31)
    return lambda day: wanted <= _last(day) and day == _weekday_near(day.replace(day=wanted))


def _days_of_week(field: str) -> Day:
    return _any(_day_of_week(part) for part in field.split(",") if part or _refuse(field))


def _day_of_week(part: str) -> Day:
    if "#" in part:
        name, _, nth = part.partition("#")
        wanted, week = _number(name, 1, 7, _DAY_NAMES), _number(nth, 1, 5)
        return lambda day: _quartz_weekday(day) == wanted and (day.day - 1) // 7 + 1 == week
    if part.endswith("L") and part != "L":
        last = _number(part[:-1], 1, 7, _DAY_NAMES)
        return lambda day: _quartz_weekday(day) == last and day.day > _last(day) - 7
    # `L` alone is the last day of the week.
    numbers = _set("7" if part == "L" else part, 1, 7, _DAY_NAMES)
    return lambda day: _quartz_weekday(day) in numbers


def _numbers(part: str, least: int, most: int) -> Day:
    numbers = _set(part, least, most)
    return lambda day: day.day in numbers


def _any(days: Iterable[Day]) -> Day:
    found = tuple(days)
    return lambda day: any(one(day) for one in found)


def _set(field: str, least: int, most: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    numbers: set[int] = set()
    for part in field.split(","):
        reach, _, step = part.partition("/")
        first, dash, last = reach.partition("-")
        if reach in ("*", "?"):
            start, end = least, most
        else:
            start = _number(first, least, most, names)
            end = _number(last, least, most, names) if dash else (most if step else start)
        stride = _number(step, 1, most) if step else 1
        # A range may go over the end, such as FRI-MON.
        end += (most - least + 1) if end < start else 0
        numbers.update(
            (value - least) % (most - least + 1) + least for value in range(start, end + 1, stride)
        )
    return frozenset(numbers)


def _number(text: str, least: int, most: int, names: Mapping[str, int] | None = None) -> int:
    value = (names or {}).get(text)
    if value is None:
        if not text.isascii() or not text.isdigit():
            raise ValueError(text)
        value = int(text)
    if not least <= value <= most:
        raise ValueError(text)
    return value


def _refuse(field: str) -> bool:
    raise ValueError(field)


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _quartz_weekday(day: date) -> int:
    return (day.weekday() + 1) % 7 + 1


def _weekday_near(day: date) -> date:
    """Return the working day nearest to a day, in the same month."""
    if day.weekday() <= _FRIDAY:
        return day
    saturday = day.weekday() == _FRIDAY + 1
    near = day + timedelta(days=-1 if saturday else 1)
    if near.month == day.month:
        return near
    return day + timedelta(days=2 if saturday else -2)


def _at(document: Mapping[str, Any], *path: str) -> Any:
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
