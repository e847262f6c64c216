"""Runs of jobs: taken on, queued behind their job's limit, executed, cancelled."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from lakeplane.local.deployed import Deployed, Job
from lakeplane.local.places import CloudPlaces
from lakeplane.local.runs.admission import ClusterRefusedError, RunRefusedError, check_clusters, check_run
from lakeplane.local.runs.clusters import TrackingServer, variables, warm_session
from lakeplane.local.runs.driver_process import remove_scratch
from lakeplane.local.runs.execution import RunExecution
from lakeplane.local.runs.pool import DriverPool, Fit
from lakeplane.local.runs.records import RunRecords
from lakeplane.local.runs.states import ENDED, state
from lakeplane.local.store import Store

__all__ = ["RunService"]

_LOG = logging.getLogger(__name__)
STOP_SECONDS = 10.0


class RunService:
    """Executes the runs of one workspace."""

    def __init__(self, store: Store, places: CloudPlaces, tracking: TrackingServer | None = None) -> None:
        """Take over the runs in `store`.

        Args:
            store: Memory of the workspace.
            places: Its files.
            tracking: MLflow server that tasks are told of; none if left out.
        """
        self.records = RunRecords(store, places)
        self._deployed = Deployed(store, places)
        self._places = places
        self._tracking = tracking
        self._pool = DriverPool(places)
        self._lock = threading.Lock()
        self._queued: list[tuple[int, Job]] = []
        self._active: dict[int, tuple[Job, RunExecution, threading.Thread]] = {}
        self._closed = False
        remove_scratch(places)
        self.records.close_active("The simulated workspace ended while the run was active.")

    def run_now(self, job: Job, parameters: Mapping[str, str], token: str | None = None) -> dict[str, Any]:
        """Take on a run of `job` and return it; it starts when its job's limit allows.

        Args:
            job: The job.
            parameters: Values that replace the defaults of the job's parameters.
            token: Idempotency token: the run that was taken on with it before is returned again.

        Raises:
            ClusterRefusedError: A policy refuses a cluster of the job.
            RunRefusedError: The job has no such parameter, or cannot run on this machine.
        """
        known = {item["name"]: str(item.get("default", "")) for item in job.settings.get("parameters", ())}
        if unknown := sorted(parameters.keys() - known.keys()):
            raise RunRefusedError(
                f"Job {job.job_id} does not have the job parameters: {', '.join(unknown)}; "
                f"it has: {', '.join(sorted(known)) or 'none'}."
            )
        check_clusters(self._deployed, job.settings)
        check_run(job.settings, self._places)
        run, new = self.records.create(job, {**known, **parameters}, token)
        if new:
            with self._lock:
                self._queued.append((run["run_id"], job))
            self._schedule()
        return self.records.get(run["run_id"]) or run

    def cancel(self, run_id: int) -> None:
        """Cancel a run; nothing happens to one that ended."""
        with self._lock:
            active = self._active.get(run_id)
            queued = [entry for entry in self._queued if entry[0] == run_id]
            self._queued = [entry for entry in self._queued if entry[0] != run_id]
        if active:
            active[1].stop("CANCELED")
        elif queued:
            self._end_unstarted(run_id, state("TERMINATED", "CANCELED", "Run cancelled."))

    def cancel_all(self, job_id: int | None = None) -> None:
        """Cancel every run, or every run of one job."""
        for run in self.records.list(job_id, active=True):
            self.cancel(run["run_id"])

    def stop(self) -> None:
        """Cancel everything and wait until no driver is left; no run is taken on any more."""
        with self._lock:
            self._closed = True
            threads = [thread for _, _, thread in self._active.values()]
        self.cancel_all()
        for thread in threads:
            thread.join(STOP_SECONDS)
        self._pool.close()

    def warm(self) -> None:
        """Start a driver ahead of the first run, beside whatever else the workspace does."""
        session = warm_session(self._deployed, self._places)
        fit = Fit(variables({}, self._tracking), session["conf"], libraries=None)
        self._pool.warm(session, fit)

    def _schedule(self) -> None:
        """Start the queued runs whose jobs have room, the oldest first."""
        with self._lock:
            waiting: list[tuple[int, Job]] = []
            for run_id, job in self._queued:
                limit = int(job.settings.get("max_concurrent_runs") or 1)
                running = sum(1 for other, _, _ in self._active.values() if other.job_id == job.job_id)
                if self._closed or running >= limit:
                    if (job.settings.get("queue") or {}).get("enabled", True):
                        waiting.append((run_id, job))
                    else:
                        message = f"Skipped: {running} runs are active, the job allows {limit}."
                        self._end_unstarted(
                            run_id, state("SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED", message)
                        )
                    continue
                try:
                    self._start(run_id, job)
                except ClusterRefusedError as refusal:  # the policy changed while the run was queued
                    self._end_unstarted(run_id, state("INTERNAL_ERROR", "FAILED", refusal.message))
            self._queued = waiting

    def _start(self, run_id: int, job: Job) -> None:
        execution = RunExecution(
            run_id,
            job.settings,
            check_clusters(self._deployed, job.settings),
            self.records,
            self._deployed,
            self._places,
            self._tracking,
            self._pool,
        )
        thread = threading.Thread(target=self._execute, args=(run_id, execution), name=f"run-{run_id}")
        self._active[run_id] = (job, execution, thread)
        thread.start()

    def _execute(self, run_id: int, execution: RunExecution) -> None:
        try:
            execution.execute()
        except Exception as error:  # noqa: BLE001 - a run without an end would block its job for ever
            _LOG.exception("run %s", run_id)
            self._end_unstarted(run_id, state("INTERNAL_ERROR", "FAILED", str(error)))
        finally:
            with self._lock:
                del self._active[run_id]
            self._schedule()

    def _end_unstarted(self, run_id: int, result: Mapping[str, Any]) -> None:
        for task in self.records.tasks(run_id):
            if task["state"]["life_cycle_state"] not in ENDED:
                self.records.update_task(task["run_id"], **result)
        self.records.update(run_id, **result)
