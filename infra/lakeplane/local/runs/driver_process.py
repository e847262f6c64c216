"""The workspace's end of a driver: start it, give it work, end it."""

from __future__ import annotations

import json
import os
import queue
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lakeplane.local.leash import LeashedProcess
from lakeplane.local.places import CloudPlaces

__all__ = ["DriverEndedError", "DriverProcess", "remove_scratch"]

_SCRATCH = "driver-"

# What signs this process in elsewhere is none of a task's business.
_PRIVATE = ("ARM_", "AZURE_", "DATABRICKS_", "MLFLOW_", "PULUMI_", "AWS_", "GOOGLE_")


def remove_scratch(places: CloudPlaces) -> None:
    """Remove what drivers of a killed workspace left; none of them lives once another has its lock."""
    for directory in places.layout.cloud.glob(f"{_SCRATCH}*"):
        shutil.rmtree(directory, ignore_errors=True)


class DriverEndedError(Exception):
    """Raised when a driver ended while it had work: it crashed, or was stopped."""


class DriverProcess:
    """One driver; its requests are answered one after the other."""

    def __init__(self, places: CloudPlaces, log: Path, environment: Mapping[str, str]) -> None:
        """Start a driver that does nothing yet.

        Args:
            places: Files of the environment.
            log: What the driver and its JVM say outside of tasks.
            environment: Variables beside this process's own ones.
        """
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        places.layout.cloud.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=places.layout.cloud))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_PRIVATE)}
        self._process = LeashedProcess(
            [sys.executable, "-m", "lakeplane.local.driver", str(log.resolve())],
            environment={
                **inherited,
                "LAKEPLANE_VOLUMES_ROOT": str(places.volumes.resolve()),
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "PYSPARK_PYTHON": sys.executable,
                "PYTHONUNBUFFERED": "1",
                "SPARK_LOCAL_DIRS": str(self._scratch),
                "TZ": "UTC",
                **environment,
            },
            cwd=self._scratch,
            log=log,
            talk=True,
        )
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name=f"driver-{self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Process id of the driver's group."""
        return self._process.pid

    def request(self, request: Mapping[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            DriverEndedError: The driver ended before it answered.
            TimeoutError: It did not answer within `seconds`; it is of no use any more.
        """
        try:
            self._process.input.write(json.dumps(request).encode() + b"\n")
            self._process.input.flush()
        except (OSError, ValueError) as error:
            raise DriverEndedError from error
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if answer is None:
            raise DriverEndedError
        return answer

    def stop(self, seconds: float = 0) -> None:
        """End the driver with all that it started, and remove its scratch directory."""
        self._process.stop(seconds)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _listen(self) -> None:
        try:
            for line in self._process.output:
                self._answers.put(json.loads(line))
        except (OSError, ValueError):
            pass  # closed by `stop` while it was being read
        self._answers.put(None)
