"""Starting, finding and stopping the simulated cloud of an environment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.layout import EnvironmentLayout, ProjectLayout
from lakeplane.local.places import CloudPlaces

__all__ = ["CloudEndpoints", "find_cloud", "running_cloud", "start_cloud", "stop_cloud"]

START_SECONDS = 60.0
STOP_SECONDS = 20.0


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
    layout: EnvironmentLayout, *, project: ProjectLayout, mlflow: bool = True
) -> Iterator[CloudEndpoints]:
    """Use the environment's simulated cloud: a live one as it is, else one that ends with this block.

    Args:
        layout: The environment's files.
        project: The project that the environment belongs to.
        mlflow: Start the MLflow server too.

    Raises:
        SetupError: The cloud did not start.
    """
    live = find_cloud(layout)
    if live is not None:
        yield live
        return
    process = _spawn(layout, project, mlflow=mlflow, daemon=False)
    try:
        yield _wait(layout, process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        _end(process)


def start_cloud(layout: EnvironmentLayout, *, project: ProjectLayout) -> CloudEndpoints:
    """Start the simulated cloud and leave it running; a live one is returned as it is.

    Raises:
        SetupError: The cloud did not start.
    """
    live = find_cloud(layout)
    if live is not None:
        return live
    return _wait(layout, _spawn(layout, project, mlflow=True, daemon=True))


def find_cloud(layout: EnvironmentLayout) -> CloudEndpoints | None:
    """Return where the environment's live simulated cloud listens, or None if there is none."""
    places = CloudPlaces(layout)
    try:
        found = json.loads(places.endpoints.read_text(encoding="utf-8"))
        endpoints = CloudEndpoints(token=places.token.read_text(encoding="utf-8").strip(), **found)
        os.kill(endpoints.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return endpoints if _listens(endpoints.workspace_url) else None


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


def _spawn(
    layout: EnvironmentLayout, project: ProjectLayout, *, mlflow: bool, daemon: bool
) -> subprocess.Popen[bytes]:
    places = CloudPlaces(layout)
    places.server_log.parent.mkdir(parents=True, exist_ok=True)
    places.endpoints.unlink(missing_ok=True)
    command = [sys.executable, "-m", "lakeplane.local.server", "--root", str(layout.root)]
    command += [] if mlflow else ["--no-mlflow"]
    command += [] if daemon else ["--watch-stdin"]
    with places.server_log.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=project.root,
            stdin=subprocess.DEVNULL if daemon else subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait(layout: EnvironmentLayout, process: subprocess.Popen[bytes]) -> CloudEndpoints:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        live = find_cloud(layout)
        if live is not None:
            return live
        time.sleep(0.05)
    if process.poll() is None:
        process.kill()
    log = CloudPlaces(layout).server_log
    tail = log.read_text(errors="replace").strip().splitlines()[-1:] if log.is_file() else []
    raise SetupError(
        Diagnostic(
            code="LOC002",
            summary="the simulated cloud did not start",
            detail=f"its log ends: {tail[0] if tail else '(empty)'}",
            remedy=f"see {log}; if another command of this environment is at work, wait for it to end",
        )
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2):
            return True
    except OSError:
        return False
