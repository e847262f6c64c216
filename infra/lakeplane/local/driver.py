"""The driver of one job cluster: a process that runs tasks, one after the other, in one Spark session.

It reads one JSON object a line from its standard input and answers each with one on its standard output:

    {"warm": {...}}        a session, early   →  {"ready": true, …} or {"ready": false, "error": …}
    {"configure": {...}}   libraries, session  →  {"ready": true, "seconds": …}, {"ready": false, "error": …}
    {"run": {...}}         one task            →  {"ok": true}, {"ok": false, "error": …, "trace": …}

What tasks, Spark and native code write goes to files: a task's own output to the task's log, what the JVM
says meanwhile to the driver's log and from there to the end of the task's log.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Serve requests until the standard input ends; the argument is the driver's log, which 2 writes to."""
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    quiet = os.open(os.devnull, os.O_RDONLY)
    os.dup2(quiet, 0)
    os.dup2(2, 1)
    driver = _Driver(Path(sys.argv[1]))
    for line in requests:
        request = json.loads(line)
        if "warm" in request:
            answer = driver.warm(request["warm"])
        elif "configure" in request:
            answer = driver.configure(request["configure"])
        else:
            answer = driver.run(request["run"])
        answers.write(json.dumps(answer) + "\n")
    driver.close()


class _Driver:
    def __init__(self, log: Path) -> None:
        self._log = log
        self._libraries: list[str] = []
        self._spark: Any = None

    def warm(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Start the session, and take it through slow first steps if asked, before anybody waits for it."""
        started = time.monotonic()
        try:
            self._spark = _start_session(request)
            if request["first_steps"]:
                _take_first_steps(self._spark)
            else:
                _look_around(self._spark, request["schemas"])
        except BaseException as error:  # noqa: BLE001 - the workspace reports whatever it is
            traceback.print_exc()
            return {"ready": False, "error": _last_line(error)}
        return {"ready": True, "seconds": round(time.monotonic() - started, 3)}

    def configure(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Put libraries first on the path and start the session, or take over the one that is there."""
        started = time.monotonic()
        try:
            if self._libraries:
                return self._configure_again(request, started)
            self._libraries = list(request["libraries"])
            sys.path[:0] = self._libraries
            # Spark's Python workers look at the environment.
            inherited = os.environ.get("PYTHONPATH")
            os.environ["PYTHONPATH"] = os.pathsep.join(
                [*self._libraries, *([inherited] if inherited else [])]
            )
            if request["session"] is not None:
                self._spark = _start_session(request["session"])
                # A JVM that was warmed has an older environment; workers get this one with each function.
                self._spark.sparkContext.environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        except BaseException as error:  # noqa: BLE001 - the workspace reports whatever it is
            traceback.print_exc()
            return {"ready": False, "error": _last_line(error)}
        return {"ready": True, "seconds": round(time.monotonic() - started, 3)}

    def _configure_again(self, request: Mapping[str, Any], started: float) -> dict[str, Any]:
        """Serve another job with the same libraries: nothing that the first one cached may be seen."""
        if request["session"] is not None:
            self._spark = _start_session(request["session"])
            self._spark.catalog.clearCache()
        return {"ready": True, "seconds": round(time.monotonic() - started, 3)}

    def run(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Run one task and tell how it ended."""
        with _output_to(Path(request["log"]), self._log):
            try:
                function = _entry_point(request["package_name"], request["entry_point"], self._libraries)
                sys.argv = [request["entry_point"], *request["arguments"]]
                function()
            except SystemExit as error:
                if error.code not in (None, 0):
                    traceback.print_exc()
                    return _failure(error)
            except BaseException as error:  # noqa: BLE001 - a task may end in any way
                traceback.print_exc()
                return _failure(error)
        return {"ok": True}

    def close(self) -> None:
        """Stop the session."""
        if self._spark is not None:
            self._spark.stop()


def _start_session(request: Mapping[str, Any]) -> Any:
    from lakeplane.local.spark import create_session  # noqa: PLC0415 - jobs without Spark do not load it

    return create_session(
        Path(request["warehouse"]),
        {name: Path(directory) for name, directory in request["schemas"].items()},
        catalog=request["catalog"],
        conf=request["conf"],
        app_name=request["app_name"],
    )


def _take_first_steps(spark: Any) -> None:
    """Commit, merge and read a Delta table of a few rows: the JVM loads and compiles what all jobs need."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        table = f"delta.`{Path(directory, 'first').as_uri()}`"
        rows = spark.range(0, 64, 1, 2).selectExpr("id", "cast(id AS string) AS name", "id * 0.5 AS value")
        rows.write.format("delta").save(Path(directory, "first").as_uri())
        rows.createOrReplaceTempView("first_steps")
        spark.sql(
            f"MERGE INTO {table} AS target USING first_steps AS source ON target.id = source.id "
            "WHEN NOT MATCHED THEN INSERT *"
        )
        spark.sql(f"SELECT name, sum(value) FROM {table} GROUP BY name").collect()  # noqa: S608 - as above
        spark.catalog.dropTempView("first_steps")


def _look_around(spark: Any, schemas: Mapping[str, str]) -> None:
    """Read what jobs read before they know whether there is work: a table's history, and a stream's news."""
    tables = [f"{schema}.{table.name}" for schema in schemas for table in spark.catalog.listTables(schema)]
    if not tables:
        return
    last = tables[-1]
    spark.sql(f"DESCRIBE HISTORY {last} LIMIT 1").collect()
    spark.sql(f"SHOW TBLPROPERTIES {last}").collect()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        news = spark.readStream.table(last).writeStream.foreachBatch(lambda _rows, _number: None)
        news = news.option("checkpointLocation", Path(directory, "news").as_uri())
        news.trigger(availableNow=True).start().awaitTermination()


def _entry_point(package: str, name: str, libraries: list[str]) -> Callable[[], object]:
    """Find a task's function as the service does: by the wheel's metadata, else in the package itself.

    Raises:
        AttributeError: The wheel has no such entry point, and the package no such function.
    """
    for distribution in metadata.distributions(path=libraries or sys.path):
        if _normal(distribution.metadata["Name"] or "") == _normal(package):
            for candidate in distribution.entry_points:
                if candidate.name == name:
                    found: Callable[[], object] = candidate.load()
                    return found
    function: Callable[[], object] = getattr(import_module(package), name)
    return function


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@contextlib.contextmanager
def _output_to(log: Path, driver_log: Path) -> Iterator[None]:
    """Let descriptors 1 and 2 be the task's log, and append to it what the JVM wrote meanwhile."""
    log.parent.mkdir(parents=True, exist_ok=True)
    before = os.fstat(2).st_size
    kept = os.dup(2)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(target, 1)
    os.dup2(target, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept, 1)
        os.dup2(kept, 2)
        with contextlib.suppress(OSError):
            _append_jvm_output(driver_log, before, target)
        os.close(target)
        os.close(kept)


def _append_jvm_output(driver_log: Path, before: int, target: int) -> None:
    with driver_log.open("rb") as written:
        written.seek(before)
        if output := written.read():
            os.write(target, b"--- Spark ---\n" + output)


def _failure(error: BaseException) -> dict[str, Any]:
    return {"ok": False, "error": _last_line(error), "trace": traceback.format_exc()}


def _last_line(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


if __name__ == "__main__":
    main()
