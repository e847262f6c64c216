"""Clusters and machines whose clock shows another zone than UTC: the tables say the same."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakeplane_workloads.medallion import land
from lakeplane_workloads.tables import content_hash

from .conftest import Lake

pytestmark = pytest.mark.spark

SESSION_ZONE = "spark.sql.session.timeZone"


@pytest.fixture
def foreign_zones(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The session in Berlin, the Python process in New York."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        spark.conf.set(SESSION_ZONE, "Europe/Berlin")
        yield
        spark.conf.set(SESSION_ZONE, "UTC")
    time.tzset()


@pytest.mark.usefixtures("foreign_zones")
def test_tables_do_not_depend_on_a_zone(finished: tuple[Lake, dict[str, str]], tmp_path: Path) -> None:
    """Both clock changes, the later one in a batch of its own; then corrections, which merge into hours."""
    (undisturbed, contents), lake = finished, Lake(finished[0].spark, tmp_path)
    shutil.copytree(undisturbed.landing, lake.landing)
    landed = lake.landing / land.PROFILES
    held = [path.rename(tmp_path / path.name) for path in landed.glob("*2016-10-*")]
    lake.attach().run_tasks()
    for path in held:
        path.rename(landed / path.name)
    lake.spark.conf.set(SESSION_ZONE, "Europe/Berlin")  # another job's task may have set it meanwhile
    lake.run_tasks()
    assert lake.contents() == contents

    # The last quarters of a day, with the values they have already: nothing but their file changes.
    first = landed / "load_profile_2016-10-31_01.csv"
    header, *lines = first.read_text().splitlines()
    correction = first.with_name("load_profile_2016-10-31_09.csv")
    correction.write_text("\n".join([header, *lines[-4:]]) + "\n")
    values = {
        "silver.load_profile": ("profile", "quantity", "ts_utc", "value"),
        "gold.load_profile_hourly": ("profile", "quantity", "hour_utc", "mean_value", "quarters"),
    }
    before = {name: content_hash(lake.spark.table(name), columns) for name, columns in values.items()}
    lake.spark.conf.set(SESSION_ZONE, "Europe/Berlin")
    lake.run_tasks()
    assert {name: content_hash(lake.spark.table(name), columns) for name, columns in values.items()} == before
    corrected = lake.spark.table("silver.load_profile").where(f"source_file = '{correction.name}'")
    assert corrected.count() == 192 * 4


def test_content_hash_does_not_depend_on_the_sessions_zone(spark: SparkSession) -> None:
    frame = spark.sql("SELECT timestamp_micros(id * 900000000) AS ts_utc FROM range(4)")
    before = content_hash(frame, ["ts_utc"])
    spark.conf.set(SESSION_ZONE, "America/New_York")
    try:
        assert content_hash(frame, ["ts_utc"]) == before
    finally:
        spark.conf.set(SESSION_ZONE, "UTC")
