"""MLflow's own tracking server and model registry, as a child on loopback."""

from __future__ import annotations

import http.client
import os
import select
import socket
import sys
import threading
import time
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.local.leash import LeashedProcess
from lakeplane.local.mlflow_process import ARTIFACTS
from lakeplane.local.places import CloudPlaces

__all__ = ["MlflowServer"]

READY_SECONDS = 90.0
_LOOK_SECONDS = 0.5
HOST = "127.0.0.1"


class MlflowServer:
    """MLflow's server on sqlite, which hands artifacts through so that no client needs their paths.

    `mlflow server` would start MLflow twice (its command line, then uvicorn) and seven workers for jobs
    that nothing here uses; its application runs under uvicorn directly instead. The artifacts' addresses
    name neither a port nor a directory, so a moved project keeps its models.
    """

    def __init__(self, places: CloudPlaces) -> None:
        self._places = places
        self._process: LeashedProcess | None = None
        self._port = 0
        self._lock = threading.Lock()
        self._listening = False

    @property
    def url(self) -> str:
        """Address of the server; fixed from `start` or `listen` on, answering once `wait_ready` returned."""
        return f"http://{HOST}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Process id of the server's group, None before its start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the server without waiting for it; it takes seconds and may do so beside other work."""
        if self._listening or (self._process is not None and self._process.alive):
            return
        with self._bind() as listener:
            self._launch(listener)

    def listen(self) -> None:
        """Take an address, and start the server once somebody calls there, who is answered then."""
        listener = self._bind()
        self._listening = True
        threading.Thread(target=self._launch_for_caller, args=(listener,), daemon=True).start()

    def _bind(self) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, 0))
        self._port = int(listener.getsockname()[1])
        listener.listen(128)
        return listener

    def _launch_for_caller(self, listener: socket.socket) -> None:
        with listener:
            while self._listening:
                if not select.select([listener], [], [], _LOOK_SECONDS)[0]:
                    continue
                with self._lock:
                    try:
                        if self._listening:
                            self._launch(listener)
                    finally:
                        self._listening = False

    def _launch(self, listener: socket.socket) -> None:
        directory = self._places.layout.mlflow
        artifacts = directory / "artifacts"
        artifacts.mkdir(parents=True, exist_ok=True)
        # The server inherits the bound socket, so no other process can take the port in between.
        self._process = LeashedProcess(
            [
                *(sys.executable, "-m", "lakeplane.local.mlflow_process", str(self._database)),
                "mlflow.server.fastapi_app:app",
                *("--fd", str(listener.fileno()), "--workers", "1"),
                *("--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "60"),
            ],
            environment=self._environment(),
            cwd=directory,
            log=self._places.mlflow_log,
            pass_fds=(listener.fileno(),),
        )

    def wait_ready(self, seconds: float = READY_SECONDS) -> str:
        """Wait until the server answers, and return its address.

        Raises:
            SetupError: It ended, or did not answer within `seconds`; the end of its log is in the finding.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and (
            self._listening or (self._process is not None and self._process.alive)
        ):
            if self._healthy():  # whose call starts a server that waits for one
                return self.url
            time.sleep(0.05)
        log = self._places.mlflow_log
        tail = log.read_text(errors="replace")[-600:] if log.is_file() else ""
        raise SetupError(
            Diagnostic(
                code="LOC010",
                summary="the MLflow server does not answer",
                detail=f"after {seconds:.0f} s at most; its log ends: {tail.strip() or '(empty)'}",
                remedy=f"see {log}; a damaged {self._places.layout.mlflow} can be removed, with its models",
            )
        )

    def stop(self) -> None:
        """End the server and everything that it started; nobody's call starts it any more."""
        with self._lock:
            self._listening = False
            if self._process is not None:
                self._process.stop()
                self._process = None

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def _database(self) -> Path:
        return self._places.layout.mlflow.resolve() / "mlflow.sqlite"

    def _environment(self) -> dict[str, str]:
        directory = self._places.layout.mlflow.resolve()
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MLFLOW_", "_MLFLOW_", "DATABRICKS_", "PULUMI_", "ARM_"))
        }
        database = f"sqlite:///{self._database}"
        return inherited | {
            # What `mlflow server` tells its application by (MLflow 3.12, `mlflow.server`).
            "_MLFLOW_SERVER_FILE_STORE": database,
            "_MLFLOW_SERVER_REGISTRY_STORE": database,
            "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
            "_MLFLOW_SERVER_ARTIFACT_ROOT": ARTIFACTS,
            "_MLFLOW_SERVER_ARTIFACT_DESTINATION": (directory / "artifacts").as_uri(),
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            "GIT_PYTHON_REFRESH": "quiet",
        }
