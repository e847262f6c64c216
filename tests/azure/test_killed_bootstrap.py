"""A bootstrap that is killed, before and after any of its writes: the next run finishes it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_arm import FakeArm
from services import Recorded, playing_back

from lakeplane.planning import plan_environment
from lakeplane.spec import load_spec

PROCESS = Path(__file__).with_name("bootstrap_process.py")
SPEC = """\
name: dev
organisation: contoso
region: westeurope
owner: data-platform@contoso.example
cost_centre: "4711"
subscription: de000000-0000-4000-8000-000000000001
tenant: de000000-0000-4000-8000-000000000002
tier: dev
access: {mode: allow_list, addresses: [203.0.113.7]}
pipelines:
  preview: ["repo:contoso/platform:pull_request"]
  apply: ["repo:contoso/platform:environment:dev"]
"""


def run(arm: FakeArm, url: str, spec: Path, kill_at: int | None) -> tuple[int, list[str]]:
    arm.writes, arm.kill = 0, None
    process = subprocess.Popen(
        [sys.executable, str(PROCESS), str(spec), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if kill_at is not None:
        arm.kill = (process.pid, kill_at)
    try:
        out, _ = process.communicate("\n", timeout=60)
    finally:
        process.kill()
    return process.returncode, json.loads(out) if out else []


@pytest.mark.parametrize("after", [True, False], ids=["after each write", "before each write"])
def test_killed_run_is_finished_by_a_later_one(after: bool, tmp_path: Path) -> None:
    spec = tmp_path / "dev.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    arm = FakeArm()
    arm.has(plan_environment(load_spec(spec)).resource_group_id)
    kills = 0
    with playing_back(Recorded(handler=arm.handle)) as server:
        arm.url = server.url
        # Registrations are begun first, and counted as one: what follows is killed ever more often.
        for kill_at in (3, 16, 4, 4, 5, 5, 6):
            returned, _ = run(arm, server.url, spec, kill_at if after else -kill_at)
            if returned == 0:
                break
            assert returned == -signal.SIGKILL
            kills += 1
        returned, statuses = run(arm, server.url, spec, None)
        assert returned == 0
        assert set(statuses) <= {"created", "unchanged"}
        returned, statuses = run(arm, server.url, spec, None)
        assert set(statuses) == {"unchanged"}
    assert kills >= 4
    assert len(arm.of("assignment")) == 9
    assert len(arm.of("identity")) == len(arm.of("credential")) == 2
