"""Updates that are killed, and updates that meet."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from lakeplane.errors import EngineError, StackLockedError

from .conftest import STACK, Probe, Tiny

pytestmark = pytest.mark.engine

HOST = socket.gethostname()

Background = Callable[[Callable[[], object]], "Future[object]"]


def _begin(tiny: Tiny, probe: Probe, in_background: Background) -> tuple[Future[object], int]:
    """Start an update that hangs in its provider; return it and the process that holds the stack."""
    update = in_background(lambda: tiny.engine().up(STACK))
    deadline = time.monotonic() + 60
    while not probe.asked.wait(0.1):
        if update.done():
            update.result()
        assert time.monotonic() < deadline, "the provider was never asked"
    (lock,) = tiny.locks()
    return update, int(json.loads(lock.read_text())["pid"])


def test_an_update_names_the_other_one_at_work(tiny: Tiny, probe: Probe, in_background: Background) -> None:
    update, _ = _begin(tiny, probe, in_background)
    with pytest.raises(StackLockedError) as failure:
        tiny.engine().up(STACK)
    (finding,) = failure.value.findings
    assert finding.code == "ENG001"
    assert f"process {os.getpid()} of {HOST}" in finding.detail
    assert "since 20" in finding.detail
    probe.let_go.set()
    update.result(60)
    assert tiny.locks() == []


@pytest.mark.filterwarnings("ignore:Error in event stream")  # the killed CLI's log ends in mid-line
def test_engine_goes_on_where_a_killed_update_stopped(
    tiny: Tiny, probe: Probe, in_background: Background
) -> None:
    update, owner = _begin(tiny, probe, in_background)
    os.kill(owner, signal.SIGKILL)
    with pytest.raises(EngineError):
        update.result(60)
    assert tiny.processes() == [], "the language host of a killed update"
    assert len(tiny.locks()) == 1, "a killed update leaves its lock"
    assert json.loads(tiny.state.read_text())["checkpoint"]["latest"]["pending_operations"]

    probe.let_go.set()
    said: list[str] = []
    tiny.engine().up(STACK, said.append)
    assert said[:2] == [
        "release the lock of an update that was killed",
        "forget operations that a killed update had begun",
    ]
    latest = json.loads(tiny.state.read_text())["checkpoint"]["latest"]
    assert not latest.get("pending_operations")
    assert [resource["type"] for resource in latest["resources"]].count("probe:index:Probe") == 1
    assert tiny.engine().destroy(STACK).changes["delete"] == 2


def test_engine_goes_on_where_the_state_s_attributes_were_being_written(tiny: Tiny) -> None:
    tiny.engine().up(STACK)
    tiny.state.with_name(f"{tiny.state.name}.attrs").write_text("")
    assert tiny.engine().outputs(STACK)["answer"] == 42
    assert set(tiny.engine().up(STACK).changes) == {"same"}


def _leave_lock(tiny: Tiny, pid: int, hostname: str) -> Path:
    lock = tiny.backend / "locks" / "organization" / "tiny" / STACK / "7d7c5f0c.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    owner = {"pid": pid, "username": "ada", "hostname": hostname, "timestamp": "2026-01-01T00:00:00Z"}
    lock.write_text(json.dumps(owner))
    return lock


@pytest.mark.parametrize(
    ("host", "update"),
    [
        ("another container", "second"),
        pytest.param("another container", "first", marks=pytest.mark.slow),
        pytest.param("this one", "first", marks=pytest.mark.slow),
        pytest.param("this one", "second", marks=pytest.mark.slow),
    ],
)
def test_a_lock_left_in_a_container_that_was_started_anew_holds_nobody_up(
    tiny: Tiny, host: str, update: str
) -> None:
    if update == "second":
        tiny.engine().up(STACK)
    # The process id is somebody's: in a new container small numbers are used again at once.
    lock = _leave_lock(tiny, os.getpid(), "4b1d0c0ffee0" if host == "another container" else HOST)
    said: list[str] = []
    tiny.engine().up(STACK, said.append)
    assert said[0] == "release the lock of an update that was killed"
    assert not lock.exists()


def test_the_lock_of_a_plain_pulumi_that_is_at_work_stays(tiny: Tiny) -> None:
    tiny.engine().up(STACK)
    # A process of that name, which is all that is known of a process from outside.
    program = shutil.copy(shutil.which("sleep") or "sleep", tiny.layout.root / "pulumi")
    with subprocess.Popen([program, "60"]) as pulumi:
        try:
            lock = _leave_lock(tiny, pulumi.pid, HOST)
            with pytest.raises(StackLockedError) as failure:
                tiny.engine().up(STACK)
            assert f"ada@{HOST} (pid {pulumi.pid})" in failure.value.findings[0].detail
            assert lock.exists()
        finally:
            pulumi.kill()
    assert set(tiny.engine().up(STACK).changes) == {"same"}


HOLDER = """
import sys, time
from pathlib import Path
from lakeplane.engine.locks import working_on

with working_on(Path(sys.argv[1]), sys.argv[2]):
    print("at work", flush=True)
    time.sleep(600)
"""


def test_a_killed_lakeplane_holds_nobody_up(tiny: Tiny) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tiny.backend), STACK], stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == b"at work\n"
            with pytest.raises(StackLockedError) as failure:
                tiny.engine().up(STACK)
            assert f"process {holder.pid} " in failure.value.findings[0].detail
        finally:
            holder.kill()
    tiny.engine().up(STACK)


def test_looking_is_not_held_up_by_a_lock(tiny: Tiny) -> None:
    tiny.engine().up(STACK)
    lock = _leave_lock(tiny, os.getpid(), "4b1d0c0ffee0")
    assert set(tiny.engine().preview(STACK).changes) == {"same"}
    assert tiny.engine().export(STACK)["deployment"]["resources"]
    assert tiny.engine().drift(STACK) == ()
    assert lock.exists()
