"""One run from its start to its end: a driver for each job cluster, tasks in the order they allow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakeplane.errors import SetupError
from lakeplane.local.deployed import Deployed
from lakeplane.local.places import CloudPlaces
from lakeplane.local.runs.admission import cluster_key
from lakeplane.local.runs.clusters import TrackingServer, configuration, fit_of, variables
from lakeplane.local.runs.driver_process import DriverEndedError, DriverProcess
from lakeplane.local.runs.pool import DriverPool, Fit
from lakeplane.local.runs.records import RunRecords, milliseconds
from lakeplane.local.runs.references import resolve
from lakeplane.local.runs.states import result_of, run_result, state, upstream_result

__all__ = ["RunExecution"]

_LOG = logging.getLogger(__name__)
_FAILED = "Workload failed, see run output for details"


class RunExecution:
    """Executes one run; a thread for each cluster, which runs the cluster's tasks one after the other."""

    def __init__(
        self,
        run_id: int,
        settings: Mapping[str, Any],
        clusters: Mapping[str, Mapping[str, Any]],
        records: RunRecords,
        deployed: Deployed,
        places: CloudPlaces,
        tracking: TrackingServer | None,
        pool: DriverPool,
    ) -> None:
        self._pool = pool
        self._run_id = run_id
        self._settings = settings
        self._clusters = clusters
        self._records = records
        self._deployed = deployed
        self._places = places
        self._tracking = tracking
        self._changed = threading.Condition()
        self._drivers: dict[str, DriverProcess] = {}
        self._fits: dict[str, Fit] = {}
        self._stopped = ""

    def execute(self) -> None:
        """Run all tasks and remember how the run ended."""
        self._records.update(self._run_id, **state("RUNNING"))
        used = {cluster_key(task) for task in self._settings["tasks"]}
        threads = [
            threading.Thread(target=self._work, args=(key,), name=f"run-{self._run_id}-{key}") for key in used
        ]
        limit = float(self._settings.get("timeout_seconds") or 0)
        timer = threading.Timer(limit, self.stop, args=("TIMEDOUT",)) if limit else None
        if timer:
            timer.daemon = True
            timer.start()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if timer:
            timer.cancel()
        self._records.update(self._run_id, **self._result())

    def stop(self, result: str) -> None:
        """End the run now, with `CANCELED` or `TIMEDOUT`; its drivers are killed."""
        with self._changed:
            if self._stopped:
                return
            self._stopped = result
            drivers = list(self._drivers.values())
            self._changed.notify_all()
        self._records.update(self._run_id, **state("TERMINATING", None, "Run is being cancelled."))
        for driver in drivers:
            driver.stop()

    def _result(self) -> dict[str, Any]:
        tasks = self._records.tasks(self._run_id)
        if self._stopped == "TIMEDOUT":
            return state("TERMINATED", "TIMEDOUT", "Run timed out.")
        if self._stopped:
            return state("TERMINATED", "CANCELED", "Run cancelled.")
        return run_result(tasks)

    def _work(self, key: str) -> None:
        failure = ""
        try:
            self._start_driver(key)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run has to end
            if not self._stopped:
                _LOG.warning("run %s: no driver for %s: %s", self._run_id, key, error)
            failure = str(error)
        try:
            while task := self._next_task(key):
                try:
                    result = self._unstarted(failure) if failure else self._run_task(key, task)
                except Exception as error:  # noqa: BLE001 - the other tasks have to end too
                    _LOG.exception("run %s: task %s", self._run_id, task["task_key"])
                    result = state("INTERNAL_ERROR", "FAILED", str(error))
                self._finish(task, result)
        finally:
            self._release_driver(key)

    def _release_driver(self, key: str) -> None:
        """Leave a cluster's driver to the next job if every task ended well, else end it."""
        with self._changed:
            driver = self._drivers.pop(key, None)
        if driver is None:
            return
        results = {result_of(t) for t in self._records.tasks(self._run_id) if cluster_key(t) == key}
        if results == {"SUCCESS"} and not self._stopped:
            self._pool.give_back(driver, self._fits[key])
        else:
            driver.stop()

    def _unstarted(self, failure: str) -> dict[str, Any]:
        if self._stopped:
            return state("TERMINATED", self._stopped, "Run cancelled.")
        return state("INTERNAL_ERROR", "FAILED", failure)

    def _start_driver(self, key: str) -> DriverProcess:
        """Start and configure a driver.

        Raises:
            RuntimeError: The driver says that it cannot work.
            DriverEndedError: It ended, or the run is being stopped.
        """
        run = self._records.get(self._run_id)
        assert run is not None
        parameters = {item["name"]: item["value"] for item in run["job_parameters"]}
        cluster = self._clusters[key]
        request = configuration(key, cluster, self._settings, parameters, self._deployed, self._places)
        self._fits[key] = fit_of(request, variables(cluster, self._tracking))
        driver = self._pool.take(self._fits[key])
        with self._changed:
            self._drivers[key] = driver
            stopped = self._stopped
        if stopped:
            driver.stop()
            raise DriverEndedError
        try:
            answer = driver.request({"configure": request})
        except DriverEndedError as error:
            self._drop_driver(key)
            raise DriverEndedError(f"The driver ended at its start, see {driver.log}") from error
        if not answer["ready"]:
            self._drop_driver(key)
            raise RuntimeError(f"The driver could not start: {answer['error']}")
        _LOG.info("run %s: driver of %s configured in %s s", self._run_id, key, answer["seconds"])
        return driver

    def _next_task(self, key: str) -> dict[str, Any] | None:
        """Wait for a task of a cluster that may run; None once the cluster has none left."""
        with self._changed:
            while True:
                tasks = self._records.tasks(self._run_id)
                results = {task["task_key"]: result_of(task) for task in tasks}
                mine = [task for task in tasks if cluster_key(task) == key and result_of(task) is None]
                if not mine:
                    return None
                progressed = False
                for task in mine:
                    upstream = [results[other["task_key"]] for other in task.get("depends_on", ())]
                    if self._stopped:
                        self._end(task, state("TERMINATED", "CANCELED", "Run cancelled."))
                        progressed = True
                    elif None not in upstream:
                        skipped = upstream_result(task["run_if"], [item for item in upstream if item])
                        if skipped is None:
                            return task
                        self._end(task, state("TERMINATED", skipped, f"An upstream task of {key!r} failed."))
                        progressed = True
                        break
                if not progressed:
                    self._changed.wait()

    def _run_task(self, key: str, task: Mapping[str, Any]) -> dict[str, Any]:
        began = milliseconds()
        self._records.update_task(task["run_id"], start_time=began, **state("PENDING"))
        driver = self._drivers.get(key) or self._start_driver(key)
        if self._tracking is not None:
            try:
                self._tracking.wait_ready()
            except SetupError as error:
                return state("INTERNAL_ERROR", "FAILED", str(error))
        self._records.update_task(
            task["run_id"],
            setup_duration=milliseconds() - began,
            cluster_instance={"cluster_id": f"local-{self._run_id}-{driver.pid}"},
            **state("RUNNING"),
        )
        seconds = float(task.get("timeout_seconds") or 0) or None
        try:
            answer = driver.request({"run": self._request(task)}, seconds)
        except TimeoutError:
            self._drop_driver(key)
            return state("TERMINATED", "TIMEDOUT", f"Task timed out after {seconds:g} s")
        except DriverEndedError:
            self._drop_driver(key)
            if self._stopped:
                return state("TERMINATED", self._stopped, "Run cancelled.")
            self._records.update_task(task["run_id"], error="The driver ended unexpectedly")
            return state("INTERNAL_ERROR", "FAILED", "The driver ended unexpectedly")
        if answer["ok"]:
            return state("TERMINATED", "SUCCESS")
        self._records.update_task(task["run_id"], error=answer["error"], error_trace=answer["trace"])
        return state("TERMINATED", "FAILED", _FAILED)

    def _drop_driver(self, key: str) -> None:
        with self._changed:
            driver = self._drivers.pop(key, None)
        if driver:
            driver.stop()

    def _request(self, task: Mapping[str, Any]) -> dict[str, Any]:
        wheel_task = resolve(task["python_wheel_task"], self._references(task))
        named = wheel_task.get("named_parameters") or {}
        return {
            "package_name": wheel_task["package_name"],
            "entry_point": wheel_task["entry_point"],
            "arguments": [
                *(wheel_task.get("parameters") or ()),
                *(f"--{name}={value}" for name, value in named.items()),
            ],
            "log": str(self.log_of(self._places, self._run_id, task["task_key"]).resolve()),
        }

    @staticmethod
    def log_of(places: CloudPlaces, run_id: int, task_key: str) -> Path:
        """Return the file that a task's output goes to."""
        return places.run_logs(run_id) / f"{task_key}.log"

    def _references(self, task: Mapping[str, Any]) -> dict[str, str]:
        run = self._records.get(self._run_id)
        assert run is not None
        started = datetime.fromtimestamp(run["start_time"] / 1000, tz=UTC)
        return {
            "job.id": str(run["job_id"]),
            "job.name": str(self._settings.get("name", "")),
            "job.run_id": str(self._run_id),
            "job.repair_count": "0",
            "job.start_time.iso_date": started.date().isoformat(),
            "job.start_time.iso_datetime": started.isoformat(timespec="seconds"),
            "task.name": str(task["task_key"]),
            "task.run_id": str(task["run_id"]),
            "task.execution_count": "1",
            **{f"job.parameters.{item['name']}": item["value"] for item in run["job_parameters"]},
        }

    def _finish(self, task: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        with self._changed:
            self._end(task, result)

    def _end(self, task: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Remember a task's end and wake the clusters up; the condition is held."""
        self._records.update_task(task["run_id"], **result)
        self._changed.notify_all()
