"""A workspace on its own: store, REST API and runs under uvicorn, ended by the end of its input.

Its resources are put into the store as the providers would put them; it prints its port once it listens.
"""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path

import uvicorn

from lakeplane.layout import EnvironmentLayout
from lakeplane.local.mlflow_server import MlflowServer
from lakeplane.local.places import CloudPlaces
from lakeplane.local.rest import create_app
from lakeplane.local.runs import RunService
from lakeplane.local.store import Store

TOKEN = "a-token-of-this-test"


def main() -> None:
    places = CloudPlaces(EnvironmentLayout(Path(sys.argv[1])))
    store = Store(places.store)
    mlflow = MlflowServer(places) if "--mlflow" in sys.argv else None
    if mlflow:
        mlflow.start()
    runs = RunService(store, places, mlflow)
    if "--warm" in sys.argv:
        runs.warm()
    app = create_app(store=store, places=places, token=TOKEN, runs=runs)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))

    def end_with_input() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    threading.Thread(target=end_with_input, daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])
    runs.stop()
    if mlflow:
        mlflow.stop()


if __name__ == "__main__":
    main()
