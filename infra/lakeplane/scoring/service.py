"""The scoring service of the workloads, as a child process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import WorkloadError

__all__ = ["RunningService", "running_service"]

# Loading a model imports MLflow and its flavour, which takes seconds on a cold machine.
START_SECONDS = 90.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RunningService:
    """A scoring service that answers at `url`."""

    url: str
    process: subprocess.Popen[bytes]

    def wait(self) -> None:
        """Block until the service ends by itself or the user interrupts."""
        self.process.wait()


@contextmanager
def running_service(model: str, tracking_uri: str, logs: Path, *, port: int) -> Iterator[RunningService]:
    """Start the scoring service for `model` on loopback, wait until it is ready, and stop it at the end.

    Args:
        model: `catalog.schema.name@alias`.
        tracking_uri: MLflow server that holds the model.
        logs: Directory for the service's log.
        port: Loopback port; 0 lets the machine choose.

    Raises:
        WorkloadError: The service ended or did not become ready; the log's last lines are in the finding.
    """
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / "scoring-service.log"
    with tempfile.TemporaryDirectory() as directory, log.open("wb") as output:
        port_file = Path(directory) / "port"
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "lakeplane_workloads.serving.service"),
                *("--model", model, "--port", str(port), "--port-file", str(port_file)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "MLFLOW_TRACKING_URI": tracking_uri},
        )
        try:
            yield RunningService(_ready(process, port_file, log), process)
        finally:
            _stop(process)


def _ready(process: subprocess.Popen[bytes], port_file: Path, log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise WorkloadError(_not_started(f"it ended with code {process.returncode}", log))
        if port_file.is_file() and (text := port_file.read_text().strip()):
            url = f"http://127.0.0.1:{text}"
            if _answers(f"{url}/ping"):
                return url
        time.sleep(0.05)
    raise WorkloadError(_not_started(f"it was not ready after {START_SECONDS:.0f} s", log))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own http:// address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _not_started(why: str, log: Path) -> Diagnostic:
    tail = "\n  ".join(log.read_text(errors="replace").splitlines()[-5:])
    return Diagnostic(
        code="SRV001",
        summary="the scoring service did not start",
        detail=f"{why}; its last words:\n  {tail}",
        remedy=f"see {log}; a port in use needs another `--port`, a missing model a run of its training",
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
