"""From raw lines to checked readings in UTC; all of it Spark SQL expressions, none of it state.

The session's time zone must be UTC (`session.active_session` sets it): a local stamp is parsed as if it were
UTC, then moved by its true offset.

Stamps are local civil time without a zone. Where the clock goes back, an hour's stamps come twice, and only
their order in the file tells the first pass from the second: a stamp belongs to the second pass if an equal
or a later stamp of that hour has come before it in the file.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.window import Window

from lakeplane_workloads.medallion.rules import LINE_RULES, REPEATED_FILE, REPEATED_ROW, broken_rules

__all__ = ["ZONE", "checked", "readings"]

ZONE = "Europe/Berlin"
STAMP_FORMAT = "dd.MM.yyyy HH:mm"
FILE_DAY = r"^load_profile_(\d{4}-\d{2}-\d{2})_\d{2}\.csv$"
CLOCK_CHANGE = "INTERVAL 1 HOUR"
QUANTITIES = {"pload": "p", "qload": "q"}


def checked(lines: DataFrame, first_deliveries: DataFrame, columns: int, partitions: int) -> DataFrame:
    """Judge raw lines: adds `reasons` (empty if the line is good), `ts_utc` and `values`.

    A day's lines are brought into one partition first, so that all that follows (order of appearance,
    repeated rows, later deliveries) needs no further exchange.

    Args:
        lines: Rows of bronze that share one header; whole files.
        first_deliveries: `file_sha256` and `first_source_file`, the first file that had this content.
        columns: How many columns the header has.
        partitions: Into how many ranges of days to cut the work.
    """
    day = sf.try_to_date(sf.regexp_extract("source_file", FILE_DAY, 1))
    ranged = lines.withColumn("file_day", day).repartitionByRange(partitions, "file_day")
    parsed = (
        ranged.join(sf.broadcast(first_deliveries), "file_sha256")
        .withColumn("parts", sf.split("line", ";", -1))
        .withColumn("columns", sf.lit(columns))
        .withColumn("zone", sf.lit(ZONE))
        .withColumn("values", sf.expr("try_cast(slice(parts, 2, columns) AS ARRAY<DOUBLE>)"))
        .withColumn("local_time", sf.try_to_timestamp(sf.col("parts")[0], sf.lit(STAMP_FORMAT)))
        .withColumn("first_utc", sf.expr("to_utc_timestamp(local_time, zone)"))
        # A file that was delivered before is set aside as a whole; its lines are not judged again.
        .withColumn(
            "reasons",
            sf.when(sf.expr(REPEATED_FILE.broken), sf.array(sf.lit(REPEATED_FILE.reason))).otherwise(
                broken_rules(LINE_RULES)
            ),
        )
        .drop("parts")
    )
    good = sf.size("reasons") == 0
    timed = parsed.withColumn("ts_utc", sf.when(good, _by_order_of_appearance(good)))
    in_file = Window.partitionBy("file_day", "source_file", "ts_utc").orderBy("source_line")
    return timed.withColumn(
        "appearance", sf.when(good, sf.row_number().over(in_file)).otherwise(1)
    ).withColumn("reasons", sf.when(good, broken_rules([REPEATED_ROW])).otherwise(sf.col("reasons")))


def readings(good: DataFrame, header: str) -> DataFrame:
    """Turn good lines into one row a profile and quantity.

    Of two deliveries of the same quarter-hour the later one counts: a correction.

    Args:
        good: Lines of `checked` without reasons.
        header: The header that they share, `time;<profile>_pload;<profile>_qload;…`.
    """
    names = [name.rpartition("_") for name in header.split(";")[1:]]
    profiles = sf.array(*(sf.lit(profile) for profile, _, _ in names))
    quantities = sf.array(*(sf.lit(QUANTITIES.get(quantity, quantity)) for _, _, quantity in names))
    later = Window.partitionBy("file_day", "ts_utc").orderBy(sf.desc("source_file"))
    return (
        good.withColumn("delivery", sf.row_number().over(later))
        .where("delivery = 1")
        .select("ts_utc", "source_file", "source_line", sf.posexplode("values").alias("at", "value"))
        .select(
            profiles[sf.col("at")].alias("profile"),
            quantities[sf.col("at")].alias("quantity"),
            "ts_utc",
            "value",
            "source_file",
            "source_line",
        )
    )


def _by_order_of_appearance(good: Column) -> Column:
    """Return the UTC time of a good line, with the second pass of a repeated hour told from the first."""
    second_utc = sf.expr(f"first_utc + {CLOCK_CHANGE}")
    twice = sf.from_utc_timestamp(second_utc, ZONE) == sf.col("local_time")
    before = (
        Window.partitionBy("file_day", "source_file")
        .orderBy("source_line")
        .rowsBetween(Window.unboundedPreceding, -1)
    )
    latest_before = sf.max(sf.when(good & twice, sf.col("local_time"))).over(before)
    return sf.when(twice & (latest_before >= sf.col("local_time")), second_utc).otherwise(sf.col("first_utc"))
