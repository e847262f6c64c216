"""What the layers hold after one run: time, uniqueness, quarantine, sums."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from pyspark.sql import functions as sf

from lakeplane_workloads.medallion import land
from lakeplane_workloads.medallion.simbench_data import find_scenario

from .conftest import Lake

pytestmark = pytest.mark.spark

Finished = tuple[Lake, dict[str, str]]
QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True, scope="module")
def _attached(finished: Finished) -> None:
    """Other modules of tests may have turned the session to another lake."""
    finished[0].attach()


def _stamps(lake: Lake, local_day: str) -> list[datetime]:
    rows = (
        lake.spark.table("silver.load_profile")
        .where(sf.to_date(sf.from_utc_timestamp("ts_utc", "Europe/Berlin")) == local_day)
        .select(sf.unix_seconds("ts_utc").alias("seconds"))
        .distinct()
        .orderBy("seconds")
        .collect()
    )
    return [datetime.fromtimestamp(row["seconds"], UTC) for row in rows]


@pytest.mark.parametrize(("day", "quarters"), [("2016-03-27", 92), ("2016-10-30", 100), ("2016-10-31", 96)])
def test_silver_has_every_quarter_hour_of_a_local_day_once(
    finished: Finished, day: str, quarters: int
) -> None:
    stamps = _stamps(finished[0], day)
    assert len(stamps) == quarters
    assert {later - earlier for earlier, later in pairwise(stamps)} == {QUARTER}


def test_silver_keeps_both_passes_of_the_repeated_hour_in_order(finished: Finished) -> None:
    source = (find_scenario() / "LoadProfile.csv").read_text().splitlines()
    column = source[0].split(";").index("BL-H_qload")
    passes = [line.split(";")[column] for line in source if line.startswith("30.10.2016 02:")]
    assert passes[:4] != passes[4:]
    rows = (
        finished[0]
        .spark.table("silver.load_profile")
        .where("profile = 'BL-H' AND quantity = 'q'")
        .where("ts_utc >= '2016-10-30 00:00' AND ts_utc < '2016-10-30 02:00'")
        .orderBy("ts_utc")
        .collect()
    )
    assert [row["value"] for row in rows] == [float(value) for value in passes]


def test_naive_deduplication_by_local_stamp_would_destroy_an_hour(finished: Finished) -> None:
    table = finished[0].spark.table("silver.load_profile")
    kept = table.withColumn("local", sf.from_utc_timestamp("ts_utc", "Europe/Berlin")).dropDuplicates(
        ["profile", "quantity", "local"]
    )
    assert table.count() - kept.count() == 192 * 4


def test_silver_is_unique_and_complete(finished: Finished) -> None:
    table = finished[0].spark.table("silver.load_profile")
    quarters = 92 + 100 + 4 * 96
    assert table.count() == 192 * quarters
    assert table.select("profile", "quantity", "ts_utc").distinct().count() == 192 * quarters
    assert {row["quantity"]: row["count"] for row in table.groupBy("quantity").count().collect()} == {
        "p": 96 * quarters,
        "q": 96 * quarters,
    }


def test_bronze_is_conserved_in_silver_and_quarantine(finished: Finished) -> None:
    spark = finished[0].spark
    lines = spark.table("bronze.load_profile").count()
    good = spark.table("silver.load_profile").select("source_file", "source_line").distinct().count()
    assert lines == good + spark.table("silver.load_profile_quarantine").count()


def test_quarantine_is_what_was_injected_line_by_line(finished: Finished) -> None:
    lake = finished[0]
    text = (lake.landing / land.LABELS).read_text()
    labels = {(row["file"], row["line"], row["reason"]) for row in map(json.loads, text.splitlines())}
    rows = lake.spark.table("silver.load_profile_quarantine").collect()
    assert {(row["source_file"], row["source_line"], *row["reasons"]) for row in rows} == labels
    quality = {row["reason"]: row for row in lake.spark.table("gold.data_quality").collect()}
    counts = Counter(reason for _, _, reason in labels)
    assert len(counts) == 5
    assert {reason: (row["injected"], row["quarantined"]) for reason, row in quality.items()} == {
        reason: (count, count) for reason, count in counts.items()
    }


def test_gold_sums_up_whole_hours(finished: Finished) -> None:
    table = finished[0].spark.table("gold.load_profile_hourly")
    assert table.count() == 192 * (92 + 100 + 4 * 96) // 4
    assert table.where("quarters != 4").count() == 0
    source = (find_scenario() / "LoadProfile.csv").read_text().splitlines()
    column = source[0].split(";").index("G0-A_pload")
    values = [float(line.split(";")[column]) for line in source if line.startswith("30.10.2016 02:")][4:]
    row = table.where("profile = 'G0-A' AND quantity = 'p' AND hour_utc = '2016-10-30 01:00'").collect()[0]
    assert row["mean_value"] == pytest.approx(sum(values) / 4, rel=1e-15)
    assert (row["min_value"], row["max_value"]) == (min(values), max(values))


def test_gold_groups_stand_for_every_load(finished: Finished) -> None:
    groups = finished[0].spark.table("gold.load_group")
    total = groups.agg(sf.sum("load_count"), sf.count("*")).collect()[0]
    assert tuple(total) == (36_063, 503)
