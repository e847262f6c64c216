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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.layout import EnvironmentLayout, ProjectLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.startup import ANOTHER_SERVES, explain, read_failure

__all__ = ["CloudEndpoints", "find_cloud", "running_cloud", "start_cloud", "stop_cloud"]

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
        mlflow_url: Address of the MLflow server; empty where it was left out. It may still be starting.
        pid: The server's process id.
    """

    provider_ports: Mapping[str, int]
    workspace_url: str
    token: str
    mlflow_url: str
    pid: int


@contextmanager
def running_cloud(
    layout: EnvironmentLayout, *, project: ProjectLayout, mlflow: bool = True, warm: bool = False
) -> Iterator[CloudEndpoints]:
    """Use the environment's simulated cloud: a live one as it is, else one that ends with this block.

    Args:
        layout: The environment's files.
        project: The project that the environment belongs to.
        mlflow: Start the MLflow server too.
        warm: Start a driver ahead of the first job; for commands that will run one.

    Raises:
        SetupError: The cloud did not start.
    """
    flags = [*([] if mlflow else ["--no-mlflow"]), *(["--warm"] if warm else []), "--watch-stdin"]
    with ExitStack() as started:
        yield _obtain(layout, project, started, flags)


def start_cloud(layout: EnvironmentLayout, *, project: ProjectLayout) -> CloudEndpoints:
    """Start the simulated cloud and leave it running; a live one is returned as it is.

    Raises:
        SetupError: The cloud did not start.
    """
    with ExitStack() as started:
        endpoints = _obtain(layout, project, started, [])
        started.pop_all()
    return endpoints


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


def _obtain(
    layout: EnvironmentLayout, project: ProjectLayout, started: ExitStack, flags: Sequence[str]
) -> CloudEndpoints:
    """Return a live cloud; a server that has to be started for it ends with `started`."""
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
            started.callback(_end, process)
        elif status is not None:
            break
        time.sleep(0.05)
    raise SetupError(_failure(CloudPlaces(layout).server_log, process.pid if process else 0))


def _spawn(
    layout: EnvironmentLayout, project: ProjectLayout, flags: Sequence[str]
) -> subprocess.Popen[bytes]:
    """Start a server; without `--watch-stdin` it outlives this process."""
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
            stdin=subprocess.PIPE if "--watch-stdin" in flags else subprocess.DEVNULL,
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


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    elif process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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
