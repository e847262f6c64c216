"""The server as a process: found, shared, ended with its owner, and honest about why it cannot start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config

from lakeplane.errors import SetupError
from lakeplane.layout import ProjectLayout
from lakeplane.local.lifecycle import (
    CloudEndpoints,
    check_unused,
    find_cloud,
    running_cloud,
    start_cloud,
    stop_cloud,
    without_cloud,
)
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resources
from lakeplane.local.store import Store

OWNER = """
import sys, time
from pathlib import Path
from lakeplane.layout import ProjectLayout
from lakeplane.local.lifecycle import running_cloud

project = ProjectLayout(Path(sys.argv[1]))
with running_cloud(project.environment("test"), project=project, mlflow="mlflow" in sys.argv) as cloud:
    print(cloud.pid, flush=True)
    sys.stdin.read()
"""

WRITER = """
import sys
from pathlib import Path
from lakeplane.local.resources import Resources
from lakeplane.local.store import Store

store = Store(Path(sys.argv[1]))
resources = Resources(store)
for number in range(1_000_000):
    with store.transaction():
        for half in ("a", "b"):
            resources.put("t", f"{number}{half}", urn="u", parent="", inputs={"n": number}, outputs={})
    print(number, flush=True)
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectLayout:
    (tmp_path / "stacks").mkdir()
    return ProjectLayout(tmp_path)


def _processes_of(root: Path) -> list[str]:
    """Return the command lines of live processes that work on files below `root`."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((process / "cwd").readlink())
        except OSError:
            continue
        if process.name.isdigit() and process.name != str(os.getpid()) and (str(root) in command + place):
            found.append(command)
    return found


def _until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


@contextmanager
def _other_command(project: ProjectLayout, *flags: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Let another process use the cloud until its standard input closes; yield it and the server's pid."""
    command = [sys.executable, "-c", OWNER, str(project.root), *flags]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout
            yield other, int(other.stdout.readline())
        finally:
            other.kill()


def _client(cloud: CloudEndpoints) -> WorkspaceClient:
    return WorkspaceClient(config=Config(host=cloud.workspace_url, token=cloud.token, auth_type="pat"))


def test_a_cloud_serves_while_its_block_runs_and_leaves_nothing(project: ProjectLayout) -> None:
    layout = project.environment("test")
    assert find_cloud(layout) is None
    with running_cloud(layout, project=project, mlflow=False) as cloud:
        assert find_cloud(layout) == replace(cloud, mlflow_url=ANY)
        assert set(cloud.provider_ports) == {"azure-native", "databricks", "kubernetes"}
        assert _client(cloud).current_user.me().user_name
        for secret in (CloudPlaces(layout).token, CloudPlaces(layout).endpoints, CloudPlaces(layout).store):
            assert secret.stat().st_mode & 0o077 == 0, secret
        with running_cloud(layout, project=project, mlflow=False) as same:
            assert same == cloud
        assert find_cloud(layout) is not None, "it ends with its last user"
    assert find_cloud(layout) is None
    assert not _processes_of(project.root)


def test_two_commands_that_start_at_once_share_one_cloud(project: ProjectLayout) -> None:
    pids: list[int] = []
    together = threading.Barrier(2)

    def use() -> None:
        with running_cloud(project.environment("test"), project=project, mlflow=False) as cloud:
            pids.append(cloud.pid)
            together.wait(60)

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert len(pids) == 2
    assert len(set(pids)) == 1
    assert not _processes_of(project.root)


@pytest.mark.parametrize("end", ["by itself", "killed"])
def test_a_cloud_outlives_the_command_that_started_it_while_others_use_it(
    project: ProjectLayout, end: str
) -> None:
    layout = project.environment("test")
    with _other_command(project) as (owner, server):
        with running_cloud(layout, project=project, mlflow=False) as cloud:
            assert cloud.pid == server
            if end == "killed":
                owner.kill()
                owner.wait()
            else:
                assert owner.stdin
                owner.stdin.close()
                assert owner.wait(20) == 0
            time.sleep(0.5)
            assert _client(cloud).current_user.me().user_name
            assert find_cloud(layout) is not None
        assert find_cloud(layout) is None
    assert _until(lambda: not _processes_of(project.root))


def test_a_cloud_without_mlflow_starts_it_for_the_first_that_calls(project: ProjectLayout) -> None:
    layout = project.environment("test")
    with running_cloud(layout, project=project, mlflow=False) as first:
        assert first.mlflow_url == ""
        assert not [line for line in _processes_of(project.root) if "mlflow_process" in line]
        with running_cloud(layout, project=project) as second:
            assert second.pid == first.pid
            with urllib.request.urlopen(f"{second.mlflow_url}/health", timeout=90) as answer:
                assert answer.status == 200
        assert [line for line in _processes_of(project.root) if "mlflow_process" in line]
    assert not _processes_of(project.root)


def test_a_command_s_cloud_stays_once_it_was_asked_to(project: ProjectLayout) -> None:
    layout = project.environment("test")
    try:
        with running_cloud(layout, project=project, mlflow=False) as cloud:
            assert not cloud.stays
            started = start_cloud(layout, project=project)
            assert (started.pid, started.stays) == (cloud.pid, True)
        time.sleep(0.5)
        assert find_cloud(layout) == started
    finally:
        assert stop_cloud(layout)
    assert _until(lambda: not _processes_of(project.root))


def test_a_cloud_is_not_taken_from_under_its_users(project: ProjectLayout) -> None:
    layout = project.environment("test")
    with _other_command(project) as (owner, server):
        for refused in (lambda: check_unused(layout), without_cloud(layout).__enter__):
            with pytest.raises(SetupError) as caught:
                refused()
            (finding,) = caught.value.findings
            assert finding.code == "LOC004"
            assert f"process {owner.pid} " in finding.detail
        live = find_cloud(layout)
        assert live
        assert live.pid == server
    check_unused(layout)


def test_no_cloud_lives_or_starts_while_its_files_go(project: ProjectLayout) -> None:
    layout = project.environment("test")
    daemon = start_cloud(layout, project=project)
    check_unused(layout)
    together: list[int] = []

    def use() -> None:
        with running_cloud(layout, project=project, mlflow=False) as cloud:
            together.append(cloud.pid)

    other = threading.Thread(target=use)
    with without_cloud(layout):
        assert not _processes_of(project.root)
        other.start()
        other.join(1)
        assert together == []
        for path in (CloudPlaces(layout).users, CloudPlaces(layout).lock):
            path.unlink()  # as their removal does; the next command makes new ones
    other.join(60)
    assert together
    assert together != [daemon.pid]
    assert not _processes_of(project.root)


def test_a_daemon_stays_until_it_is_stopped_and_remembers(project: ProjectLayout) -> None:
    layout = project.environment("test")
    cloud = start_cloud(layout, project=project)
    try:
        assert start_cloud(layout, project=project) == cloud
        token = cloud.token
    finally:
        assert stop_cloud(layout)
    assert not stop_cloud(layout)
    assert _until(lambda: not _processes_of(project.root))
    assert CloudPlaces(layout).token.read_text().strip() == token


@pytest.mark.parametrize("victim", ["owner", "server"])
def test_a_kill_leaves_no_process(project: ProjectLayout, victim: str) -> None:
    with _other_command(project, "mlflow") as (owner, server):
        assert len(_processes_of(project.root)) >= 3, "owner, server, MLflow"
        os.kill(owner.pid if victim == "owner" else server, signal.SIGKILL)
        others = [] if victim == "owner" else [OWNER[:20]]
        assert _until(lambda: all(any(o in line for o in others) for line in _processes_of(project.root)))
    # What the killed one left does not stop the next.
    with running_cloud(project.environment("test"), project=project, mlflow=False) as cloud:
        assert cloud.pid != server


def test_a_foreign_process_on_the_port_is_not_taken_for_the_cloud(project: ProjectLayout) -> None:
    layout = project.environment("test")
    with running_cloud(layout, project=project, mlflow=False):
        endpoints = CloudPlaces(layout).endpoints.read_text()
        CloudPlaces(layout).token.write_text("of another cloud")
        assert find_cloud(layout) is None
    CloudPlaces(layout).endpoints.write_text(endpoints)
    assert find_cloud(layout) is None


def test_a_store_that_cannot_be_read_is_told_with_its_remedy(project: ProjectLayout) -> None:
    layout = project.environment("test")
    layout.cloud.mkdir(parents=True)
    CloudPlaces(layout).store.write_bytes(b"this is no database, " * 500)
    with pytest.raises(SetupError) as caught, running_cloud(layout, project=project, mlflow=False):
        pass
    (finding,) = caught.value.findings
    assert finding.code == "LOC001"
    assert "not a database" in finding.detail
    assert str(layout.root.resolve()) in finding.remedy
    assert not _processes_of(project.root)


def test_a_place_that_cannot_be_written_to_is_told_with_its_remedy(project: ProjectLayout) -> None:
    layout = project.environment("test")
    layout.root.parent.mkdir(parents=True)
    layout.root.write_text("a file in the way")
    with pytest.raises(SetupError) as caught, running_cloud(layout, project=project, mlflow=False):
        pass
    (finding,) = caught.value.findings
    assert finding.code == "LOC003"
    assert str(layout.root) in finding.detail


def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path) -> None:
    path = tmp_path / "cloud" / "store.sqlite"
    for _ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout
        for _ in range(20):
            last = int(writer.stdout.readline())
        writer.kill()
        last = max([last, *(int(line) for line in writer.stdout.read().split(b"\n")[:-1])])
        writer.wait()
        writer.stdout.close()
        store = Store(path)
        names = {resource.id for resource in Resources(store).all()}
        assert store.query("PRAGMA integrity_check")[0][0] == "ok"
        store.close()
        assert {f"{number}{half}" for number in range(last + 1) for half in "ab"} <= names
        assert {name[:-1] + "a" for name in names} == {name[:-1] + "a" for name in names if name[-1] == "b"}
