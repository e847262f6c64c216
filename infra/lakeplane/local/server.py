"""The simulated cloud as one process: providers, the workspace's REST API, and MLflow beside them."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import uvicorn
from pulumi.runtime.proto import provider_pb2_grpc

from lakeplane.errors import PlatformError
from lakeplane.layout import EnvironmentLayout
from lakeplane.local.mlflow_server import MlflowServer
from lakeplane.local.places import CloudPlaces
from lakeplane.local.provider import SimulatedProvider
from lakeplane.local.rest import create_app
from lakeplane.local.runs import RunService
from lakeplane.local.simulators.registry import PROVIDERS
from lakeplane.local.startup import ANOTHER_SERVES, explain, report_failure
from lakeplane.local.store import Store

__all__ = ["main"]

_LOG = logging.getLogger(__name__)
HOST = "127.0.0.1"
END_SECONDS = 15.0
# The engine's own limit; a message of it must not be refused here.
_MESSAGE_BYTES = 400 * 1024 * 1024


def main(argv: list[str] | None = None) -> int:
    """Serve one environment's simulated cloud until a signal, or until the owner's pipe closes."""
    parser = argparse.ArgumentParser(prog="lakeplane.local.server", description=main.__doc__)
    parser.add_argument("--root", required=True, type=Path, help="the environment's files")
    parser.add_argument("--no-mlflow", action="store_true", help="leave the MLflow server out")
    parser.add_argument("--warm", action="store_true", help="start a driver ahead of the first job")
    parser.add_argument("--watch-stdin", action="store_true", help="end when standard input closes")
    given = parser.parse_args(argv)
    places = CloudPlaces(EnvironmentLayout(given.root))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        with _only_one(places) as alone:
            if not alone:
                _LOG.error("another server holds %s", places.lock)
                return ANOTHER_SERVES
            _serve(places, given)
    except (PlatformError, OSError) as error:
        failure = explain(error, given.root) if isinstance(error, OSError) else error
        sys.stderr.write(report_failure(failure, os.getpid()) + "\n")
        return 1
    return 0


def _serve(places: CloudPlaces, given: argparse.Namespace) -> None:
    places.endpoints.unlink(missing_ok=True)  # of a server that was killed
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if given.watch_stdin:
        threading.Thread(target=_end_with_owner, args=(ended,), daemon=True).start()
    tracking = None if given.no_mlflow else MlflowServer(places)
    if tracking is not None:
        tracking.start()
    store = Store(places.store)
    runs = RunService(store, places, tracking)
    if given.warm:
        runs.warm()
    token = _token(places)
    providers, port = _start_providers(store, places)
    rest, workspace_port = _start_rest(create_app(store=store, places=places, token=token, runs=runs))
    endpoints = {
        "pid": os.getpid(),
        "provider_ports": dict.fromkeys(PROVIDERS, port),
        "workspace_url": f"http://{HOST}:{workspace_port}",
        "mlflow_url": tracking.url if tracking else "",
    }
    _write(places.endpoints, json.dumps(endpoints))
    _LOG.info("serving %s", endpoints)
    try:
        ended.wait()
    finally:
        _end_at_last()
        places.endpoints.unlink(missing_ok=True)
        runs.stop()
        rest.should_exit = True
        providers.stop(grace=1).wait()
        if tracking is not None:
            tracking.stop()
        store.close()


def _start_providers(store: Store, places: CloudPlaces) -> tuple[grpc.Server, int]:
    options = [(f"grpc.max_{way}_message_length", _MESSAGE_BYTES) for way in ("receive", "send")]
    server = grpc.server(futures.ThreadPoolExecutor(16), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(SimulatedProvider(store, places), server)
    port = server.add_insecure_port(f"{HOST}:0")
    server.start()
    return server, port


def _start_rest(app: Any) -> tuple[uvicorn.Server, int]:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, 0))
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    return server, int(listener.getsockname()[1])


@contextmanager
def _only_one(places: CloudPlaces) -> Iterator[bool]:
    """Hold the environment's lock; a killed server's lock is released by the system."""
    places.lock.parent.mkdir(parents=True, exist_ok=True)
    with places.lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _end_with_owner(ended: threading.Event) -> None:
    """Wait for the end of standard input, which only the owner holds open."""
    with contextlib.suppress(OSError):
        while os.read(sys.stdin.fileno(), 1024):
            pass
    ended.set()


def _end_at_last() -> None:
    """Make sure of the end: the leashes of children open with this process, however it ends."""
    last = threading.Timer(END_SECONDS, os._exit, (1,))
    last.daemon = True
    last.start()


def _token(places: CloudPlaces) -> str:
    if not places.token.exists():
        _write(places.token, secrets.token_urlsafe(32))
    return places.token.read_text(encoding="utf-8").strip()


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    beside = path.with_suffix(".partial")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


if __name__ == "__main__":
    sys.exit(main())
