"""The Spark session that a task runs in."""

from __future__ import annotations

from pyspark.sql import SparkSession

__all__ = ["active_session", "use_catalog"]


def active_session() -> SparkSession:
    """Return the session that the cluster gives its tasks, or start one where there is none.

    Its time zone is set to UTC, whatever the cluster's own is: the workloads parse local stamps, cut days and
    truncate hours on this ground.
    """
    session = SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def use_catalog(spark: SparkSession, catalog: str) -> None:
    """Make `schema.table` mean the environment's own catalog.

    A local session has one catalog and says in `lakeplane.local.catalog` whose it is; there is nothing to
    switch then.
    """
    if spark.conf.get("lakeplane.local.catalog", "") != catalog:
        spark.sql(f"USE CATALOG `{catalog.replace('`', '``')}`")
