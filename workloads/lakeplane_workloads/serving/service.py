"""Entry point `scoring-service`: serve one registered model version until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from lakeplane_workloads import registry
from lakeplane_workloads.forecasting.registered import ModelDamagedError, load_registered
from lakeplane_workloads.serving.app import Limits, create_app
from lakeplane_workloads.serving.model import ServedModel
from lakeplane_workloads.serving.sign_in import SignInError, sign_in

__all__ = ["main"]

_GRACE_SECONDS = 10


def main(argv: list[str] | None = None) -> None:
    """Serve from the command line; ends with 0 after SIGTERM or SIGINT, once open requests are answered."""
    arguments = _parse(argv)
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    try:
        sign_in(os.environ)
        reference = registry.ModelReference.parse(arguments.model)
        version = registry.resolve(MlflowClient(), arguments.model)
        model = ServedModel(load_registered(version))
    except (SignInError, registry.ModelReferenceError, ModelDamagedError, MlflowException) as error:
        sys.exit(f"scoring-service: {error}")
    limits = Limits(arguments.max_body_bytes, arguments.max_concurrency)
    try:
        listening = _listen(arguments.host, arguments.port)
    except OSError as error:
        sys.exit(
            f"scoring-service: cannot listen on {arguments.host} port {arguments.port}: {error.strerror}"
        )
    # The server's own handlers take over while it runs, then hand the signal on to these: it ends with 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    config = uvicorn.Config(
        create_app(model, reference.alias, limits),
        http="httptools",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _AnnouncingServer(
        config, listening, arguments.port_file, f"{version.name} version {version.version}"
    )
    try:
        asyncio.run(server.serve([listening]))
    finally:
        if arguments.port_file:
            arguments.port_file.unlink(missing_ok=True)


def _parse(argv: list[str] | None) -> argparse.Namespace:
    limits = Limits()
    parser = argparse.ArgumentParser(prog="scoring-service", description="Serve a registered load forecast.")
    parser.add_argument(
        "--model", required=True, help="catalog.schema.name@alias or catalog.schema.name/version"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; this machine only by default"
    )
    parser.add_argument("--port", type=int, default=8080, help="port to listen on; 0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="file to write the port to once the service answers")
    parser.add_argument("--max-body-bytes", type=int, default=limits.body_bytes)
    parser.add_argument("--max-concurrency", type=int, default=limits.concurrency)
    return parser.parse_args(argv)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, because asyncio turns off Nagle's algorithm only where it is: 40 ms an answer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit(0)


class _AnnouncingServer(uvicorn.Server):
    """A server that tells its port once it answers."""

    def __init__(
        self, config: uvicorn.Config, listening: socket.socket, port_file: Path | None, model: str
    ) -> None:
        super().__init__(config)
        self._listening = listening
        self._port_file = port_file
        self._model = model

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then write the port as a whole, so that no reader sees half of it."""
        await super().startup(sockets)
        host, port = self._listening.getsockname()[:2]
        if self._port_file is not None:
            draft = self._port_file.with_name(f"{self._port_file.name}.{os.getpid()}")
            draft.write_text(f"{port}\n", encoding="ascii")
            draft.replace(self._port_file)
        print(f"serving {self._model} at http://{host}:{port}", flush=True)  # noqa: T201 - the command's output


if __name__ == "__main__":
    main()
