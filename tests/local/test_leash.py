"""Processes on a leash, and MLflow's server as one of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from lakeplane.errors import SetupError
from lakeplane.layout import EnvironmentLayout
from lakeplane.local.leash import LeashedProcess
from lakeplane.local.mlflow_server import MlflowServer
from lakeplane.local.places import CloudPlaces

# Ignores what can be ignored, and has a child of its own in its group.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
CHILD = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(99)"
child = subprocess.Popen([sys.executable, "-c", CHILD])
print(child.pid, flush=True)
time.sleep(99)
"""

OWNER = """
import sys, time
from pathlib import Path
from lakeplane.local.leash import LeashedProcess
command = [sys.executable, "-c", sys.argv[1]]
process = LeashedProcess(command, environment={}, cwd=Path.cwd(), log=Path("log"), talk=True)
print(process.pid, process.output.readline().decode(), flush=True)
time.sleep(99)
"""


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if f"{pid} (" in (stat := Path(f"/proc/{pid}/stat").read_text()) and ") Z" in stat:
            return True
        time.sleep(0.02)
    return False


def _start(tmp_path: Path, program: str) -> LeashedProcess:
    command = [sys.executable, "-c", program]
    return LeashedProcess(command, environment={}, cwd=tmp_path, log=tmp_path / "log", talk=True)


def test_a_killed_owner_takes_the_whole_group_along(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, STUBBORN], cwd=tmp_path, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout
        guard, child = map(int, owner.stdout.readline().split())
        owner.kill()
    assert _gone(guard)
    assert _gone(child)


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    process = _start(tmp_path, STUBBORN)
    child = int(process.output.readline())
    process.stop(seconds=0.5)
    assert not process.alive
    assert _gone(child)
    process.stop()


def test_stop_lets_a_process_end_by_itself(tmp_path: Path) -> None:
    process = _start(
        tmp_path,
        "import signal, sys, time\n"
        "signal.signal(15, lambda *_: sys.exit(3))\nprint(1, flush=True)\ntime.sleep(99)",
    )
    process.output.readline()
    process.stop(seconds=10)
    assert process.process.returncode == 3


def test_a_process_talks_and_its_end_is_heard(tmp_path: Path) -> None:
    process = _start(tmp_path, "import sys\nprint(sys.stdin.readline().upper()); print('x', file=sys.stderr)")
    process.input.write(b"hello\n")
    process.input.flush()
    assert process.output.read().strip() == b"HELLO"
    assert process.process.wait(5) == 0
    assert (tmp_path / "log").read_text() == "x\n"
    process.stop()


def test_mlflow_serves_runs_and_artifacts_by_portable_addresses(tmp_path: Path) -> None:
    server = MlflowServer(CloudPlaces(EnvironmentLayout(tmp_path / "an environment")))
    server.start()
    try:
        assert server.wait_ready() == server.url
        first = server.url
        path = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default"
        with urllib.request.urlopen(server.url + path, timeout=30) as answer:
            experiment = json.load(answer)["experiment"]
        assert experiment["artifact_location"] == "mlflow-artifacts:/0"
        artifact = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/0/some/file.txt"
        with urllib.request.urlopen(
            urllib.request.Request(artifact, data=b"content", method="PUT"), timeout=30
        ) as answer:
            assert answer.status == 200
        assert [path.read_bytes() for path in tmp_path.rglob("file.txt")] == [b"content"]
        server.start()
        assert server.url == first
    finally:
        pid = server.pid
        server.stop()
    assert pid
    assert _gone(pid)


def test_a_server_that_ends_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    places = CloudPlaces(EnvironmentLayout(tmp_path))
    server = MlflowServer(places)
    server.start()
    try:
        assert server.pid
        os.killpg(server.pid, signal.SIGKILL)
        with pytest.raises(SetupError, match="LOC010"):
            server.wait_ready(10)
    finally:
        server.stop()
