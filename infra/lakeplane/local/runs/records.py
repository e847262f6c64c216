"""What the workspace remembers of runs, in the words of the Jobs API."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from lakeplane.local.deployed import Job
from lakeplane.local.places import CloudPlaces
from lakeplane.local.runs.states import ENDED, state
from lakeplane.local.store import Store

__all__ = ["RunRecords", "milliseconds"]

_TASK_SETTINGS = (
    *("task_key", "description", "depends_on", "run_if", "python_wheel_task", "libraries"),
    *("job_cluster_key", "new_cluster", "timeout_seconds"),
)


def milliseconds() -> int:
    """Return the present time as the API tells it, in milliseconds since 1970."""
    return round(time.time() * 1000)


class RunRecords:
    """The tables of runs and of task runs; both have their numbers from one series."""

    def __init__(self, store: Store, places: CloudPlaces) -> None:
        self._store = store
        self._places = places

    def create(
        self, job: Job, parameters: Mapping[str, str], token: str | None
    ) -> tuple[dict[str, Any], bool]:
        """Remember a new run of `job`, queued, with one task run for each task.

        Returns:
            The run and whether it is new; it is not if a run with the idempotency token exists.
        """
        with self._store.transaction():
            if token and (found := self._by_token(token)):
                return found, False
            run_id = self._next_id()
            row = self._store.query("SELECT MAX(number_in_job) FROM runs WHERE job_id = ?", (job.job_id,))[0]
            number = (row[0] or 0) + 1
            logs = self._places.run_logs(run_id)
            document = {
                "job_id": job.job_id,
                "run_id": run_id,
                "number_in_job": number,
                "original_attempt_run_id": run_id,
                "run_name": job.settings.get("name", ""),
                "run_type": "JOB_RUN",
                "format": "MULTI_TASK",
                "trigger": "ONE_TIME",
                "start_time": milliseconds(),
                "end_time": 0,
                "run_duration": 0,
                # There is no page to show: the run's logs are what a person wants to see.
                "run_page_url": logs.resolve().as_uri(),
                "job_clusters": job.settings.get("job_clusters", []),
                "job_parameters": [
                    {
                        "name": item["name"],
                        "default": item.get("default", ""),
                        "value": parameters[item["name"]],
                    }
                    for item in job.settings.get("parameters", [])
                ],
                **state("QUEUED"),
            }
            self._store.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, 1, ?)",
                (run_id, job.job_id, number, token, json.dumps(document)),
            )
            for offset, task in enumerate(job.settings["tasks"], start=1):
                task_run = {key: task[key] for key in _TASK_SETTINGS if key in task} | {
                    "run_id": run_id + offset,
                    "run_if": task.get("run_if", "ALL_SUCCESS"),
                    "attempt_number": 0,
                    "start_time": 0,
                    "end_time": 0,
                    "setup_duration": 0,
                    "execution_duration": 0,
                    "cleanup_duration": 0,
                    "run_page_url": (logs / f"{task['task_key']}.log").resolve().as_uri(),
                    **state("BLOCKED" if task.get("depends_on") else "PENDING"),
                }
                self._store.execute(
                    "INSERT INTO task_runs VALUES (?, ?, ?, 0, ?)",
                    (run_id + offset, run_id, task["task_key"], json.dumps(task_run)),
                )
        return self._require(run_id), True

    def get(self, run_id: int) -> dict[str, Any] | None:
        """Return a run with its tasks, in the order of the job."""
        rows = self._store.query("SELECT document FROM runs WHERE run_id = ?", (run_id,))
        return json.loads(rows[0]["document"]) | {"tasks": self.tasks(run_id)} if rows else None

    def tasks(self, run_id: int) -> list[dict[str, Any]]:
        """Return the task runs of a run."""
        rows = self._store.query(
            "SELECT document FROM task_runs WHERE parent_run_id = ? ORDER BY run_id", (run_id,)
        )
        return [json.loads(row["document"]) for row in rows]

    def task(self, run_id: int) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return a task run and the run that it belongs to."""
        rows = self._store.query("SELECT parent_run_id, document FROM task_runs WHERE run_id = ?", (run_id,))
        if not rows:
            return None
        return json.loads(rows[0]["document"]), self._require(rows[0]["parent_run_id"])

    def list(self, job_id: int | None = None, *, active: bool | None = None) -> list[dict[str, Any]]:
        """Return runs, the newest first.

        Args:
            job_id: Job whose runs are wanted; all jobs if left out.
            active: Only those that go on, or only those that ended; both if left out.
        """
        rows = self._store.query(
            "SELECT run_id FROM runs WHERE (? IS NULL OR job_id = ?) AND (? IS NULL OR active = ?) "
            "ORDER BY run_id DESC",
            (job_id, job_id, active, active),
        )
        return [self._require(row["run_id"]) for row in rows]

    def update(self, run_id: int, **changes: Any) -> None:
        """Change fields of a run; one that ended is not active any more."""
        with self._store.transaction():
            document = self._require(run_id)
            document.pop("tasks")
            document |= changes
            ended = document["state"]["life_cycle_state"] in ENDED
            if ended and not document["end_time"]:
                document["end_time"] = milliseconds()
                document["run_duration"] = document["end_time"] - document["start_time"]
            self._store.execute(
                "UPDATE runs SET document = ?, active = ? WHERE run_id = ?",
                (json.dumps(document), int(not ended), run_id),
            )

    def update_task(self, task_run_id: int, **changes: Any) -> None:
        """Change fields of a task run."""
        with self._store.transaction():
            found = self.task(task_run_id)
            assert found is not None
            document = found[0] | changes
            if document["state"]["life_cycle_state"] in ENDED and not document["end_time"]:
                document["end_time"] = milliseconds()
                document["start_time"] = document["start_time"] or document["end_time"]
                document["execution_duration"] = max(
                    0, document["end_time"] - document["start_time"] - document["setup_duration"]
                )
            self._store.execute(
                "UPDATE task_runs SET document = ? WHERE run_id = ?", (json.dumps(document), task_run_id)
            )

    def close_active(self, message: str) -> None:
        """End every run that is still active, because nobody executes it any more."""
        for run in self.list(active=True):
            for task in run["tasks"]:
                if task["state"]["life_cycle_state"] not in ENDED:
                    self.update_task(task["run_id"], **state("INTERNAL_ERROR", "FAILED", message))
            self.update(run["run_id"], **state("INTERNAL_ERROR", "FAILED", message))

    def _by_token(self, token: str) -> dict[str, Any] | None:
        rows = self._store.query("SELECT run_id FROM runs WHERE token = ?", (token,))
        return self._require(rows[0]["run_id"]) if rows else None

    def _next_id(self) -> int:
        rows = self._store.query(
            "SELECT COALESCE(MAX(run_id), 0) FROM "
            "(SELECT run_id FROM runs UNION ALL SELECT run_id FROM task_runs)"
        )
        return int(rows[0][0]) + 1

    def _require(self, run_id: int) -> dict[str, Any]:
        run = self.get(run_id)
        assert run is not None
        return run
