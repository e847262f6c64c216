"""How often schedules start something, held against the calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest

from lakeplane.costs.schedules import monthly_runs, quartz_runs

DAILY = 365 / 12


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("0 0 6 * * ?", DAILY),
        ("0 0 6 ? * *", DAILY),
        ("0 0 6 * * ? *", DAILY),
        ("0 0 6 * * ? 2030", DAILY),
        ("0 0 0/6 * * ?", 4 * DAILY),
        ("0 0/15 * * * ?", 96 * DAILY),
        ("0 0,30 8-17 * * ?", 20 * DAILY),
        ("0 0 22-2 * * ?", 5 * DAILY),
        ("0 0 6 1 * ?", 1),
        ("0 0 6 1,15 * ?", 2),
        ("0 0 6 31 * ?", 7 / 12),
        ("0 0 6 29 FEB ?", 0),
        ("0 0 6 1 jan,jul ?", 2 / 12),
        ("0 0 6 L * ?", 1),
        ("0 0 6 L-2 * ?", 1),
        ("0 0 6 LW * ?", 1),
        ("0 0 6 15W * ?", 1),
        ("0 0 6 ? * 6L", 1),
        ("0 0 6 ? * FRI#2", 1),
        ("0 0 6 ? * MON-FRI", 783 / 36),
        ("0 0 6 ? * 2-6", 783 / 36),
    ],
)
def test_quartz_expressions(expression: str, runs: float) -> None:
    assert quartz_runs(expression) == pytest.approx(runs)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "0 6 * * *",
        "0 0 6 * *",
        "0 0 6 * * ? 2030 1",
        "0 0 24 * * ?",
        "0 60 6 * * ?",
        "0 0 6 32 * ?",
        "0 0 6 * 13 ?",
        "0 0 6 ? * 8",
        "0 0 6 ? * MON#6",
        "0 0 6 ? * MOON",
        "0 0 6 , * ?",
        "0 0 6 L5 * ?",
        "0 0 6 W * ?",
        "0 0 6/0 * * ?",
        "0 0 6 * * ? 1",
        "0 0 ٣ * * ?",
    ],
)
def test_what_is_no_expression_has_no_runs(expression: str) -> None:
    assert quartz_runs(expression) is None


def days() -> list[date]:
    return [date(2025, 1, 1) + timedelta(days=number) for number in range(3 * 365)]


def test_the_working_day_near_a_day_stays_in_its_month() -> None:
    """`1W` on a Saturday is Monday the 3rd, never the Friday before; the oracle walks the calendar."""
    fired = set()
    for year in (2025, 2026, 2027):
        for month in range(1, 13):
            weekday = date(year, month, 1).weekday()
            fired.add(date(year, month, {5: 3, 6: 2}.get(weekday, 1)))
    assert quartz_runs("0 0 6 1W * ?") == len(fired) / 36
    # Their weekdays: never on a week-end.
    assert all(day.weekday() < 5 for day in fired)


def test_weekdays_count_from_sunday() -> None:
    for number in range(1, 8):
        python = (number + 5) % 7
        assert quartz_runs(f"0 0 6 ? * {number}") == sum(day.weekday() == python for day in days()) / 36


def test_last_weekday_of_a_month() -> None:
    last = [
        day
        for day in days()
        if day.weekday() == calendar.FRIDAY and day.day + 7 > calendar.monthrange(day.year, day.month)[1]
    ]
    assert quartz_runs("0 0 6 ? * FRIL") == len(last) / 36 == 1


@pytest.mark.parametrize(
    ("job", "runs"),
    [
        ({"schedule": {"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "UTC"}}, DAILY),
        ({"schedule": {"quartz_cron_expression": "0 0 6 * * ?", "pause_status": "PAUSED"}}, DAILY),
        ({"schedule": {"quartz_cron_expression": "never"}}, None),
        ({"trigger": {"periodic": {"interval": 1, "unit": "DAYS"}}}, 730 / 24),
        ({"trigger": {"periodic": {"interval": 2, "unit": "WEEKS"}}}, 730 / 336),
        ({"trigger": {"periodic": {"interval": 30, "unit": "MINUTES"}}}, 1460),
        ({"trigger": {"periodic": {"interval": 0, "unit": "DAYS"}}}, None),
        ({"trigger": {"periodic": {"interval": 1, "unit": "MOONS"}}}, None),
        ({"trigger": {"file_arrival": {"url": "/Volumes/x"}}}, None),
        ({"continuous": {"pause_status": "UNPAUSED"}}, None),
        ({}, None),
    ],
)
def test_runs_of_jobs(job: dict[str, object], runs: float | None) -> None:
    found = monthly_runs(job)
    assert found == (None if runs is None else pytest.approx(runs))
