"""The whole year: the numbers that this workload promises."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as sf

from lakeplane_workloads.medallion import land

from .conftest import Lake

pytestmark = [pytest.mark.spark, pytest.mark.slow]

COLUMNS = 192
QUARTERS = 35_136
HOURS = 8_784


def test_full_year_has_every_reading_once(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, tmp_path)
    lake.land("2016-01-01", "2016-12-31")
    lake.attach()
    lake.run()

    labels = [json.loads(line) for line in (lake.landing / land.LABELS).read_text().splitlines()]
    assert spark.table("bronze.load_profile").count() == QUARTERS + len(labels)

    time = sf.unix_seconds("ts_utc")
    series = (
        spark.table("silver.load_profile")
        .groupBy("profile", "quantity")
        .agg(sf.count("*"), sf.count_distinct("ts_utc"), (sf.max(time) - sf.min(time)) / 900 + 1)
        .collect()
    )
    assert len(series) == COLUMNS
    # As many as there are, all distinct, over a span that has room for no more: no duplicate and no gap.
    assert {tuple(row)[2:] for row in series} == {(QUARTERS, QUARTERS, float(QUARTERS))}

    hours = spark.table("gold.load_profile_hourly")
    assert hours.count() == COLUMNS * HOURS
    assert hours.where("quarters != 4").count() == 0

    quality = spark.table("gold.data_quality").collect()
    counts = Counter(label["reason"] for label in labels)
    assert {row["reason"]: (row["injected"], row["quarantined"]) for row in quality} == {
        reason: (count, count) for reason, count in counts.items()
    }

    before, contents = lake.versions(), lake.contents()
    lake.run()
    assert lake.versions() == before
    lake.run(full_refresh=True)
    assert lake.contents() == contents
