"""Entry point `medallion-silver`: readings that pass every rule, and the quarantine of the others."""

from __future__ import annotations

import sys
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from lakeplane_workloads.medallion import bronze
from lakeplane_workloads.medallion.arguments import parse_step
from lakeplane_workloads.medallion.readings import checked, readings
from lakeplane_workloads.medallion.streams import Batch, forget, forget_others, run_available
from lakeplane_workloads.session import active_session, use_catalog
from lakeplane_workloads.tables import append_once, made_from, replace_table, time_span, upsert

__all__ = ["LOAD", "LOAD_PROFILE", "QUARANTINE", "main", "refine"]

LOAD_PROFILE = "silver.load_profile"
QUARANTINE = "silver.load_profile_quarantine"
LOAD = "silver.load"

KEY = ("profile", "quantity", "ts_utc")
# A year of readings is some 40 MB: a few files that gold can skip by time, and work for a few cores.
PARTITIONS = 4
PROPERTIES = {
    "delta.enableChangeDataFeed": "true",
    # Every file holds all profiles: only the times tell which files to skip.
    "delta.dataSkippingStatsColumns": "ts_utc",
}


def main(argv: list[str] | None = None) -> None:
    """Check the raw lines that are new in bronze and add their readings to silver."""
    given = parse_step("medallion-silver", main.__doc__ or "", argv)
    spark = active_session()
    use_catalog(spark, given.catalog)
    refine(spark, Path(given.checkpoints), full_refresh=given.full_refresh)
    sys.stdout.write(f"{LOAD_PROFILE}, {QUARANTINE}, {LOAD}: up to date\n")


def refine(spark: SparkSession, checkpoints: Path, *, full_refresh: bool = False) -> None:
    """Bring silver up to bronze.

    The stream's progress belongs to one generation of bronze: after bronze was replaced, silver is made
    anew without being asked.

    Args:
        spark: The session.
        checkpoints: Directory of the streams' progress.
        full_refresh: Make silver anew from all of bronze.
    """
    generation = made_from(spark, bronze.LOAD_PROFILE)
    if generation is None:
        raise LookupError(f"{bronze.LOAD_PROFILE} is not there yet: run medallion-bronze first")
    checkpoint = checkpoints / LOAD_PROFILE / generation
    if full_refresh:
        forget(checkpoint)
    # A commit of bronze holds whole files. No limit on a batch's size keeps it so here.
    lines = spark.readStream.option("maxFilesPerTrigger", 1_000_000).table(bronze.LOAD_PROFILE)
    run_available(lines, checkpoint, _apply)
    forget_others(checkpoint)
    _refine_loads(spark, full_refresh)


def _apply(lines: DataFrame, batch: Batch) -> None:
    """Write one micro-batch of raw lines."""
    spark = lines.sparkSession
    first_deliveries = (
        spark.table(bronze.LOAD_PROFILE)
        .groupBy("file_sha256")
        .agg(sf.min("source_file").alias("first_source_file"))
    )
    headers = [row["header"] for row in lines.select("header").distinct().orderBy("header").collect()]
    judged = {
        header: checked(
            lines if len(headers) == 1 else lines.where(sf.col("header") == header),
            first_deliveries,
            columns=header.count(";") + 1,
            partitions=PARTITIONS,
        )
        for header in headers
    }
    _write_readings(spark, judged, batch)
    _write_quarantine(spark, judged, batch)


def _write_readings(spark: SparkSession, judged: dict[str, DataFrame], batch: Batch) -> None:
    """Write the good lines, one kind of header after the other.

    The first batch of a stream replaces the table: its keys are unique in themselves, and there is nothing to
    merge with. Every later write is a merge, which a batch that comes again finds already done.
    """
    replace = batch.is_first and made_from(spark, LOAD_PROFILE) != batch.stream
    for header, lines in judged.items():
        good = lines.where(sf.size("reasons") == 0)
        if replace:
            replace_table(readings(good, header), LOAD_PROFILE, batch.stream, PROPERTIES)
            replace = False
        elif not batch.is_first or len(judged) > 1:
            span = time_span(good, "ts_utc")
            if span is None:  # every line broke a rule: the quarantine has them all
                continue
            upsert(
                readings(good, header),
                LOAD_PROFILE,
                KEY,
                change="s.source_file > t.source_file",
                within=f"t.ts_utc BETWEEN {span.first} AND {span.last}",
            )


def _write_quarantine(spark: SparkSession, judged: dict[str, DataFrame], batch: Batch) -> None:
    """Write the lines that broke a rule, each with all its reasons."""
    bad: DataFrame | None = None
    for lines in judged.values():
        part = lines.where(sf.size("reasons") > 0).select(
            "source_file", "source_line", "reasons", sf.col("line").alias("raw"), "file_sha256", "ingest_id"
        )
        bad = part if bad is None else bad.unionByName(part)
    if bad is None:
        return
    if not batch.is_first:
        append_once(bad.coalesce(1), QUARANTINE, batch.stream, batch.number)
    elif made_from(spark, QUARANTINE) != batch.stream:
        replace_table(bad, QUARANTINE, batch.stream)


def _refine_loads(spark: SparkSession, full_refresh: bool) -> None:
    """Type the grid model's loads, unless silver has this very file already."""
    source = made_from(spark, bronze.LOAD)
    if source is None or (made_from(spark, LOAD) == source and not full_refresh):
        return
    part = sf.split("line", ";", -1)
    loads = spark.table(bronze.LOAD).select(
        part[0].alias("load_id"),
        part[1].alias("node"),
        part[2].alias("profile"),
        part[3].cast("double").alias("p_mw"),
        part[4].cast("double").alias("q_mvar"),
        part[6].alias("subnet"),
        part[7].cast("int").alias("voltage_level"),
    )
    replace_table(loads, LOAD, source)
