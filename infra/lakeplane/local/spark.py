"""A Spark session that behaves as a small cluster of the simulated workspace would."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from pyspark.sql import SparkSession

from lakeplane.local.class_archive import archive_options
from lakeplane.local.delta_jars import ensure_delta_jars
from lakeplane.local.java import ensure_java

__all__ = ["create_session", "register_tables"]

DRIVER_MEMORY = "3g"

# HotSpot's defaults for its second compiler, times ten: a session lives for a minute or two on few cores, and
# compiling what runs a thousand times takes longer there than running it. Measured on two cores: a first run
# of all workloads 143 s without, 134 s with; one with nothing to do 78 s and 67 s.
_COMPILE_LATER = (
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000",
    "-XX:Tier4BackEdgeThreshold=400000",
)

# Cheap defaults of a cluster are dear on two cores: each is here because it was measured.
TUNING: Mapping[str, str] = {
    # Delta rebuilds a table's state with this many tasks at each commit: 50 by default.
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.adaptive.enabled": "true",
    # Hundreds of small landing files make two partitions, not dozens of small output files.
    "spark.sql.files.openCostInBytes": "65536",
    "spark.sql.parquet.compression.codec": "zstd",
    # Between two micro-batches a stream of files need not wait, and an empty one need not run.
    "spark.sql.streaming.pollingDelay": "10ms",
    "spark.sql.streaming.noDataMicroBatches.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ui.retainedExecutions": "5",
    "spark.ui.retainedJobs": "20",
    "spark.ui.retainedStages": "20",
}


def create_session(
    warehouse: Path,
    schemas: Mapping[str, Path],
    *,
    catalog: str,
    conf: Mapping[str, str] | None = None,
    cores: int = 2,
    app_name: str = "lakeplane",
) -> SparkSession:
    """Start a quiet Spark session with Delta Lake whose schemas lie where Unity Catalog would put them.

    Spark keeps the catalog in memory, so tables of earlier sessions are found again by their transaction
    logs. All sockets are on the loopback interface, and session time is UTC as on a Databricks cluster.

    Args:
        warehouse: Directory of what belongs to no schema; made if it is not there.
        schemas: Name of each schema and the directory that holds its tables.
        catalog: Name under which workloads ask for these schemas (`lakeplane.local.catalog`).
        conf: Settings that win over the ones above. Left out, none do.
        cores: Tasks that run at a time.
        app_name: What the session calls itself.

    Raises:
        SetupError: Java or Delta's JARs are missing and cannot be brought.
    """
    os.environ["JAVA_HOME"] = str(ensure_java())
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    jars = ensure_delta_jars()
    warehouse.mkdir(parents=True, exist_ok=True)

    builder = SparkSession.builder.master(f"local[{cores}]").appName(app_name)
    for key, value in _settings(warehouse, jars, cores, conf or {}).items():
        builder = builder.config(key, value)
    session: SparkSession = builder.getOrCreate()
    session.conf.set("lakeplane.local.catalog", catalog)
    register_tables(session, schemas)
    return session


def register_tables(spark: SparkSession, schemas: Mapping[str, Path]) -> None:
    """Make the schemas, and every Delta table that lies in their directories, known to the session."""
    for schema, directory in schemas.items():
        directory.mkdir(parents=True, exist_ok=True)
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS `{schema}` LOCATION {_literal(directory.as_uri())}")
        for table in _delta_tables(directory):
            spark.sql(
                f"CREATE TABLE IF NOT EXISTS `{schema}`.`{table.name}` "
                f"USING DELTA LOCATION {_literal(table.as_uri())}"
            )


def _settings(warehouse: Path, jars: tuple[Path, ...], cores: int, conf: Mapping[str, str]) -> dict[str, str]:
    log4j = resources.files("lakeplane.local").joinpath("log4j2.properties")
    return {
        **TUNING,
        # On the class path of the JVM itself: an archive of classes holds no others.
        "spark.driver.extraClassPath": os.pathsep.join(str(jar) for jar in jars),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.warehouse.dir": warehouse.resolve().as_uri(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(cores),
        "spark.driver.memory": DRIVER_MEMORY,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # Throughput counts here, not pauses; the JVM's own zone would else leak into dates.
        "spark.driver.extraJavaOptions": " ".join(
            [
                "-XX:+UseParallelGC",
                *_COMPILE_LATER,
                *archive_options(),
                "-Duser.timezone=UTC",
                f"-Dlog4j2.configurationFile=file:{log4j}",
            ]
        ),
        **conf,
    }


def _delta_tables(directory: Path) -> Iterator[Path]:
    """Yield the directories that hold a Delta table with at least one commit."""
    for entry in sorted(directory.iterdir()):
        if any((entry / "_delta_log").glob("*.json")):
            yield entry


def _literal(text: str) -> str:
    """Quote text for SQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
