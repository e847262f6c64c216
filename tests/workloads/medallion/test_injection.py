"""The gateway's bad rows and deliveries, without Spark."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lakeplane_workloads.medallion import land
from lakeplane_workloads.medallion.injection import deliveries
from lakeplane_workloads.medallion.simbench_data import DayLines, find_scenario, read_days


@pytest.fixture(scope="module")
def year() -> list[DayLines]:
    return list(read_days(find_scenario() / "LoadProfile.csv"))


def test_read_days_splits_the_year_at_local_midnight(year: list[DayLines]) -> None:
    assert len(year) == 366
    assert sum(len(day.lines) for day in year) == 35_136
    lengths = {day.day: len(day.lines) for day in year if len(day.lines) != 96}
    assert lengths == {date(2016, 3, 27): 92, date(2016, 10, 30): 100}


def test_find_scenario_rejects_unknown() -> None:
    with pytest.raises(FileNotFoundError, match="SimBench scenario nowhere"):
        find_scenario("nowhere")


def test_deliveries_keep_every_real_line_in_order(year: list[DayLines]) -> None:
    for day in year:
        first = deliveries(day)[0]
        bad = {label.line for label in first.labels}
        lines = first.text.splitlines()
        kept = [line for at, line in enumerate(lines, start=1) if at > 1 and at not in bad]
        assert (lines[0], kept) == (day.header, list(day.lines))


def test_deliveries_are_the_same_every_time(year: list[DayLines]) -> None:
    assert [deliveries(day) for day in year[80:95]] == [deliveries(day) for day in year[80:95]]


def test_deliveries_repeat_a_whole_file_under_a_later_name(year: list[DayLines]) -> None:
    first, again = next(pair for day in year if len(pair := deliveries(day)) == 2)
    assert again.text == first.text
    assert again.name > first.name
    assert {label.reason for label in again.labels} == {"repeated_file"}
    assert len(again.labels) == len(again.text.splitlines()) - 1


def test_deliveries_hold_every_kind_of_bad_row(year: list[DayLines]) -> None:
    reasons = Counter(label.reason for day in year for file in deliveries(day) for label in file.labels)
    assert set(reasons) == {
        "broken_number", "repeated_file", "repeated_row", "wrong_columns", "wrong_date",
    }  # fmt: skip
    assert all(count >= 30 for count in reasons.values())


def test_deliveries_spoil_the_repeated_hour_itself(year: list[DayLines]) -> None:
    autumn = next(day for day in year if day.day == date(2016, 10, 30))
    first = deliveries(autumn)[0]
    lines = first.text.splitlines()
    spoilt = [lines[label.line - 1][11:13] for label in first.labels if label.reason == "broken_number"]
    assert spoilt
    assert set(spoilt) <= {"01", "02", "03"}


def test_land_writes_only_what_is_missing(year: list[DayLines], tmp_path: Path) -> None:
    loads = find_scenario() / "Load.csv"
    assert land.land(year[:3], loads, tmp_path) == (3, 3)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert land.land(year[:3], loads, tmp_path) == (0, 3)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before
    assert land.land(year[:7], loads, tmp_path) == (5, 8)  # the sixth of January is delivered twice


def test_land_finishes_what_a_killed_run_left(year: list[DayLines], tmp_path: Path) -> None:
    loads = find_scenario() / "Load.csv"
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    land.land(year[:8], loads, whole)
    land.land(year[:8], loads, broken)
    (broken / land.PROFILES / "load_profile_2016-01-06_02.csv").unlink()
    (broken / land.PROFILES / ".load_profile_2016-01-04_01.csv").write_text("half a file")
    (broken / land.LABELS).unlink()
    land.land(year[:8], loads, broken)
    assert (broken / land.LABELS).read_text() == (whole / land.LABELS).read_text()
    names = [{path.name for path in (lake / land.PROFILES).glob("*.csv")} for lake in (whole, broken)]
    assert names[0] == names[1] - {".load_profile_2016-01-04_01.csv"}


def test_land_drops_labels_of_files_that_never_came(year: list[DayLines], tmp_path: Path) -> None:
    loads = find_scenario() / "Load.csv"
    land.land(year[:8], loads, tmp_path)
    (tmp_path / land.PROFILES / "load_profile_2016-01-06_02.csv").unlink()
    land.land(year[:1], loads, tmp_path)
    files = {json.loads(line)["file"] for line in (tmp_path / land.LABELS).read_text().splitlines()}
    assert "load_profile_2016-01-06_02.csv" not in files


@pytest.mark.parametrize("days", ["some", "-1"])
def test_main_rejects_days(days: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        land.main(["--landing", str(tmp_path), f"--days={days}"])
    assert "is neither all nor a number" in capsys.readouterr().err
