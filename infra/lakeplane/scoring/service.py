"""The scoring service of the workloads, as a child process that ends with this one."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlflow import MlflowClient

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import WorkloadError
from lakeplane.local.leash import LeashedProcess
from lakeplane.scoring.champion import find_no_champion, no_champion_finding
from lakeplane_workloads.registry import CHAMPION

__all__ = ["RunningService", "running_service"]

# Loading a model imports MLflow and its flavour, which takes seconds on a cold machine.
START_SECONDS = 90.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RunningService:
    """A scoring service that answers at `url`, and writes to `log`."""

    url: str
    process: LeashedProcess
    log: Path

    def wait(self) -> None:
        """Block until the service ends by itself or the user interrupts.

        Raises:
            WorkloadError: It failed; the log's last lines are in the finding.
        """
        if code := self.process.process.wait():
            raise WorkloadError(_broke_off(code, self.log))


@contextmanager
def running_service(model: str, tracking_uri: str, logs: Path, *, port: int) -> Iterator[RunningService]:
    """Start the scoring service for `model` on loopback, wait until it is ready, and stop it at the end.

    Args:
        model: `catalog.schema.name@alias`.
        tracking_uri: MLflow server that holds the model.
        logs: Directory for the service's log.
        port: Loopback port; 0 lets the machine choose.

    Raises:
        WorkloadError: The service ended or did not become ready; the log's last lines are in the finding, or
            the promotion gate's reason where it is the champion that is missing.
    """
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / "scoring-service.log"
    log.write_bytes(b"")
    with tempfile.TemporaryDirectory() as directory:
        port_file = Path(directory) / "port"
        process = LeashedProcess(
            [
                *(sys.executable, "-m", "lakeplane_workloads.serving.service"),
                *("--model", model, "--port", str(port), "--port-file", str(port_file)),
            ],
            environment={**os.environ, "MLFLOW_TRACKING_URI": tracking_uri},
            cwd=Path.cwd(),
            log=log,
        )
        try:
            yield RunningService(_ready(process, port_file, log, model, tracking_uri), process, log)
        finally:
            process.stop(STOP_SECONDS)


def _ready(process: LeashedProcess, port_file: Path, log: Path, model: str, tracking_uri: str) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not process.alive:
            raise WorkloadError(
                _without_champion(model, tracking_uri)
                or _not_started(f"it ended with code {process.process.returncode}", log)
            )
        if port_file.is_file() and (text := port_file.read_text().strip()):
            url = f"http://127.0.0.1:{text}"
            if _answers(f"{url}/ping"):
                return url
        time.sleep(0.05)
    raise WorkloadError(_not_started(f"it was not ready after {START_SECONDS:.0f} s", log))


def _without_champion(model: str, tracking_uri: str) -> Diagnostic | None:
    """Say why there is no champion, if that is what was to be served and what is missing."""
    name, _, alias = model.partition("@")
    if alias != CHAMPION:
        return None
    absent = find_no_champion(MlflowClient(tracking_uri), name)
    return None if absent is None else no_champion_finding(absent)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own http:// address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _not_started(why: str, log: Path) -> Diagnostic:
    return Diagnostic(
        code="SRV001",
        summary="the scoring service did not start",
        detail=_with_last_words(why, log),
        remedy=f"see {log}; a port in use needs another `--port`, a missing model a run of its training",
    )


def _broke_off(code: int, log: Path) -> Diagnostic:
    # The guard of the leash tells a signal as shells do; its own is told by a negative code.
    number = -code if code < 0 else code - 128
    how = f"it was ended by signal {number}" if number > 0 else f"it ended with code {code}"
    return Diagnostic(
        code="SRV004",
        summary="the scoring service broke off",
        detail=_with_last_words(how, log),
        remedy=f"see {log}, then start it again",
    )


def _with_last_words(why: str, log: Path) -> str:
    tail = "\n  ".join(log.read_text(errors="replace").splitlines()[-5:])
    return f"{why}; its last words:\n  {tail or '(none)'}"
