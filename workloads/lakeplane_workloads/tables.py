"""Delta tables as the workloads use them: named, replaced at once, merged, compared.

A table that is replaced as a whole remembers what it was made from, in the same commit as its rows
(table property `lakeplane.made_from`). Whoever makes it again first asks `made_from` and leaves it alone if
nothing changed; whoever builds on it notices that it was replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import TimestampType

__all__ = [
    "TimeSpan",
    "append_once",
    "content_hash",
    "made_from",
    "replace_table",
    "table_exists",
    "table_id",
    "table_version",
    "time_span",
    "upsert",
]

MADE_FROM = "lakeplane.made_from"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """The first and the last time of a column, as SQL literals that mean the same in every time zone."""

    first: str
    last: str


def table_exists(spark: SparkSession, name: str) -> bool:
    """Tell whether the catalog holds `schema.table`."""
    return bool(spark.catalog.tableExists(name))


def table_version(spark: SparkSession, name: str) -> int:
    """Return the number of a Delta table's latest commit."""
    latest = spark.sql(f"DESCRIBE HISTORY {name} LIMIT 1").select("version").first()
    if latest is None:
        raise LookupError(f"{name} has no commit")
    return int(latest["version"])


def table_id(spark: SparkSession, name: str) -> str:
    """Return the id of a Delta table, which a table that is dropped and made again does not keep."""
    detail = spark.sql(f"DESCRIBE DETAIL {name}").select("id").first()
    if detail is None:
        raise LookupError(f"{name} has no details")
    return str(detail["id"])


def made_from(spark: SparkSession, name: str) -> str | None:
    """Return what the table was last replaced from, or None if it is not there."""
    if not table_exists(spark, name):
        return None
    rows = spark.sql(f"SHOW TBLPROPERTIES {name}").where(sf.col("key") == MADE_FROM).collect()
    return str(rows[0]["value"]) if rows else None


def replace_table(
    frame: DataFrame, name: str, source: str, properties: Mapping[str, str] | None = None
) -> None:
    """Put `frame` in place of all rows of a table, in one commit that also names its source.

    Args:
        frame: The new rows; their columns become the table's.
        name: `schema.table`, made if it is not there.
        source: What `made_from` will answer.
        properties: Table properties. Left out, Delta's defaults hold.
    """
    writer = frame.writeTo(name).using("delta").tableProperty(MADE_FROM, source)
    for key, value in (properties or {}).items():
        writer = writer.tableProperty(key, value)
    writer.createOrReplace()


def append_once(frame: DataFrame, name: str, stream: str, batch: int) -> None:
    """Append a micro-batch; a batch of the same stream that was appended before is left out by Delta."""
    (
        frame.write.format("delta")
        .mode("append")
        .option("txnAppId", stream)
        .option("txnVersion", batch)
        .saveAsTable(name)
    )


def upsert(frame: DataFrame, name: str, keys: Sequence[str], *, change: str, within: str = "true") -> None:
    """Merge rows into a table: new keys are inserted, known ones updated where they differ.

    Args:
        frame: The rows, at most one a key; their columns are the table's.
        name: The table.
        keys: Columns that name a row.
        change: Condition on `t` (table) and `s` (source) under which a known row is updated; where it is
            false the row's file is not rewritten.
        within: Condition on `t` that all affected rows fulfil, for skipping files. Left out, none is skipped.
    """
    spark = frame.sparkSession
    view = f"upsert_into_{name.replace('.', '_')}"
    frame.createOrReplaceTempView(view)
    matches = " AND ".join(f"t.`{key}` = s.`{key}`" for key in keys)
    try:
        spark.sql(
            f"MERGE INTO {name} t USING {view} s ON {matches} AND {within} "
            f"WHEN MATCHED AND {change} THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
        )
    finally:
        spark.catalog.dropTempView(view)


def time_span(frame: DataFrame, column: str) -> TimeSpan | None:
    """Return the span of a column of timestamps, or None if it holds none.

    The times travel as whole microseconds: as Python's datetimes they would be in the process's own zone.
    """
    micros = sf.unix_micros(column)
    first, last = frame.agg(sf.min(micros), sf.max(micros)).collect()[0]
    return None if first is None else TimeSpan(_literal(first), _literal(last))


def _literal(micros: int) -> str:
    # A literal, not a function of the number: Delta skips files by literals only.
    return f"TIMESTAMP'{(_EPOCH + timedelta(microseconds=micros)).isoformat(sep=' ')}'"


def content_hash(frame: DataFrame, columns: Sequence[str]) -> str:
    """Return a hash of a frame's rows that depends on no order, file, commit or time zone.

    Args:
        frame: The rows.
        columns: The columns that count; lineage such as times of ingestion belongs elsewhere.
    """
    times = {field.name for field in frame.schema if isinstance(field.dataType, TimestampType)}
    # As text, a timestamp would depend on the session's time zone.
    values = (sf.unix_micros(column) if column in times else sf.col(column) for column in columns)
    row = sf.xxhash64(*(sf.coalesce(value.cast("string"), sf.lit("\0")) for value in values))
    sums = frame.agg(
        sf.count(sf.lit(1)).alias("rows"),
        sf.coalesce(sf.bit_xor(row), sf.lit(0)).alias("xor"),
        sf.coalesce(sf.sum(row.cast("decimal(38,0)")), sf.lit(0)).alias("sum"),
    ).first()
    if sums is None:
        raise LookupError("an aggregate of all rows always has one row")
    mask = (1 << 64) - 1
    return f"{sums['rows']}-{sums['xor'] & mask:016x}-{int(sums['sum']) & mask:016x}"
