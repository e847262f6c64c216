"""Entry point `medallion-bronze`: every raw line once, with its lineage."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from lakeplane_workloads.medallion.arguments import parse_step
from lakeplane_workloads.medallion.land import LABELS, LOADS, PROFILES
from lakeplane_workloads.medallion.streams import Batch, forget, run_available
from lakeplane_workloads.session import active_session, use_catalog
from lakeplane_workloads.tables import append_once, made_from, replace_table

__all__ = ["LOAD_PROFILE", "ingest", "main", "raw_lines"]

LOAD_PROFILE = "bronze.load_profile"
LOAD = "bronze.load"
INJECTED = "bronze.injected"

FILE_SCHEMA = "path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY"
LABEL_SCHEMA = "file STRING, line INT, reason STRING"
# The raw text serves no search: statistics of a few lineage columns are enough.
PROPERTIES = {"delta.dataSkippingStatsColumns": "source_file,source_line,ingest_id"}


def main(argv: list[str] | None = None) -> None:
    """Take over the raw lines of all files that have landed since the last run."""
    given = parse_step("medallion-bronze", main.__doc__ or "", argv)
    spark = active_session()
    use_catalog(spark, given.catalog)
    ingest(spark, Path(given.landing), Path(given.checkpoints), full_refresh=given.full_refresh)
    sys.stdout.write(f"{LOAD_PROFILE}, {LOAD}, {INJECTED}: up to date\n")


def ingest(spark: SparkSession, landing: Path, checkpoints: Path, *, full_refresh: bool = False) -> None:
    """Bring bronze up to what lies in the landing volume.

    Args:
        spark: The session.
        landing: Directory of the deliveries.
        checkpoints: Directory of the streams' progress.
        full_refresh: Read every file again and replace the tables.
    """
    checkpoint = checkpoints / LOAD_PROFILE
    if full_refresh:
        forget(checkpoint)
    files = (
        spark.readStream.format("binaryFile")
        .schema(FILE_SCHEMA)
        .option("pathGlobFilter", "load_profile_*.csv")
        .load(str(landing / PROFILES))
    )
    run_available(files, checkpoint, _apply)
    _take_snapshot(spark, landing / LOADS, LOAD, raw_lines, full_refresh)
    _take_snapshot(spark, landing / LABELS, INJECTED, _labels, full_refresh)


def raw_lines(files: DataFrame) -> DataFrame:
    """Turn files into their lines below the header, each with where it came from.

    A file is read as a whole, so its checksum, its header and the numbers of its lines (the header is
    line 1) belong to the same bytes.
    """
    lines = sf.split(sf.make_valid_utf8(sf.col("content").cast("string")), "\r?\n")
    return (
        files.select(
            sf.regexp_extract("path", "[^/]+$", 0).alias("source_file"),
            lines.alias("lines"),
            sf.sha2("content", 256).alias("file_sha256"),
            sf.col("modificationTime").alias("file_modified_at"),
        )
        .select("*", sf.posexplode("lines").alias("at", "line"))
        .where("at > 0 AND line != ''")
        .select(
            "source_file",
            (sf.col("at") + 1).alias("source_line"),
            "line",
            sf.col("lines")[0].alias("header"),
            "file_sha256",
            "file_modified_at",
        )
    )


def _apply(files: DataFrame, batch: Batch) -> None:
    """Write one micro-batch of files."""
    rows = raw_lines(files).select(
        "*",
        sf.lit(f"{batch.stream}/{batch.number}").alias("ingest_id"),
        sf.current_timestamp().alias("ingested_at"),
    )
    if not batch.is_first:
        append_once(rows, LOAD_PROFILE, batch.stream, batch.number)
    elif made_from(files.sparkSession, LOAD_PROFILE) != batch.stream:
        replace_table(rows, LOAD_PROFILE, batch.stream, PROPERTIES)


def _labels(files: DataFrame) -> DataFrame:
    text = sf.split(sf.col("content").cast("string"), "\n")
    return (
        files.select(sf.explode(text).alias("line"), sf.sha2("content", 256).alias("file_sha256"))
        .where("line != ''")
        .select(sf.from_json("line", LABEL_SCHEMA).alias("label"), "file_sha256")
        .select("label.*", "file_sha256")
    )


def _take_snapshot(
    spark: SparkSession, path: Path, table: str, rows: Callable[[DataFrame], DataFrame], full_refresh: bool
) -> None:
    """Replace a table by a file's rows, unless it holds that very file already."""
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    if full_refresh or made_from(spark, table) != checksum:
        replace_table(rows(spark.read.format("binaryFile").load(str(path))), table, checksum)
