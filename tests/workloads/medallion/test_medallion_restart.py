"""Runs that come again, are broken off or killed: the tables end up the same, each row once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession

from lakeplane_workloads.medallion import bronze, gold, land, silver

from .conftest import SLICES, Lake

pytestmark = pytest.mark.spark

Finished = tuple[Lake, dict[str, str]]

STEPS_IN_A_PROCESS = """
import sys
from pathlib import Path
from lakeplane.local.spark import create_session
from lakeplane_workloads.medallion import bronze, silver
root = Path(sys.argv[1])
schemas = {name: root / name for name in ("bronze", "silver", "gold")}
spark = create_session(root / "warehouse", schemas, catalog="local")
bronze.ingest(spark, root / "landing", root / "checkpoints")
silver.refine(spark, root / "checkpoints")
"""


class BrokenOffError(Exception):
    """Stands for the end of the process at this place."""


@pytest.fixture
def lake(spark: SparkSession, finished: Finished, tmp_path: Path) -> Lake:
    """An empty lake with the same deliveries."""
    fresh = Lake(spark, tmp_path)
    shutil.copytree(finished[0].landing, fresh.landing)
    return fresh


def test_second_run_commits_nothing_and_removes_what_a_killed_one_forgot(finished: Finished) -> None:
    lake = finished[0].attach()
    before = lake.versions()
    for first, last in SLICES:
        lake.land(first, last)
    for checkpoint in (
        lake.checkpoints / "bronze.load_profile",
        lake.checkpoints / "silver.load_profile" / "x",
    ):
        checkpoint.with_name(f"{checkpoint.name}.forgotten").joinpath("offsets").mkdir(parents=True)
    lake.run()
    assert lake.versions() == before
    assert list(lake.checkpoints.rglob("*.forgotten")) == []


def test_full_refresh_leaves_equal_tables(finished: Finished) -> None:
    lake, contents = finished
    lake.attach()
    lake.run(full_refresh=True)
    assert lake.contents() == contents


def test_day_by_day_equals_all_at_once_though_broken_off(
    finished: Finished, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first slice, then the second, with a break in every layer of both runs."""
    later = [path for path in (lake.landing / land.PROFILES).iterdir() if "2016-10" in path.name]
    held = lake.root / "held-back"
    held.mkdir()
    for path in later:
        path.rename(held / path.name)
    lake.attach()

    def break_off(module: object, name: str) -> None:
        """Let the step write all it can, and end before its stream notes the batch as done."""
        real = getattr(module, name)

        def spoilt(*args: object, **kwargs: object) -> None:
            real(*args, **kwargs)
            raise BrokenOffError

        with monkeypatch.context() as patch:
            patch.setattr(module, name, spoilt)
            with pytest.raises(StreamingQueryException, match="BrokenOffError"):
                lake.run()

    for _ in range(2):
        break_off(bronze, "_apply")
        break_off(silver, "_write_readings")
        break_off(gold, "_apply")
        lake.run()
        for path in held.iterdir():
            path.rename(lake.landing / land.PROFILES / path.name)
    assert lake.contents() == finished[1]


def test_silver_and_gold_follow_when_bronze_was_replaced(finished: Finished) -> None:
    """A full refresh that ended after bronze is finished by an ordinary run."""
    lake, contents = finished
    lake.attach()
    bronze.ingest(lake.spark, lake.landing, lake.checkpoints, full_refresh=True)
    lake.run()
    assert lake.contents() == contents


def test_correction_replaces_readings_and_their_hours(lake: Lake) -> None:
    for path in (lake.landing / land.PROFILES).glob("*2016-10*"):
        path.unlink()
    lake.attach()
    lake.run()
    count = lake.spark.table("silver.load_profile").count()
    first = lake.landing / land.PROFILES / "load_profile_2016-03-28_01.csv"
    lines = first.read_text().splitlines()
    column = lines[0].split(";").index("G0-A_pload")
    at = next(index for index, line in enumerate(lines) if line.startswith("28.03.2016 12:00"))
    values = lines[at].split(";")
    values[column] = "7.5"
    corrected = first.with_name("load_profile_2016-03-28_02.csv")
    corrected.write_text(f"{lines[0]}\n{';'.join(values)}\n")
    lake.run()
    silver_rows = lake.spark.table("silver.load_profile")
    assert silver_rows.count() == count
    where = "profile = 'G0-A' AND quantity = 'p' AND {} = '2016-03-28 10:00'"
    reading = silver_rows.where(where.format("ts_utc")).collect()[0]
    assert (reading["value"], reading["source_file"]) == (7.5, corrected.name)
    hour = lake.spark.table("gold.load_profile_hourly").where(where.format("hour_utc")).collect()[0]
    assert (hour["max_value"], hour["quarters"]) == (7.5, 4)


def _with_broken_numbers(text: str, header: str | None = None) -> str:
    """Return a file's text with no good number left in it, under its own header or another one."""
    first, *lines = text.splitlines()
    spoilt = [";".join([line.split(";")[0], *["n/a"] * line.count(";")]) for line in lines]
    return "\n".join([header or first, *spoilt]) + "\n"


def test_later_batches_without_a_good_line_reach_the_quarantine(lake: Lake) -> None:
    """A repeated and an unreadable file that arrive alone, then a good one beside a header of bad lines."""
    landed = lake.landing / land.PROFILES
    (held,) = landed.glob("load_profile_2016-10-31_*.csv")
    good = held.rename(lake.root / held.name)
    for path in landed.glob("load_profile_2016-*"):
        if path.name != "load_profile_2016-03-28_01.csv":
            path.unlink()
    lake.attach()
    lake.run()
    readings, quarantine = lake.spark.table("silver.load_profile"), "silver.load_profile_quarantine"
    count, before = readings.count(), lake.spark.table(quarantine).count()
    text = (landed / "load_profile_2016-03-28_01.csv").read_text()
    lines = len(text.splitlines()) - 1

    (landed / "load_profile_2016-03-28_02.csv").write_text(text)
    (landed / "load_profile_2016-03-29_01.csv").write_text(_with_broken_numbers(text))
    lake.run()
    assert readings.count() == count
    assert lake.spark.table(quarantine).count() == before + 2 * lines

    header = ";".join(["time", *sorted(text.splitlines()[0].split(";")[1:], reverse=True)])
    (landed / "load_profile_2016-03-30_01.csv").write_text(_with_broken_numbers(text, header))
    good.rename(landed / good.name)
    lake.run()
    assert readings.count() == count + 192 * 96
    rows = lake.spark.table(quarantine).where("source_file = 'load_profile_2016-03-30_01.csv'").collect()
    assert len(rows) == lines
    assert all("broken_number" in row["reasons"] for row in rows)
    versions = lake.versions()
    lake.run()
    assert lake.versions() == versions


def test_killed_process_is_finished_by_the_next_run(finished: Finished, lake: Lake) -> None:
    """SIGKILL as soon as silver's readings are committed, before the quarantine is."""
    log = lake.root / "silver" / "load_profile" / "_delta_log" / f"{0:020}.json"
    with (lake.root / "process.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", STEPS_IN_A_PROCESS, str(lake.root)],
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 180
            while not log.exists():
                assert process.poll() is None, (lake.root / "process.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert not list((lake.root / "silver").glob("load_profile_quarantine/_delta_log/*.json"))
    lake.attach()
    lake.run()
    assert lake.contents() == finished[1]
