"""Job runs through databricks-sdk: tasks in real driver processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import errors
from databricks.sdk.errors import InvalidParameterValue, ResourceDoesNotExist
from databricks.sdk.service.jobs import Run

from .conftest import Workspace, build_wheel, task


def _results(run: Run) -> dict[str, str]:
    found = {}
    for ended in run.tasks or []:
        assert ended.state
        assert ended.state.result_state
        found[ended.task_key] = ended.state.result_state.value
    return found


def _result(run: Run) -> str:
    assert run.state
    assert run.state.result_state
    return run.state.result_state.value


def test_tasks_get_their_parameters_and_leave_their_output(workspace: Workspace) -> None:
    job_id = workspace.job(
        101,
        [
            task(
                "first",
                "say",
                parameters=["{{job.parameters.day}}", "{{task.name}} of {{job.name}}", "{{x}}"],
            ),
            task("second", "say", "first", namedParameters={"run": "{{job.run_id}}", "job": "{{job.id}}"}),
            task("third", "leave", "second"),
            task("fourth", "plain", "third"),
        ],
        parameters=[{"name": "day", "default": "monday"}, {"name": "other", "default": "x"}],
    )
    run = workspace.run(job_id, job_parameters={"day": "friday"})
    assert _results(run) == dict.fromkeys(("first", "second", "third", "fourth"), "SUCCESS")
    assert _result(run) == "SUCCESS"
    logs = workspace.logs(run)
    assert logs["first"].splitlines() == ["told: friday first of job-101 {{x}}", "from a child", "bad"]
    assert f"--run={run.run_id}" in logs["second"]
    assert "--job=101" in logs["second"]
    assert "no entry point needed" in logs["fourth"]
    assert [(item.name, item.value) for item in run.job_parameters or []] == [
        ("day", "friday"),
        ("other", "x"),
    ]
    starts = [item.start_time or 0 for item in run.tasks or []]
    assert starts == sorted(starts)
    assert run.end_time
    assert run.end_time >= starts[-1]


def test_all_tasks_of_a_cluster_share_one_process_and_its_wheel(workspace: Workspace) -> None:
    job_id = workspace.job(102, [task("a", "where"), task("b", "where", "a")])
    a, b = workspace.logs(workspace.run(job_id)).values()
    assert a == b
    assert str(workspace.places.libraries) in a
    assert str(workspace.places.volumes) in a


def test_a_failure_is_told_and_skips_what_depends_on_it(workspace: Workspace) -> None:
    job_id = workspace.job(
        103,
        [
            task("bad", "fail"),
            task("after", "say", "bad"),
            task("later", "say", "after"),
            task("apart", "say"),
            task("clean", "say", "bad", runIf="ALL_DONE"),
        ],
    )
    run = workspace.run(job_id)
    assert _results(run) == {
        "bad": "FAILED",
        "after": "UPSTREAM_FAILED",
        "later": "UPSTREAM_FAILED",
        "apart": "SUCCESS",
        "clean": "SUCCESS",
    }
    assert _result(run) == "FAILED"
    assert run.state
    assert "Task bad failed" in (run.state.state_message or "")
    bad = next(item for item in run.tasks or [] if item.task_key == "bad")
    assert bad.run_id
    output = workspace.client.jobs.get_run_output(bad.run_id)
    assert output.error == "ValueError: the sky fell"
    assert 'raise ValueError("the sky fell")' in (output.error_trace or "")
    assert "Traceback" in (output.logs or "")


@pytest.mark.parametrize(
    ("entry_point", "error"),
    [
        ("leave_badly", "SystemExit: no more"),
        ("crash", "The driver ended unexpectedly"),
        ("gone", "AttributeError"),
    ],
)
def test_bad_ends_are_failures(workspace: Workspace, entry_point: str, error: str) -> None:
    run = workspace.run(workspace.job(104, [task("bad", entry_point), task("apart", "say")]))
    assert _results(run) == {"bad": "FAILED", "apart": "SUCCESS"}
    assert run.tasks
    assert run.tasks[0].run_id
    assert error in (workspace.client.jobs.get_run_output(run.tasks[0].run_id).error or "")


def test_a_task_that_takes_too_long_times_out(workspace: Workspace) -> None:
    job_id = workspace.job(
        105, [task("long", "sleep", parameters=["60"], timeoutSeconds=1), task("next", "say")]
    )
    run = workspace.run(job_id)
    assert _results(run) == {"long": "TIMEDOUT", "next": "SUCCESS"}


def test_a_run_that_takes_too_long_times_out(workspace: Workspace) -> None:
    job_id = workspace.job(106, [task("long", "sleep", parameters=["60"])], timeoutSeconds=2)
    assert _result(workspace.run(job_id)) == "TIMEDOUT"


def _await_log(workspace: Workspace, run_id: int, name: str) -> None:
    log = workspace.places.run_logs(run_id) / f"{name}.log"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (log.is_file() and log.read_text()):
        time.sleep(0.05)
    assert log.read_text()


def _children(pid: int) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(path.parent.name)
            found |= {child, *_children(child)}
    return found


def _gone(pids: set[int]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


def test_a_cancelled_run_ends_at_once_and_lets_the_next_one_start(workspace: Workspace) -> None:
    job_id = workspace.job(107, [task("long", "sleep", parameters=["60"]), task("next", "say", "long")])
    first = workspace.client.jobs.run_now(job_id).run_id
    second = workspace.client.jobs.run_now(job_id).run_id
    third = workspace.client.jobs.run_now(job_id).run_id
    _await_log(workspace, first, "long")
    queued = workspace.client.jobs.get_run(second)
    assert queued.state
    assert queued.state.life_cycle_state
    assert queued.state.life_cycle_state.value == "QUEUED"
    started = time.monotonic()
    workspace.client.jobs.cancel_run(third)
    workspace.client.jobs.cancel_run(first)
    run = workspace.wait(first)
    assert time.monotonic() - started < 5
    assert _result(run) == "CANCELED"
    assert set(_results(run).values()) == {"CANCELED"}
    _await_log(workspace, second, "long")
    workspace.client.jobs.cancel_all_runs(job_id=job_id)
    assert _result(workspace.wait(second)) == "CANCELED"
    assert _result(workspace.wait(third)) == "CANCELED"
    assert _gone(_children(workspace.process.pid))


def test_an_idempotency_token_starts_one_run(workspace: Workspace) -> None:
    job_id = workspace.job(108, [task("only", "say")])
    first: int = workspace.client.jobs.run_now(job_id, idempotency_token="abc").run_id
    assert workspace.client.jobs.run_now(job_id, idempotency_token="abc").run_id == first
    workspace.wait(first)
    assert [run.run_id for run in workspace.client.jobs.list_runs(job_id=job_id)] == [first]


def test_runs_are_listed_newest_first_in_pages(workspace: Workspace) -> None:
    job_id = workspace.job(109, [task("only", "leave")])
    ids = [workspace.run(job_id).run_id for _ in range(3)]
    listed = list(workspace.client.jobs.list_runs(job_id=job_id, limit=2, expand_tasks=True))
    assert [run.run_id for run in listed] == ids[::-1]
    assert listed[0].tasks
    assert list(workspace.client.jobs.list_runs(job_id=job_id, active_only=True)) == []


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [
        ({"numWorkers": 3}, "num_workers"),
        ({"nodeTypeId": "Standard_NC24ads_A100_v4", "numWorkers": 9}, "node_type_id"),
        ({"policyId": "GONE"}, "GONE"),
    ],
)
def test_run_now_refuses_a_cluster_against_its_policy(
    workspace: Workspace, cluster: dict[str, Any], reason: str
) -> None:
    job_id = workspace.job(110, [task("only", "say")], cluster=cluster)
    with pytest.raises(InvalidParameterValue, match=reason) as refused:
        workspace.client.jobs.run_now(job_id)
    if len(cluster) > 1:
        assert "num_workers" in str(refused.value)
    assert list(workspace.client.jobs.list_runs(job_id=job_id)) == []


def test_run_now_refuses_what_cannot_run_here(workspace: Workspace) -> None:
    client = workspace.client
    lacking = task("only", "say") | {
        "libraries": [{"pypi": {"package": "no-such-package==1"}}, {"whl": "/Volumes/a/b/c/d.whl"}]
    }
    with pytest.raises(InvalidParameterValue, match=r"no-such-package==1.*d\.whl"):
        client.jobs.run_now(workspace.job(111, [lacking]))
    with pytest.raises(InvalidParameterValue, match="dayz"):
        client.jobs.run_now(workspace.job(112, [task("only", "say")]), job_parameters={"dayz": "1"})
    notebook = {"taskKey": "n", "jobClusterKey": "main", "notebookTask": {"notebookPath": "/x"}}
    with pytest.raises(errors.NotImplemented, match="notebook_task"):
        client.jobs.run_now(workspace.job(113, [notebook]))
    with pytest.raises(InvalidParameterValue, match="a, b"):
        client.jobs.run_now(workspace.job(114, [task("a", "say", "b"), task("b", "say", "a")]))
    with pytest.raises(InvalidParameterValue, match="does not exist"):
        client.jobs.run_now(99999)
    with pytest.raises(ResourceDoesNotExist):
        client.jobs.get_run(99999)


def test_a_wheel_that_would_write_elsewhere_fails_the_run(workspace: Workspace) -> None:
    build_wheel(workspace.places.volumes / "test/ml/artifacts/evil.whl", {"../../escaped.py": "x"})
    evil = task("only", "say") | {"libraries": [{"whl": "/Volumes/test/ml/artifacts/evil.whl"}]}
    run = workspace.run(workspace.job(115, [evil]))
    assert _results(run) == {"only": "FAILED"}
    assert run.tasks
    assert run.tasks[0].state
    assert "unsafe" in (run.tasks[0].state.state_message or "")
    assert not list(workspace.places.layout.cloud.rglob("escaped.py"))


def test_a_killed_server_leaves_no_driver_and_the_next_one_closes_its_runs(new_workspace: Any) -> None:
    workspace = new_workspace()
    job_id = workspace.job(1, [task("long", "sleep", parameters=["60"])])
    run_id = workspace.client.jobs.run_now(job_id).run_id
    _await_log(workspace, run_id, "long")
    children = _children(workspace.process.pid)
    assert children
    os.kill(workspace.process.pid, signal.SIGKILL)
    workspace.process.wait()
    assert _gone(children)
    workspace.start()
    assert list(workspace.places.layout.cloud.glob("driver-*")) == []
    run = workspace.client.jobs.get_run(run_id)
    assert run.state
    assert run.state.life_cycle_state
    assert run.state.life_cycle_state.value == "INTERNAL_ERROR"
    assert _result(workspace.run(workspace.job(2, [task("only", "say")]))) == "SUCCESS"


@pytest.mark.spark
@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(("--mlflow",), id="cold", marks=pytest.mark.slow),
        pytest.param(("--mlflow", "--warm"), id="warm"),
    ],
)
def test_tasks_share_a_spark_session_on_the_deployed_schemas(
    new_workspace: Any, flags: tuple[str, ...]
) -> None:
    workspace = new_workspace(*flags)
    job_id = workspace.job(
        1, [task("a", "spark"), task("b", "spark", "a"), task("c", "sleep", "b", parameters=["60"])],
        cluster={"sparkConf": {"spark.sql.shuffle.partitions": "1"}},
    )  # fmt: skip
    run_id = workspace.client.jobs.run_now(job_id).run_id
    _await_log_slowly(workspace, run_id, "c")
    run = workspace.client.jobs.get_run(run_id)
    logs = workspace.logs(run)
    assert "test 5" in logs["a"]
    assert "test 10" in logs["b"]
    assert f"worker: {workspace.places.libraries}" in logs["a"]
    (table,) = workspace.client.tables.list(catalog_name="test", schema_name="silver")
    assert table.full_name == "test.silver.numbers"
    assert table.properties
    assert table.properties["numRows"] == "10"
    assert table.properties["delta.version"] == "2"
    assert table.storage_location == "abfss://silver@lake.dfs.core.windows.net/numbers"
    assert table.columns
    assert [column.type_text for column in table.columns] == ["bigint", "struct<a:int,b:array<string>>"]
    children = _children(workspace.process.pid)
    assert len(children) >= 5  # MLflow and its guard, the driver and its guard, the JVM
    os.kill(workspace.process.pid, signal.SIGKILL)
    workspace.process.wait()
    assert _gone(children)


def _await_log_slowly(workspace: Workspace, run_id: int, name: str) -> None:
    for _ in range(300):
        log = workspace.places.run_logs(run_id) / f"{name}.log"
        if log.is_file() and log.read_text():
            return
        run = workspace.client.jobs.get_run(run_id)
        assert run.state
        assert run.state.result_state is None, workspace.logs(run)
        time.sleep(0.5)
    raise AssertionError(workspace.logs(workspace.client.jobs.get_run(run_id)))
