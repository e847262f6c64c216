"""What tasks are told of MLflow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lakeplane.local.runs.clusters import variables

TRAINING = """
import mlflow
with mlflow.start_run():
    mlflow.log_metric("mae", 1.0)
"""


def test_a_task_that_tracks_where_there_is_no_mlflow_fails(tmp_path: Path) -> None:
    cluster = {"spark_env_vars": {"OWN": "1", "MLFLOW_TRACKING_URI": "sqlite:///elsewhere.sqlite"}}
    told = variables(cluster, None)
    assert told["OWN"] == "1"
    done = subprocess.run(
        [sys.executable, "-c", TRAINING],
        cwd=tmp_path,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "this-workspace-has-no-mlflow-server" in done.stderr
    assert list(tmp_path.iterdir()) == [], "nothing is tracked where it is lost"
