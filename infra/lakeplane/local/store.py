"""The simulated cloud's memory: one sqlite database that survives a kill at any moment.

Write-ahead logging makes every transaction all or nothing for a killed process. One connection, used under a
lock, serves all threads of the server; another process (a test, `lakeplane status`) may read beside it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

__all__ = ["Store"]

VERSION = 2

_SCHEMA = """
CREATE TABLE resources (
    type TEXT NOT NULL, id TEXT NOT NULL, urn TEXT NOT NULL, parent TEXT NOT NULL,
    inputs TEXT NOT NULL, outputs TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    PRIMARY KEY (type, id)
) WITHOUT ROWID;
CREATE INDEX resources_urn ON resources (urn);
CREATE INDEX resources_parent ON resources (parent);

CREATE TABLE soft_deleted (
    type TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, urn TEXT NOT NULL,
    outputs TEXT NOT NULL, deleted REAL NOT NULL, purge REAL NOT NULL,
    PRIMARY KEY (type, id)
) WITHOUT ROWID;

CREATE TABLE faults (
    number INTEGER PRIMARY KEY, surface TEXT NOT NULL, subject TEXT NOT NULL, operation TEXT NOT NULL,
    status INTEGER NOT NULL, message TEXT NOT NULL, planned REAL NOT NULL, struck REAL,
    code TEXT NOT NULL DEFAULT 'PlannedFault', times INTEGER NOT NULL DEFAULT 1,
    strikes INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL, number_in_job INTEGER NOT NULL,
    token TEXT UNIQUE, active INTEGER NOT NULL, document TEXT NOT NULL
);
CREATE INDEX runs_job ON runs (job_id, run_id);

CREATE TABLE task_runs (
    run_id INTEGER PRIMARY KEY, parent_run_id INTEGER NOT NULL, task_key TEXT NOT NULL,
    attempt INTEGER NOT NULL, document TEXT NOT NULL
);
CREATE INDEX task_runs_parent ON task_runs (parent_run_id, run_id);

CREATE TABLE clusters (cluster_id TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE api_objects (
    kind TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (kind, id)
);
"""


# What brings a store of an older format to the next one; environments that stand are not started anew.
_MIGRATIONS = {
    1: """
ALTER TABLE faults ADD COLUMN code TEXT NOT NULL DEFAULT 'PlannedFault';
ALTER TABLE faults ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
ALTER TABLE faults ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;
UPDATE faults SET strikes = 1 WHERE struck IS NOT NULL;
""",
}


class Store:
    """A database connection shared by threads; statements inside `transaction` are all or nothing."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        address = f"{path.resolve().as_uri()}?mode=ro" if read_only else path.resolve().as_uri()
        try:
            self._connection = sqlite3.connect(
                address, uri=True, check_same_thread=False, isolation_level=None, timeout=30
            )
            self._connection.row_factory = sqlite3.Row
            if not read_only:
                path.chmod(0o600)  # inputs hold secrets
                self._migrate()
        except sqlite3.Error as error:
            raise _damaged(path, str(error)) from error

    def _migrate(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing with NORMAL; only a power cut may cost the last transactions.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise _damaged(self.path, f"it has format {version}, this lakeplane reads format {VERSION}")
            scripts = [_SCHEMA] if version == 0 else [_MIGRATIONS[old] for old in range(version, VERSION)]
            for statement in ";".join(scripts).split(";"):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the body as one transaction; bodies of other threads wait, nested ones join."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._connection.execute("BEGIN IMMEDIATE")
                yield
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._depth == 1 and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one statement and return the number of rows that it changed."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    def insert(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run an INSERT and return the new row's number."""
        with self._lock:
            return self._connection.execute(statement, values).lastrowid or 0

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Run a SELECT and return all its rows."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        with self._lock:
            self._connection.close()


def _damaged(path: Path, reason: str) -> SetupError:
    environment = path.parent.parent.name
    return SetupError(
        Diagnostic(
            code="LOC001",
            summary="the simulated cloud's store cannot be opened",
            detail=f"{path}: {reason}",
            remedy=f"free the disk or restore the file; to start anew, remove {path.parent.parent} "
            f"(everything in the simulated environment {environment!r} is lost)",
        )
    )
