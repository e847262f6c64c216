"""A small lake of real days around both changes of the clock, and the steps run on it in one session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

import pytest
from pyspark.sql import SparkSession

from lakeplane.local.spark import create_session, register_tables
from lakeplane_workloads.medallion import bronze, gold, land, silver
from lakeplane_workloads.tables import content_hash, table_version

SLICES = (("2016-03-26", "2016-03-28"), ("2016-10-29", "2016-10-31"))
SCHEMAS = ("bronze", "silver", "gold")

# What a table says, without when and by which run it came to say it.
BUSINESS_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "bronze.load_profile": ("source_file", "source_line", "line", "header", "file_sha256"),
    "bronze.load": ("source_file", "source_line", "line"),
    "bronze.injected": ("file", "line", "reason"),
    "silver.load_profile": ("profile", "quantity", "ts_utc", "value", "source_file", "source_line"),
    "silver.load_profile_quarantine": ("source_file", "source_line", "reasons", "raw"),
    "silver.load": ("load_id", "node", "profile", "p_mw", "q_mvar", "subnet", "voltage_level"),
    "gold.load_profile_hourly": (*gold.KEY, *gold.MEASURES),
    "gold.load_group": ("profile", "p_mw", "q_mvar", "load_count"),
    "gold.data_quality": ("reason", "injected", "quarantined"),
}


@dataclass(frozen=True)
class Lake:
    """One environment's lake: where it lies and how to run the steps on it."""

    spark: SparkSession
    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def schemas(self) -> dict[str, Path]:
        return {schema: self.root / schema for schema in SCHEMAS}

    def attach(self) -> Lake:
        """Make this lake the one that the session's schemas mean; the files of the former one stay."""
        for schema in SCHEMAS:
            known = self.spark.catalog.databaseExists(schema)
            place = Path(urlparse(self.spark.catalog.getDatabase(schema).locationUri).path) if known else None
            # Dropping a managed table removes its files, so they are elsewhere for that moment.
            aside = place.rename(place.with_name(f"{schema}.aside")) if place else None
            self.spark.sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            if place and aside:
                aside.rename(place)
        register_tables(self.spark, self.schemas)
        return self

    def land(self, first: str, last: str) -> None:
        land.main(["--landing", str(self.landing), "--from", first, "--to", last])

    def run(self, *, full_refresh: bool = False) -> None:
        bronze.ingest(self.spark, self.landing, self.checkpoints, full_refresh=full_refresh)
        silver.refine(self.spark, self.checkpoints, full_refresh=full_refresh)
        gold.summarise(self.spark, self.checkpoints, full_refresh=full_refresh)

    def run_tasks(self) -> None:
        """Run the steps by their entry points, as a job's tasks do."""
        common = ["--catalog=local", f"--checkpoints={self.checkpoints}"]
        bronze.main([*common, f"--landing={self.landing}"])
        silver.main(common)
        gold.main(common)

    def versions(self) -> dict[str, int]:
        return {name: table_version(self.spark, name) for name in BUSINESS_COLUMNS}

    def contents(self) -> dict[str, str]:
        return {
            name: content_hash(self.spark.table(name), columns) for name, columns in BUSINESS_COLUMNS.items()
        }


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    session = create_session(tmp_path_factory.mktemp("warehouse"), {}, catalog="local", app_name="tests")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def finished(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, dict[str, str]]:
    """The slices brought through all layers in one undisturbed run, and what the tables said then."""
    lake = Lake(spark, tmp_path_factory.mktemp("lake")).attach()
    for first, last in SLICES:
        lake.land(first, last)
    lake.run()
    return lake, lake.contents()
