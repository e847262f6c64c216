"""An archive of the classes that Spark and Delta load, which a JVM maps instead of reading them again.

Half of what a short Spark session costs is reading, checking and linking some 15,000 classes. The JVM can
write them to a file once (application class data sharing, JEP 350) and map it from then on. The file fits one
JVM and one class path; a JVM that finds another one ignores it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib import metadata, util
from pathlib import Path
from typing import Any

from lakeplane.build_cache import Progress, built_once, quiet
from lakeplane.errors import SetupError
from lakeplane.layout import cache_dir
from lakeplane.local.delta_jars import ensure_delta_jars
from lakeplane.local.java import ensure_java

__all__ = ["archive_options", "class_archive", "ensure_class_archive", "main"]

BUILD_SECONDS = 300
UNUSED_DAYS = 30
_NAME = "spark.jsa"
_WRITE_TO = "LAKEPLANE_WRITE_CLASSES_TO"
# What the JVM says about classes that an archive can't hold is nobody's business.
_QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr")


def archive_options() -> tuple[str, ...]:
    """Return the JVM's options for the archive: to use the one that is there, or to write one; else none."""
    if target := os.environ.get(_WRITE_TO):
        # What this session compiles is lost with it, so the quick compiler will do.
        return (f"-XX:ArchiveClassesAtExit={target}", "-XX:TieredStopAtLevel=1", *_QUIET)
    archive = class_archive()
    if not archive.is_file():
        return ()
    os.utime(archive.parent)
    return (f"-XX:SharedArchiveFile={archive}", *_QUIET)


def class_archive() -> Path:
    """Return where the archive for this machine's Java and this installation's Spark lies, or would lie."""
    return _directory() / _NAME


def ensure_class_archive(progress: Progress = quiet) -> Path | None:
    """Return the archive, made once by a short session; None where this Java can't make one.

    Args:
        progress: Told when the archive has to be made, which takes about half a minute.

    Raises:
        SetupError: Java or Delta's JARs are missing and cannot be brought, or the cache cannot be written.
    """
    archive = class_archive()
    if archive.parent.is_dir():
        return archive if archive.is_file() else None
    progress("Archiving Spark's classes, which halves the start of every later session")
    _drop_unused(archive.parent.parent)
    built_once(archive.parent, _write, progress)
    return archive if archive.is_file() else None


def _directory() -> Path:
    """Name the directory after all that the JVM compares: Java, and the path and time of each JAR."""
    java, jars = ensure_java(), [*_spark_jars(), *ensure_delta_jars()]
    release = java / "release"
    parts = [str(java), release.read_text() if release.is_file() else "", sys.prefix]
    parts += [f"{jar} {jar.stat().st_size} {jar.stat().st_mtime_ns}" for jar in jars]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return cache_dir() / "spark-classes" / f"{metadata.version('pyspark')}-{key}"


def _spark_jars() -> Iterable[Path]:
    spec = util.find_spec("pyspark")
    assert spec is not None
    assert spec.submodule_search_locations
    return sorted((Path(spec.submodule_search_locations[0]) / "jars").glob("*.jar"))


def _write(directory: Path) -> None:
    """Fill the directory with the archive, or with a note where no archive came about."""
    archive = directory / _NAME
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [sys.executable, "-m", "lakeplane.local.class_archive", scratch],
            env={**os.environ, _WRITE_TO: str(archive), "SPARK_LOCAL_DIRS": scratch},
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    if done.returncode or not archive.is_file():
        archive.unlink(missing_ok=True)
        (directory / "without-archive.txt").write_text(done.stdout + done.stderr)


def _drop_unused(parent: Path) -> None:
    """Remove archives of installations that nobody uses any more; one takes about 110 MB."""
    oldest = time.time() - UNUSED_DAYS * 24 * 3600
    for found in parent.glob("*") if parent.is_dir() else ():
        if found.is_dir() and found.stat().st_mtime < oldest:
            shutil.rmtree(found, ignore_errors=True)


def main(scratch: Path) -> None:
    """Take a session through what the workloads do, and end its JVM, which then writes the archive."""
    from lakeplane.local.spark import create_session  # noqa: PLC0415 - it asks this module for options

    spark = create_session(scratch / "warehouse", {"first": scratch / "first"}, catalog="archive")
    rows = spark.range(0, 64, 1, 2).selectExpr("id", "cast(id AS string) AS name", "id * 0.5 AS value")
    rows.write.format("delta").saveAsTable("first.rows")
    rows.createOrReplaceTempView("again")
    spark.sql(
        "MERGE INTO first.rows AS t USING again AS s ON t.id = s.id WHEN MATCHED AND s.value > t.value "
        "THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
    rows.writeTo("first.replaced").using("delta").tableProperty("of", "rows").createOrReplace()
    spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
    frame = spark.sql(
        "SELECT name, sum(value) AS value, min(id) AS least FROM first.rows VERSION AS OF 0 GROUP BY name"
    ).toPandas()
    spark.createDataFrame(frame).coalesce(1).write.format("delta").mode("append").saveAsTable("first.frame")
    stream = spark.readStream.table("first.rows").writeStream.foreachBatch(_take)
    stream.option("checkpointLocation", str(scratch / "checkpoint")).trigger(
        availableNow=True
    ).start().awaitTermination()
    for question in (
        "DESCRIBE HISTORY first.rows",
        "DESCRIBE DETAIL first.rows",
        "SHOW TBLPROPERTIES first.rows",
    ):
        spark.sql(question).collect()
    gateway: Any = spark.sparkContext._gateway
    spark.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(BUILD_SECONDS)


def _take(rows: Any, _number: int) -> None:
    rows.groupBy("name").count().write.format("delta").mode("append").saveAsTable("first.counts")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except SetupError as error:
        sys.exit(str(error))
