"""The real data: SimBench's load profiles and loads, as the package ships them.

Data by the SimBench project, Open Database License 1.0. The package is only looked up, never imported: that
would pull in a power-flow library for the sake of a few files.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

__all__ = ["SCENARIO", "DayLines", "find_scenario", "read_days"]

SCENARIO = "1-complete_data-mixed-all-0-sw"


@dataclass(frozen=True, slots=True)
class DayLines:
    """The lines of one local day, in their order in the source."""

    day: date
    header: str
    lines: tuple[str, ...]


def find_scenario(name: str = SCENARIO) -> Path:
    """Return the directory of a scenario's CSV files in the installed package.

    Raises:
        FileNotFoundError: The package is not installed, or has no such scenario.
    """
    spec = importlib.util.find_spec("simbench")
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        directory = Path(place) / "networks" / name
        if directory.is_dir():
            return directory
    found = f"not in {places[0]}" if places else "the package simbench is not installed"
    raise FileNotFoundError(f"SimBench scenario {name}: {found}; remedy: pip install simbench==1.6.3")


def read_days(profiles: Path) -> Iterator[DayLines]:
    """Yield the local days of a profile file, whose lines start with `dd.mm.yyyy HH:MM`."""
    header, *lines = profiles.read_text(encoding="utf-8").splitlines()
    for text, group in groupby(lines, key=lambda line: line[:10]):
        yield DayLines(date(int(text[6:]), int(text[3:5]), int(text[:2])), header, tuple(group))
