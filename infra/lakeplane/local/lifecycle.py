"""Starting, finding and stopping the simulated cloud of an environment."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.file_locks import take
from lakeplane.layout import EnvironmentLayout, ProjectLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.startup import ANOTHER_SERVES, STAY, explain, read_failure
from lakeplane.local.users import alone, is_used, using

__all__ = [
    "CloudEndpoints",
    "check_unused",
    "find_cloud",
    "running_cloud",
    "start_cloud",
    "stop_cloud",
    "without_cloud",
]

START_SECONDS = 60.0
STOP_SECONDS = 20.0
ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class CloudEndpoints:
    """Where a live simulated cloud listens.

    Attributes:
        provider_ports: Loopback ports by provider.
        workspace_url: Address of the workspace's REST API.
        token: Bearer token that the API lets in.
        mlflow_url: Address of the MLflow server; empty for a command that wants none. It may still be
            starting, or wait for its first caller to start it.
        pid: The server's process id.
        stays: Whether it stays until it is stopped; else it ends with its last user.
    """

    provider_ports: Mapping[str, int]
    workspace_url: str
    token: str
    mlflow_url: str
    pid: int
    stays: bool


@contextmanager
def running_cloud(
    layout: EnvironmentLayout, *, project: ProjectLayout, mlflow: bool = True, warm: bool = False
) -> Iterator[CloudEndpoints]:
    """Use the environment's simulated cloud: a live one, else a new one, which ends with its last user.

    Args:
        layout: The environment's files.
        project: The project that the environment belongs to.
        mlflow: Whether the block needs MLflow; a live cloud starts it where it did not have to yet.
        warm: Start a driver ahead of the first job; for commands that will run one.

    Raises:
        SetupError: The cloud did not start.
    """
    flags = [*([] if mlflow else ["--no-mlflow"]), *(["--warm"] if warm else []), "--while-used"]
    places = CloudPlaces(layout)
    started: list[subprocess.Popen[bytes]] = []
    with ExitStack() as after, _using(places):
        after.callback(_see_off, places, started)
        cloud = _obtain(layout, project, started, flags)
        yield cloud if mlflow else replace(cloud, mlflow_url="")


def start_cloud(layout: EnvironmentLayout, *, project: ProjectLayout) -> CloudEndpoints:
    """Start the simulated cloud and leave it running; a live one stays from now on.

    Raises:
        SetupError: The cloud did not start.
    """
    started: list[subprocess.Popen[bytes]] = []
    with _using(CloudPlaces(layout)), ExitStack() as failed:
        failed.callback(_end, started)
        deadline = time.monotonic() + START_SECONDS
        cloud = _obtain(layout, project, started, [])
        while not cloud.stays and time.monotonic() < deadline:
            with suppress(ProcessLookupError):
                os.kill(cloud.pid, STAY)
            time.sleep(0.05)
            cloud = _obtain(layout, project, started, [])
        failed.pop_all()
    return cloud


def find_cloud(layout: EnvironmentLayout) -> CloudEndpoints | None:
    """Return where the environment's live simulated cloud listens, or None if there is none."""
    places = CloudPlaces(layout)
    try:
        found = json.loads(places.endpoints.read_text(encoding="utf-8"))
        endpoints = CloudEndpoints(token=places.token.read_text(encoding="utf-8").strip(), **found)
        os.kill(endpoints.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return endpoints if _answers(endpoints) else None


def stop_cloud(layout: EnvironmentLayout) -> bool:
    """Stop the environment's live simulated cloud; tell whether there was one."""
    live = find_cloud(layout)
    if live is None:
        return False
    os.kill(live.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if find_cloud(layout) is None and not _alive(live.pid):
            return True
        time.sleep(0.05)
    os.kill(live.pid, signal.SIGKILL)
    return True


def check_unused(layout: EnvironmentLayout) -> None:
    """Make sure that nobody uses the environment's simulated cloud; one that only stays is not used.

    Raises:
        SetupError: Somebody does; the finding says who.
    """
    with alone(CloudPlaces(layout), STOP_SECONDS):
        pass


@contextmanager
def without_cloud(layout: EnvironmentLayout) -> Iterator[None]:
    """Stop the environment's simulated cloud, and let none start while the block runs.

    Raises:
        SetupError: Others use it, or it does not end.
    """
    places = CloudPlaces(layout)
    with alone(places, STOP_SECONDS):
        stop_cloud(layout)
        deadline = time.monotonic() + STOP_SECONDS
        while (lock := take(places.lock)) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if lock is None:
            raise SetupError(
                Diagnostic(
                    code="LOC006",
                    summary="the simulated cloud does not end",
                    detail=f"it still holds {places.lock}",
                    remedy=f"end the process that {places.server_log} names, then run the command again",
                )
            )
        with lock:
            yield


@contextmanager
def _using(places: CloudPlaces) -> Iterator[None]:
    with ExitStack() as use:
        try:
            use.enter_context(using(places, START_SECONDS))
        except OSError as error:
            raise explain(error, places.layout.root) from error
        yield


def _obtain(
    layout: EnvironmentLayout,
    project: ProjectLayout,
    started: list[subprocess.Popen[bytes]],
    flags: Sequence[str],
) -> CloudEndpoints:
    """Return a live cloud; a server that has to be started for it is added to `started`."""
    deadline = time.monotonic() + START_SECONDS
    process: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        live = find_cloud(layout)
        if live is not None:
            return live
        status = None if process is None else process.poll()
        if process is None or status == ANOTHER_SERVES:
            # The other one is about to serve, which the next look finds, or about to end.
            process = _spawn(layout, project, flags)
            started.append(process)
        elif status is not None:
            break
        time.sleep(0.05)
    raise SetupError(_failure(CloudPlaces(layout).server_log, process.pid if process else 0))


def _spawn(
    layout: EnvironmentLayout, project: ProjectLayout, flags: Sequence[str]
) -> subprocess.Popen[bytes]:
    """Start a server; without `--while-used` it stays until it is stopped."""
    places = CloudPlaces(layout)
    try:
        places.server_log.parent.mkdir(parents=True, exist_ok=True)
        log = places.server_log.open("ab")
    except OSError as error:
        raise explain(error, layout.root) from error
    root = str(layout.root.resolve())
    command = [sys.executable, "-m", "lakeplane.local.server", "--root", root, *flags]
    with log:
        return subprocess.Popen(
            command,
            # As the engine starts providers: where the program lies, so that its relative paths hold.
            cwd=project.stacks if project.stacks.is_dir() else project.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _failure(log: Path, pid: int) -> Sequence[Diagnostic]:
    findings = read_failure(log, pid)
    if findings:
        return findings
    tail = log.read_text(errors="replace").strip().splitlines()[-1:] if log.is_file() else []
    return [
        Diagnostic(
            code="LOC002",
            summary="the simulated cloud did not start",
            detail=f"its log ends: {tail[0] if tail else '(empty)'}",
            remedy=f"see {log}; if another command of this environment is at work, wait for it to end",
        )
    ]


def _see_off(places: CloudPlaces, started: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait for the end of a server that nobody uses any more; its last user does, whoever started it."""
    deadline = time.monotonic() + STOP_SECONDS
    while (lock := take(places.lock)) is None:
        if _stays(places) or is_used(places):
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    if lock is not None:
        lock.close()
    _end(started, ask=lock is None)


def _end(started: Sequence[subprocess.Popen[bytes]], *, ask: bool = True) -> None:
    for process in started:
        if ask and process.poll() is None:
            process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _stays(places: CloudPlaces) -> bool:
    try:
        return bool(json.loads(places.endpoints.read_text(encoding="utf-8"))["stays"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _alive(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:  # a child of this very process has to be buried
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _answers(endpoints: CloudEndpoints) -> bool:
    """Ask who we are: only this environment's own server knows the token in its file."""
    connection = http.client.HTTPConnection(urlsplit(endpoints.workspace_url).netloc, timeout=ANSWER_SECONDS)
    try:
        connection.request(
            "GET", "/api/2.0/preview/scim/v2/Me", headers={"Authorization": f"Bearer {endpoints.token}"}
        )
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
