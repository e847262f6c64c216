"""The simulated cloud as one process: providers, the workspace's REST API, and MLflow beside them."""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Any, TextIO

import grpc
import uvicorn
from pulumi.runtime.proto import provider_pb2_grpc

from lakeplane.errors import PlatformError
from lakeplane.file_locks import take
from lakeplane.layout import EnvironmentLayout
from lakeplane.local.mlflow_server import MlflowServer
from lakeplane.local.places import CloudPlaces
from lakeplane.local.provider import SimulatedProvider
from lakeplane.local.rest import create_app
from lakeplane.local.runs import RunService
from lakeplane.local.simulators.registry import PROVIDERS
from lakeplane.local.startup import ANOTHER_SERVES, STAY, explain, report_failure
from lakeplane.local.store import Store
from lakeplane.sdk_adapter import load_sdks_lazily

__all__ = ["main"]

_LOG = logging.getLogger(__name__)
HOST = "127.0.0.1"
END_SECONDS = 15.0
# The engine's own limit; a message of it must not be refused here.
_MESSAGE_BYTES = 400 * 1024 * 1024


def main(argv: list[str] | None = None) -> int:
    """Serve one environment's simulated cloud until a signal, or until nobody uses it."""
    parser = argparse.ArgumentParser(prog="lakeplane.local.server", description=main.__doc__)
    parser.add_argument("--root", required=True, type=Path, help="the environment's files")
    parser.add_argument("--no-mlflow", action="store_true", help="start MLflow only when it is called")
    parser.add_argument("--warm", action="store_true", help="start a driver ahead of the first job")
    parser.add_argument(
        "--while-used", action="store_true", help="end with the last user, unless told to stay"
    )
    given = parser.parse_args(argv)
    places = CloudPlaces(EnvironmentLayout(given.root))
    load_sdks_lazily()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        if not _keep(take(places.lock)):
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
    ended, stays = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if given.while_used:
        threading.Thread(target=_end_when_unused, args=(places, ended, stays), daemon=True).start()
    else:
        stays.set()
    tracking = MlflowServer(places)
    if given.no_mlflow:
        tracking.listen()
    else:
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
        "mlflow_url": tracking.url,
        "stays": stays.is_set(),
    }

    def stay(*_: object) -> None:
        stays.set()
        _write(places.endpoints, json.dumps({**endpoints, "stays": True}))

    signal.signal(STAY, stay)
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


def _keep(lock: TextIO | None) -> bool:
    """Keep a lock until this process has ended: whoever finds it free then finds no process either."""
    if lock is None:
        return False
    with lock:
        os.dup(lock.fileno())  # never closed but by the system
    return True


def _end_when_unused(places: CloudPlaces, ended: threading.Event, stays: threading.Event) -> None:
    """Wait for the end of the last user, and let nobody use what ends."""
    try:
        lock = take(places.users, wait=True)
    except OSError:
        _LOG.exception("nobody can tell who uses this cloud")
    else:
        if lock is not None and stays.is_set():
            lock.close()
            return
        _keep(lock)
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
