"""Entry point `medallion-gold`: hourly profiles, groups of loads, and the count of bad rows."""

from __future__ import annotations

import sys
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as sf

from lakeplane_workloads.medallion import bronze, silver
from lakeplane_workloads.medallion.arguments import parse_step
from lakeplane_workloads.medallion.streams import Batch, forget, forget_others, run_available
from lakeplane_workloads.session import active_session, use_catalog
from lakeplane_workloads.tables import made_from, replace_table, table_version, time_span, upsert

__all__ = ["DATA_QUALITY", "HOURLY", "LOAD_GROUP", "hourly", "main", "summarise"]

HOURLY = "gold.load_profile_hourly"
LOAD_GROUP = "gold.load_group"
DATA_QUALITY = "gold.data_quality"

KEY = ("profile", "quantity", "hour_utc")
MEASURES = ("mean_value", "min_value", "max_value", "quarters")
MICROSECONDS_OF_QUARTER = 15 * 60 * 1_000_000
# Every file holds all profiles: only the times tell which files to skip.
PROPERTIES = {"delta.dataSkippingStatsColumns": "hour_utc"}


def main(argv: list[str] | None = None) -> None:
    """Sum up what is new in silver."""
    given = parse_step("medallion-gold", main.__doc__ or "", argv)
    spark = active_session()
    use_catalog(spark, given.catalog)
    summarise(spark, Path(given.checkpoints), full_refresh=given.full_refresh)
    sys.stdout.write(f"{HOURLY}, {LOAD_GROUP}, {DATA_QUALITY}: up to date\n")


def summarise(spark: SparkSession, checkpoints: Path, *, full_refresh: bool = False) -> None:
    """Bring gold up to silver; hours that silver has not touched stay as they are.

    Args:
        spark: The session.
        checkpoints: Directory of the streams' progress.
        full_refresh: Make gold anew from all of silver.
    """
    generation = made_from(spark, silver.LOAD_PROFILE)
    if generation is None:
        raise LookupError(f"{silver.LOAD_PROFILE} is not there yet: run medallion-silver first")
    checkpoint = checkpoints / HOURLY / generation
    if full_refresh:
        forget(checkpoint)
    changes = (
        spark.readStream.option("readChangeFeed", "true")
        .option("maxFilesPerTrigger", 1_000_000)
        .table(silver.LOAD_PROFILE)
    )
    run_available(changes, checkpoint, _apply)
    forget_others(checkpoint)
    _group_loads(spark, full_refresh)
    _compare_quality(spark, full_refresh)


def hourly(readings: DataFrame) -> DataFrame:
    """Sum up readings of 15 minutes by the hour.

    Each quarter has its place in the sum, so the mean is the same to the last bit in whatever order the
    readings come.
    """
    # Times are counted in whole quarters since 1970: calendar functions would cost more than all the rest.
    quarter = sf.expr(f"unix_micros(ts_utc) DIV {MICROSECONDS_OF_QUARTER}")
    in_quarter = [
        sf.max(sf.when(sf.pmod("quarter", sf.lit(4)) == place, sf.col("value"))) for place in range(4)
    ]
    quarters = [sf.col(f"q{place}") for place in range(4)]
    count = _sum([column.isNotNull().cast("int") for column in quarters])
    total = _sum([sf.coalesce(column, sf.lit(0.0)) for column in quarters])
    return (
        readings.withColumn("quarter", quarter)
        .groupBy("profile", "quantity", sf.expr("quarter DIV 4").alias("hour"))
        .agg(*(column.alias(f"q{place}") for place, column in enumerate(in_quarter)))
        .select(
            "profile",
            "quantity",
            sf.expr(f"timestamp_micros(hour * 4 * {MICROSECONDS_OF_QUARTER})").alias("hour_utc"),
            (total / count).alias("mean_value"),
            sf.least(*quarters).alias("min_value"),
            sf.greatest(*quarters).alias("max_value"),
            count.alias("quarters"),
        )
    )


def _sum(columns: list[Column]) -> Column:
    total = columns[0]
    for column in columns[1:]:
        total = total + column
    return total


def _apply(changes: DataFrame, batch: Batch) -> None:
    """Write the hours that one micro-batch of changes touches."""
    spark = changes.sparkSession
    if batch.is_first:
        if made_from(spark, HOURLY) != batch.stream:
            replace_table(hourly(spark.table(silver.LOAD_PROFILE)), HOURLY, batch.stream, PROPERTIES)
        return
    hours = changes.select(sf.date_trunc("hour", "ts_utc").alias("hour_utc")).distinct()
    span = time_span(hours, "hour_utc")
    if span is None:
        return
    touched = (
        spark.table(silver.LOAD_PROFILE)
        .where(f"ts_utc BETWEEN {span.first} AND {span.last} + INTERVAL 1 HOUR")
        .join(sf.broadcast(hours), sf.date_trunc("hour", "ts_utc") == sf.col("hour_utc"), "left_semi")
    )
    upsert(
        hourly(touched),
        HOURLY,
        KEY,
        change=" OR ".join(f"s.{measure} IS DISTINCT FROM t.{measure}" for measure in MEASURES).join("()"),
        within=f"t.hour_utc BETWEEN {span.first} AND {span.last}",
    )


def _group_loads(spark: SparkSession, full_refresh: bool) -> None:
    """Count the loads that share a profile and a scale: one forecast serves them all."""
    source = made_from(spark, silver.LOAD)
    if source is None or (made_from(spark, LOAD_GROUP) == source and not full_refresh):
        return
    groups = (
        spark.table(silver.LOAD)
        .groupBy("profile", "p_mw", "q_mvar")
        .agg(sf.count(sf.lit(1)).cast("int").alias("load_count"))
        .orderBy("profile", "p_mw", "q_mvar")
    )
    replace_table(groups, LOAD_GROUP, source)


def _compare_quality(spark: SparkSession, full_refresh: bool) -> None:
    """Count bad rows by reason: those that the gateway put in, and those that silver found."""
    versions = [table_version(spark, name) for name in (bronze.INJECTED, silver.QUARANTINE)]
    source = "/".join(str(version) for version in versions)
    if made_from(spark, DATA_QUALITY) == source and not full_refresh:
        return
    injected = spark.table(bronze.INJECTED).groupBy("reason").agg(sf.count(sf.lit(1)).alias("injected"))
    found = (
        spark.table(silver.QUARANTINE)
        .select(sf.explode("reasons").alias("reason"))
        .groupBy("reason")
        .agg(sf.count(sf.lit(1)).alias("quarantined"))
    )
    compared = (
        injected.join(found, "reason", "full_outer")
        .select(
            "reason",
            sf.coalesce("injected", sf.lit(0)).alias("injected"),
            sf.coalesce("quarantined", sf.lit(0)).alias("quarantined"),
        )
        .orderBy("reason")
    )
    replace_table(compared, DATA_QUALITY, source)
