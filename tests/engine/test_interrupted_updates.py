"""Updates that are killed, and updates that meet."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from lakeplane.errors import EngineError, StackLockedError

from .conftest import STACK, Probe, Tiny

pytestmark = pytest.mark.engine

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


def test_engine_names_the_owner_of_a_lock(tiny: Tiny, probe: Probe, in_background: Background) -> None:
    update, owner = _begin(tiny, probe, in_background)
    with pytest.raises(StackLockedError) as failure:
        tiny.engine().up(STACK)
    (finding,) = failure.value.findings
    assert finding.code == "ENG001"
    assert f"pid {owner}" in finding.detail
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


def test_engine_leaves_the_lock_of_another_machine_alone(tiny: Tiny) -> None:
    tiny.engine().up(STACK)
    lock = tiny.backend / "locks" / "organization" / "tiny" / STACK / "7d7c5f0c.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(
        json.dumps(
            {
                "pid": 2**22 + 1,
                "username": "ada",
                "hostname": "another-machine",
                "timestamp": "2026-01-01T00:00:00Z",
            }
        )
    )
    with pytest.raises(StackLockedError) as failure:
        tiny.engine().up(STACK)
    assert "ada@another-machine" in failure.value.findings[0].detail
    assert lock.exists()
