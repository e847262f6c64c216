"""MLflow's database is there whole or not at all, whenever its maker is killed."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from pathlib import Path

from lakeplane.layout import EnvironmentLayout
from lakeplane.local.mlflow_server import MlflowServer
from lakeplane.local.places import CloudPlaces

SEARCH = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default"


def test_a_server_killed_while_it_made_its_tables_leaves_the_next_one_a_clean_start(tmp_path: Path) -> None:
    places = CloudPlaces(EnvironmentLayout(tmp_path))
    beside = places.layout.mlflow / "mlflow.sqlite.partial"
    killed = MlflowServer(places)
    killed.start()
    deadline = time.monotonic() + 60
    while not (beside.exists() and beside.stat().st_size > 0):
        assert time.monotonic() < deadline, places.mlflow_log.read_text()
        time.sleep(0.005)
    assert killed.pid
    os.killpg(killed.pid, signal.SIGKILL)
    killed.stop()
    assert not (places.layout.mlflow / "mlflow.sqlite").exists()

    server = MlflowServer(places)
    server.start()
    try:
        with urllib.request.urlopen(server.wait_ready() + SEARCH, timeout=30) as answer:
            assert json.load(answer)["experiment"]["experiment_id"] == "0"
    finally:
        server.stop()
    assert sorted(path.name for path in places.layout.mlflow.iterdir()) == ["artifacts", "mlflow.sqlite"]
