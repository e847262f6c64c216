"""Real SimBench load profiles as the gold tables hold them, without Spark; a real MLflow server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import simbench  # type: ignore[import-untyped]  # it ships no types
from mlflow import MlflowClient

from lakeplane_workloads.forecasting.evaluation import split_weeks
from lakeplane_workloads.forecasting.fitting import FittedForecasts, TrainingConfig, fit_forecasts
from lakeplane_workloads.forecasting.panel import LoadPanel, build_panel
from lakeplane_workloads.forecasting.promotion import judge
from lakeplane_workloads.forecasting.tracking import track_training
from lakeplane_workloads.registry import RegisteredVersion

SCENARIO = Path(simbench.__file__).parent / "networks" / "1-complete_data-mixed-all-0-sw"
FIRST_HOUR = int(pd.Timestamp("2016-01-01", tz="Europe/Berlin").timestamp()) // 3600


@pytest.fixture(scope="session")
def gold_hourly() -> pd.DataFrame:
    """Hourly means of active power; quarters in order of appearance, which is their order in UTC."""
    quarters = pd.read_csv(
        SCENARIO / "LoadProfile.csv", sep=";", usecols=lambda name: name.endswith("_pload")
    )
    columns = list(quarters.columns)
    values = quarters.to_numpy(np.float64)
    hourly = values.reshape(-1, 4, len(columns)).mean(axis=1)
    frame = pd.DataFrame(hourly, columns=[column.removesuffix("_pload") for column in columns])
    frame["hour"] = FIRST_HOUR + np.arange(len(frame), dtype=np.int64)
    return frame.melt(id_vars="hour", var_name="profile", value_name="mean_value")


@pytest.fixture(scope="session")
def gold_groups() -> pd.DataFrame:
    """Distinct loads by profile and scale, with how many loads of the grid each stands for."""
    loads = pd.read_csv(SCENARIO / "Load.csv", sep=";")
    groups = loads.groupby(["profile", "pLoad"]).size().reset_index(name="load_count")
    return groups.rename(columns={"pLoad": "p_mw"})


@pytest.fixture(scope="session")
def panel(gold_hourly: pd.DataFrame, gold_groups: pd.DataFrame) -> LoadPanel:
    """All distinct loads of the scenario over the whole year."""
    return build_panel(gold_hourly, gold_groups)


@pytest.fixture(scope="session")
def fitted(panel: LoadPanel) -> FittedForecasts:
    """The default training on the whole scenario."""
    return fit_forecasts(panel, TrainingConfig())


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server on the loopback interface; its address."""
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        _await_health(server, address, folder / "server.log")
        previous = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
        mlflow.set_tracking_uri(address)
        mlflow.set_registry_uri(address)
        yield address
        mlflow.set_tracking_uri(previous[0])
        mlflow.set_registry_uri(previous[1])
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=20)


def _await_health(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the MLflow server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def champion(mlflow_server: str, panel: LoadPanel, fitted: FittedForecasts) -> RegisteredVersion:
    """The trained model, registered and judged on the server: the champion of `served.ml.load_forecast`."""
    config = TrainingConfig()
    trained = track_training(
        panel, fitted, config, name="served.ml.load_forecast", experiment="served", data_version=7,
        load_group_version=3, recipe_sha256="of the test",
    )  # fmt: skip
    split = split_weeks(panel, config.held_back_weeks)
    assert judge(MlflowClient(), panel, split, trained.version, None).promoted
    return trained.version
