"""Entry point `medallion-land`: the meter-data gateway's part, played with SimBench's real data."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from lakeplane_workloads.medallion.injection import Label, deliveries
from lakeplane_workloads.medallion.simbench_data import DayLines, find_scenario, read_days
from lakeplane_workloads.volumes import volume_path

__all__ = ["LABELS", "LOADS", "PROFILES", "land", "main"]

PROFILES = "load_profile"
LOADS = "load/Load.csv"
LABELS = "labels/injected.jsonl"


def main(argv: list[str] | None = None) -> None:
    """Deliver the daily files that are not in the landing volume yet."""
    parser = argparse.ArgumentParser(prog="medallion-land", description=main.__doc__)
    parser.add_argument("--landing", required=True, type=volume_path, help="directory of the deliveries")
    parser.add_argument("--days", default="all", help="how many days from the first on, or all")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first local day, inclusive")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last local day, inclusive")
    given = parser.parse_args(argv)
    if given.days != "all" and not given.days.isdecimal():
        parser.error(f"--days: {given.days!r} is neither all nor a number")
    try:
        scenario = find_scenario()
    except FileNotFoundError as error:
        sys.exit(str(error))
    count = None if given.days == "all" else int(given.days)
    chosen = (
        day
        for day in read_days(scenario / "LoadProfile.csv")
        if (given.first is None or day.day >= given.first) and (given.last is None or day.day <= given.last)
    )
    new, present = land(islice(chosen, count), scenario / "Load.csv", Path(given.landing))
    sys.stdout.write(f"landing: {new} new files, {present} in all\n")


def land(days: Iterable[DayLines], loads: Path, landing: Path) -> tuple[int, int]:
    """Write the missing files of some days, the loads, and the labels of all bad rows that are there.

    Every file appears whole or not at all. Files that are there stay as they are, also those of days that
    were not chosen this time.

    Returns:
        How many daily files are new, and how many are there.
    """
    profiles = landing / PROFILES
    profiles.mkdir(parents=True, exist_ok=True)
    present = {path.name for path in profiles.glob("load_profile_*.csv")}
    new = 0
    # A run that was killed may have left labels of files that never came.
    labels = [label for label in _read_labels(landing / LABELS) if label.file in present]
    labelled = {label.file for label in labels}
    pending: list[tuple[Path, str]] = []
    for day in days:
        for delivery in deliveries(day):
            if delivery.name not in labelled:
                labels.extend(delivery.labels)
            if delivery.name not in present:
                pending.append((profiles / delivery.name, delivery.text))
                new += 1
    # Labels first: a file without its label would look like a finding that nobody put in.
    labels.sort(key=lambda label: (label.file, label.line))
    _write_new(landing / LABELS, "".join(_to_line(label) for label in labels))
    for path, text in pending:
        _write(path, text)
    target = landing / LOADS
    if not target.exists() or target.stat().st_size != loads.stat().st_size:
        target.parent.mkdir(parents=True, exist_ok=True)
        hidden = target.with_name(f".{target.name}")
        shutil.copyfile(loads, hidden)
        hidden.replace(target)
    return new, len(present) + new


def _read_labels(path: Path) -> Iterator[Label]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield Label(**json.loads(line))


def _to_line(label: Label) -> str:
    return json.dumps({"file": label.file, "line": label.line, "reason": label.reason}) + "\n"


def _write_new(path: Path, text: str) -> None:
    """Write a file unless it holds this text already."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, text)


def _write(path: Path, text: str) -> None:
    """Write under a name that Spark's file sources pass over, then rename."""
    hidden = path.with_name(f".{path.name}")
    hidden.write_text(text, encoding="utf-8")
    hidden.replace(path)
