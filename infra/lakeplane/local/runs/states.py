"""States of runs and tasks, as both generations of the Jobs API tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["ENDED", "result_of", "run_result", "state", "upstream_result"]

ENDED = frozenset({"TERMINATED", "SKIPPED", "INTERNAL_ERROR"})

_TERMINATION_CODES = {
    "SUCCESS": "SUCCESS",
    "FAILED": "RUN_EXECUTION_ERROR",
    "TIMEDOUT": "MAX_RUN_DURATION_EXCEEDED",
    "CANCELED": "USER_CANCELED",
    "UPSTREAM_FAILED": "RUN_EXECUTION_ERROR",
    "UPSTREAM_CANCELED": "USER_CANCELED",
    "EXCLUDED": "SUCCESS",
}

# A task whose upstream tasks ended otherwise than its `run_if` asks for is left out.
_UNSUCCESSFUL = frozenset({"FAILED", "TIMEDOUT", "UPSTREAM_FAILED", "CANCELED", "UPSTREAM_CANCELED"})
_CANCELED = frozenset({"CANCELED", "UPSTREAM_CANCELED"})


def state(life_cycle: str, result: str | None = None, message: str = "") -> dict[str, Any]:
    """Return the fields `state` and `status` of a run or task.

    Args:
        life_cycle: `QUEUED`, `PENDING`, `BLOCKED`, `RUNNING`, `TERMINATING`, `TERMINATED`, `SKIPPED` or
            `INTERNAL_ERROR`.
        result: `SUCCESS`, `FAILED`, `TIMEDOUT`, `CANCELED`, … once it ended.
        message: What happened, for people.
    """
    old: dict[str, Any] = {
        "life_cycle_state": life_cycle,
        "state_message": message,
        "user_cancelled_or_timedout": result in {"CANCELED", "TIMEDOUT"},
    }
    if result is not None:
        old["result_state"] = result
    new: dict[str, Any] = {"state": "TERMINATED" if life_cycle in ENDED else life_cycle}
    if life_cycle in ENDED:
        code = _TERMINATION_CODES.get(result or "", "INTERNAL_ERROR")
        new["termination_details"] = {
            "code": code,
            "type": {"SUCCESS": "SUCCESS", "INTERNAL_ERROR": "INTERNAL_ERROR"}.get(code, "CLIENT_ERROR"),
            "message": message,
        }
    if life_cycle == "QUEUED":
        new["queue_details"] = {"code": "MAX_CONCURRENT_RUNS_REACHED", "message": message}
    return {"state": old, "status": new}


def result_of(document: Mapping[str, Any]) -> str | None:
    """Return the result of a run or task that ended; None while it goes on."""
    found = document["state"]
    if found["life_cycle_state"] not in ENDED:
        return None
    return str(found.get("result_state") or "FAILED")


def upstream_result(run_if: str, results: Sequence[str]) -> str | None:
    """Decide by the results of its upstream tasks whether a task runs.

    Returns:
        None if it runs, else the result that it ends with.
    """
    bad = [result for result in results if result in _UNSUCCESSFUL]
    good = [result for result in results if result == "SUCCESS"]
    runs = {
        "ALL_SUCCESS": not bad,
        "ALL_DONE": True,
        "NONE_FAILED": not bad and (bool(good) or not results),
        "AT_LEAST_ONE_SUCCESS": bool(good),
        "ALL_FAILED": len(bad) == len(results),
        "AT_LEAST_ONE_FAILED": bool(bad),
    }[run_if]
    if runs:
        return None
    if run_if in {"ALL_FAILED", "AT_LEAST_ONE_FAILED"}:
        return "EXCLUDED"
    return "UPSTREAM_CANCELED" if bad and set(bad) <= _CANCELED else "UPSTREAM_FAILED"


def run_result(tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the state of a run whose tasks have all ended, with the words that the service uses."""
    results = {task["task_key"]: (result_of(task) or "FAILED", task) for task in tasks}
    depended_on = {other["task_key"] for task in tasks for other in task.get("depends_on", ())}
    leaves = [result for key, (result, _) in results.items() if key not in depended_on]
    failed = [(key, task) for key, (result, task) in results.items() if result in {"FAILED", "TIMEDOUT"}]
    if all(result in {"SUCCESS", "EXCLUDED"} for result in leaves):
        return state("TERMINATED", "SUCCESS_WITH_FAILURES" if failed else "SUCCESS")
    if failed:
        message = " ".join(
            f"Task {key} failed with message: {task['state']['state_message']}." for key, task in failed
        )
        skipped = any(result.startswith("UPSTREAM_") for result, _ in results.values())
        more = " This caused all downstream tasks to get skipped." if skipped else ""
        return state("INTERNAL_ERROR", "FAILED", message + more)
    return state("TERMINATED", "CANCELED", "Run cancelled.")
