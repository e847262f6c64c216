"""A running scoring service, started as users start it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakeplane_workloads.registry import RegisteredVersion

MAX_BODY_BYTES = 1 << 20
MAX_CONCURRENCY = 12


@dataclass(frozen=True)
class Service:
    """A scoring service as a child process."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def start_service(folder: Path, tracking_uri: str, model: str) -> Service:
    """Start a service and wait for its port."""
    port_file, log = folder / "port", folder / "service.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "lakeplane_workloads.serving.service", "--model", model, "--port", "0",
                "--port-file", str(port_file), "--max-body-bytes", str(MAX_BODY_BYTES),
                "--max-concurrency", str(MAX_CONCURRENCY),
            ],
            env={**os.environ, "MLFLOW_TRACKING_URI": tracking_uri},
            stdout=output,
            stderr=output,
        )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if port_file.exists():
            return Service(process, int(port_file.read_text()), log)
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError(f"the service did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def service(
    champion: RegisteredVersion, mlflow_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The service of the champion."""
    started = start_service(tmp_path_factory.mktemp("service"), mlflow_server, f"{champion.name}@champion")
    try:
        yield started
    finally:
        started.process.send_signal(signal.SIGTERM)
        started.process.wait(timeout=20)
