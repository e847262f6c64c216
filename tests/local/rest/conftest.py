"""A simulated workspace with what a deployment leaves in its store, and databricks-sdk's own client."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.service.jobs import Run

from lakeplane.layout import EnvironmentLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resources
from lakeplane.local.store import Store

SERVER = Path(__file__).with_name("workspace_server.py")
TOKEN = "a-token-of-this-test"
LAKE = "abfss://{}@lake.dfs.core.windows.net/"
WHEEL = "/Volumes/test/ml/artifacts/probe-1.0-py3-none-any.whl"

MODULE = """
import os, subprocess, sys, time

def say():
    print("told:", *sys.argv[1:])
    subprocess.run(["echo", "from a child"])
    print("bad", file=sys.stderr)
def fail(): raise ValueError("the sky fell")
def leave(): sys.exit(0)
def leave_badly(): sys.exit("no more")
def crash(): os._exit(7)
def sleep(): print("sleeping", flush=True); time.sleep(float(sys.argv[1]))
def where(): print(__file__, os.getpid(), os.environ.get("LAKEPLANE_VOLUMES_ROOT"))
def plain(): print("no entry point needed")
def spark():
    from pyspark.sql import SparkSession
    session = SparkSession.getActiveSession()
    columns = "n BIGINT, t STRUCT<a: INT, b: ARRAY<STRING>>"
    session.sql(f"CREATE TABLE IF NOT EXISTS silver.numbers ({columns})")
    session.range(5).selectExpr("id AS n", "NULL AS t").write.mode("append").saveAsTable("silver.numbers")
    print(session.conf.get("lakeplane.local.catalog"), session.table("silver.numbers").count())
    import pandas as pd
    from pyspark.sql.functions import pandas_udf
    @pandas_udf("string")
    def place(n: pd.Series) -> pd.Series:
        import probe
        return n.map(lambda _: probe.__file__)
    print("worker:", session.range(1).select(place("id")).first()[0])
"""


class Workspace:
    """The server's process, its files, and a client."""

    def __init__(self, root: Path, *flags: str) -> None:
        self.places = CloudPlaces(EnvironmentLayout(root))
        self.flags = flags
        self.store = Store(self.places.store)
        self.resources = Resources(self.store)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SERVER), str(self.places.layout.root), *self.flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.client = self.client_with(TOKEN)

    def client_with(self, token: str) -> WorkspaceClient:
        return WorkspaceClient(
            config=Config(host=self.url, token=token, auth_type="pat", retry_timeout_seconds=5)
        )

    def stop(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def put(self, kind: str, resource_id: str, inputs: Mapping[str, Any]) -> None:
        name = kind[0].lower() + kind[1:]
        token = f"databricks:index/{name}:{kind}"
        urn = f"urn:pulumi:test.contents::lakeplane::{token}::{resource_id}"
        self.resources.put(token, resource_id, urn=urn, parent="", inputs=inputs, outputs=inputs)

    def job(self, job_id: int, tasks: list[dict[str, Any]], **more: Any) -> int:
        cluster: dict[str, Any] = {
            "policyId": "P1",
            "applyPolicyDefaultValues": True,
            "sparkVersion": "17.3.x-scala2.13",
            "numWorkers": 0,
            "sparkConf": {"lakeplane.local.session": "none"},
        }
        cluster |= more.pop("cluster", {})
        self.put(
            "Job",
            str(job_id),
            {
                "name": f"job-{job_id}",
                "jobClusters": [{"jobClusterKey": "main", "newCluster": cluster}],
                "tasks": tasks,
                **more,
            },
        )
        return job_id

    def wait(self, run_id: int, seconds: float = 60) -> Run:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            run = self.client.jobs.get_run(run_id)
            assert run.state
            assert run.state.life_cycle_state
            if run.state.life_cycle_state.value in {"TERMINATED", "INTERNAL_ERROR", "SKIPPED"}:
                return run
            time.sleep(0.05)
        raise AssertionError(f"run {run_id} did not end: {run.as_dict()}")

    def run(self, job_id: int, **more: Any) -> Run:
        return self.wait(self.client.jobs.run_now(job_id, **more).run_id)

    def logs(self, run: Run) -> dict[str, str]:
        return {
            task.task_key: self.client.jobs.get_run_output(task.run_id).logs or ""
            for task in run.tasks or []
            if task.run_id
        }


def task(key: str, entry_point: str, *after: str, **more: Any) -> dict[str, Any]:
    wheel_task = {"packageName": "probe", "entryPoint": entry_point}
    for name in ("parameters", "namedParameters"):
        if name in more:
            wheel_task[name] = more.pop(name)
    return {
        "taskKey": key,
        "jobClusterKey": "main",
        "pythonWheelTask": wheel_task,
        "libraries": [{"whl": WHEEL}],
        "dependsOns": [{"taskKey": other} for other in after],
        **more,
    }


def build_wheel(path: Path, extra: Mapping[str, str] | None = None) -> None:
    names = ("say", "fail", "leave", "leave_badly", "crash", "sleep", "where", "spark")
    scripts = "\n".join(f"{name} = probe:{name}" for name in names)
    files = {
        "probe.py": MODULE,
        "probe-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: probe\nVersion: 1.0\n",
        "probe-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "probe-1.0.dist-info/entry_points.txt": f"[console_scripts]\n{scripts}\n",
        **(extra or {}),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        record = ""
        for name, content in files.items():
            archive.writestr(name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=")
            record += f"{name},sha256={digest.decode()},{len(content)}\n"
        archive.writestr("probe-1.0.dist-info/RECORD", record + "probe-1.0.dist-info/RECORD,,\n")


def deploy(workspace: Workspace) -> None:
    """Leave in the store and the files what a deployment leaves there."""
    put, places = workspace.put, workspace.places
    put("Catalog", "test", {"name": "test", "storageRoot": LAKE.format("models")})
    for schema, container in {"silver": "silver", "ml": "models"}.items():
        root = LAKE.format(container) + ("ml" if schema == "ml" else "")
        put("Schema", f"test.{schema}", {"name": schema, "catalogName": "test", "storageRoot": root})
    volume = {"name": "artifacts", "catalogName": "test", "schemaName": "ml", "volumeType": "MANAGED"}
    put("Volume", "test.ml.artifacts", volume)
    (places.volumes / "test/ml/artifacts").mkdir(parents=True)
    put(
        "ClusterPolicy",
        "P1",
        {
            "name": "Small job",
            "definition": json.dumps(
                {
                    "cluster_type": {"type": "fixed", "value": "job"},
                    "num_workers": {"type": "range", "maxValue": 1},
                    "node_type_id": {
                        "type": "allowlist",
                        "values": ["Standard_D4ds_v5"],
                        "defaultValue": "Standard_D4ds_v5",
                    },
                }
            ),
        },
    )
    put(
        "ClusterPolicy",
        "P2",
        {
            "name": "Interactive",
            "definition": json.dumps(
                {
                    "autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 60},
                    "data_security_mode": {"type": "fixed", "value": "SINGLE_USER"},
                    "node_type_id": {"type": "allowlist", "values": ["Standard_D4ds_v5"]},
                }
            ),
        },
    )
    put("InstancePool", "pool-1", {"instancePoolName": "main", "nodeTypeId": "Standard_D4ds_v5"})
    build_wheel(places.volumes / WHEEL.removeprefix("/Volumes/"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path_factory.mktemp("some where") / "test")
    deploy(workspace)
    yield workspace
    workspace.stop()


@pytest.fixture
def new_workspace(tmp_path: Path) -> Iterator[Callable[..., Workspace]]:
    made: list[Workspace] = []

    def make(*flags: str) -> Workspace:
        made.append(Workspace(tmp_path / f"environment-{len(made)}", *flags))
        deploy(made[-1])
        return made[-1]

    yield make
    for workspace in made:
        if workspace.process.poll() is None:
            workspace.stop()
