"""Bad rows that the gateway puts among the real ones, always the same, each with its reason.

A bad row is always an extra line, so the real data stays complete and the quarantine can be compared with
the labels reason by reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from lakeplane_workloads.medallion.simbench_data import DayLines

__all__ = ["Delivery", "Label", "deliveries"]

QUARTERS = 96
BROKEN = ("0,143882", "", "n/a", "0.14 kW", "1.2.3", "NaN", "-")


@dataclass(frozen=True, slots=True)
class Label:
    """What is wrong with one line of a delivered file; the header is line 1."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file as the gateway delivers it."""

    name: str
    text: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of bad row: on which days of the year it happens, how often, and what it makes of a line."""

    reason: str
    every: int
    offset: int
    rows: int
    spoil: Callable[[str, date, Random], str]


def deliveries(day: DayLines) -> tuple[Delivery, ...]:
    """Return the files of one local day; a name's last two digits count the day's deliveries.

    Every twentieth day is delivered twice.
    """
    name = f"load_profile_{day.day.isoformat()}_01.csv"
    lines, reasons = _with_bad_rows(day)
    text = "\n".join((day.header, *lines)) + "\n"
    first = Delivery(
        name, text, tuple(Label(name, at + 2, reason) for at, reason in enumerate(reasons) if reason)
    )
    if _day_of_year(day.day) % 20 != 6:
        return (first,)
    again = name.replace("_01.csv", "_02.csv")
    labels = tuple(Label(again, at + 2, "repeated_file") for at in range(len(lines)))
    return (first, Delivery(again, text, labels))


def _with_bad_rows(day: DayLines) -> tuple[list[str], list[str | None]]:
    random = Random(f"bad rows of {day.day.isoformat()}")  # noqa: S311 - repeatable, no secret
    lines: list[str] = list(day.lines)
    reasons: list[str | None] = [None] * len(lines)
    for kind in _KINDS:
        if _day_of_year(day.day) % kind.every != kind.offset:
            continue
        for _ in range(kind.rows):
            at = random.choice([i for i in _candidates(day.lines, lines) if reasons[i] is None])
            lines.insert(at + 1, kind.spoil(lines[at], day.day, random))
            reasons.insert(at + 1, kind.reason)
    return lines, reasons


def _candidates(real: Sequence[str], lines: Sequence[str]) -> range:
    """Return where a bad row may go: anywhere, but on a day of 92 or 100 quarters near the clock change."""
    return range(len(lines)) if len(real) == QUARTERS else range(4, 20)


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday


def _broken_number(line: str, _: date, random: Random) -> str:
    values = line.split(";")
    values[random.randrange(1, len(values))] = random.choice(BROKEN)
    return ";".join(values)


def _wrong_date(line: str, day: date, random: Random) -> str:
    stamp, values = line.split(";", 1)
    clock = stamp[11:]
    tomorrow = day + timedelta(days=1)
    choices = [
        f"{tomorrow:%d.%m.%Y} {clock}",  # a day that the file does not stand for
        f"31.02.{day.year} {clock}",  # a day that no year has
        f"{day.isoformat()}T{clock}",  # another notation
        f"{day:%d.%m.%Y} {clock[:3]}07",  # between two quarters
    ]
    if (day.month, day.weekday()) == (3, 6) and tomorrow.day > 25:
        choices = [f"{day:%d.%m.%Y} 02:{clock[3:]}"]  # an hour that the clock jumps over
    return f"{random.choice(choices)};{values}"


def _wrong_columns(line: str, _: date, random: Random) -> str:
    values = line.split(";")
    return random.choice([";".join(values[:100]), f"{line};0.5"])


def _repeated_row(line: str, _: date, __: Random) -> str:
    return line


_KINDS = (
    _Kind("broken_number", every=4, offset=0, rows=2, spoil=_broken_number),
    _Kind("wrong_date", every=6, offset=3, rows=1, spoil=_wrong_date),
    _Kind("wrong_columns", every=10, offset=6, rows=1, spoil=_wrong_columns),
    _Kind("repeated_row", every=12, offset=5, rows=1, spoil=_repeated_row),
)
