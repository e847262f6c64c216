"""A `lakeplane up --run` that is killed at any step is finished by the next one.

One environment is brought up again and again, and killed each time at a later step: the whole process group,
by SIGKILL, somewhere within the step. Another one is never killed. In the end both hold the same.
`LAKEPLANE_KILL_SEED` chooses other moments within the steps.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from mlflow import MlflowClient

from lakeplane.layout import ProjectLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resources
from lakeplane.local.runs.records import RunRecords
from lakeplane.local.store import Store

from .conftest import Project

# On the first 49 days a forecast beats seasonal-naive, so that there is a champion to serve.
PARAMETERS = ("days=49", "held_back_weeks=1", "folds=1")
UP = (
    *("up", "local", "--target", "local", "--run"),
    *(part for pair in PARAMETERS for part in ("--parameter", pair)),
)
SEED = os.environ.get("LAKEPLANE_KILL_SEED", "1")
REACH_SECONDS = 500.0
END_SECONDS = 20.0
# What tells when and by which stream a row came, and not what it says.
LINEAGE = {"ingest_id", "ingested_at", "file_modified_at"}
MODEL = "local.ml.load_forecast"

TASKS = ("land", "bronze", "silver", "gold", "train", "promote")
STEPS = (
    "simulated cloud",
    "pulumi up local.foundation",
    "pulumi up local.contents",
    *TASKS,
    "scoring service",
    "report",
)
PACKAGES = {"pulumi up local.foundation": "azure-native:", "pulumi up local.contents": "databricks:"}

pytestmark = [pytest.mark.engine, pytest.mark.spark, pytest.mark.slow]


class Watched:
    """A command in a process group of its own, with what it has said so far."""

    def __init__(self, project: Project) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(
            project.command(*UP),
            cwd=project.root,
            env=project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        self.said.extend(line for line in iter(self._process.stderr.readline, ""))

    def wait_until(self, reached: Callable[[], bool]) -> None:
        """Wait until the command is somewhere; it must not end before."""
        deadline = time.monotonic() + REACH_SECONDS
        while not reached():
            assert self._process.poll() is None, "".join(self.said)
            assert time.monotonic() < deadline, "".join(self.said)
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill the whole group, which must be alive."""
        assert self._process.poll() is None, "it ended by itself: " + "".join(self.said)
        self.end()

    def end(self) -> None:
        """Leave nothing of the group."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._listener.join(END_SECONDS)


@dataclass(frozen=True)
class Inside:
    """A project's simulated cloud as it stands, read from its store while it is at work."""

    project: Project

    @property
    def places(self) -> CloudPlaces:
        return CloudPlaces(ProjectLayout(self.project.root).environment("local"))

    def _read(self, look: Callable[[Store], Any]) -> Any:
        store = Store(self.places.store, read_only=True)
        try:
            return look(store)
        finally:
            store.close()

    def kinds(self) -> dict[str, int]:
        """Count the cloud's resources by type."""
        if not self.places.store.is_file():
            return {}
        counted = Counter(resource.type for resource in self._read(lambda store: Resources(store).all()))
        return dict(sorted(counted.items()))

    def count(self, package: str) -> int:
        return sum(number for kind, number in self.kinds().items() if kind.startswith(package))

    def tasks(self, *, active: bool) -> list[dict[str, Any]]:
        """Return the tasks of all runs that go on, or that ended."""
        runs = self._read(lambda store: RunRecords(store, self.places).list(active=active))
        return [task for run in runs for task in run["tasks"]]

    def runs_now(self, task: str) -> bool:
        return any(
            found["task_key"] == task and found["state"]["life_cycle_state"] == "RUNNING"
            for found in self.tasks(active=True)
        )

    def tables(self) -> dict[str, pa.Table]:
        """Return all tables of the lake, their rows in an order that depends on the rows alone."""
        found = {}
        for log in sorted(self.places.layout.storage.rglob("_delta_log")):
            rows = DeltaTable(str(log.parent)).to_pyarrow_table()
            rows = rows.select([name for name in rows.column_names if name not in LINEAGE])
            plain = [field.name for field in rows.schema if not pa.types.is_nested(field.type)]
            ordered = rows.sort_by([(name, "ascending") for name in plain]).combine_chunks()
            found[f"{log.parent.parent.name}.{log.parent.name}"] = ordered
        return found

    def champion(self) -> Any:
        database = f"sqlite:///{self.places.layout.mlflow / 'mlflow.sqlite'}"
        return MlflowClient(database, database).get_model_version_by_alias(MODEL, "champion")


@dataclass(frozen=True)
class Untouched:
    """The environment that was never killed: what it holds, and how long each of its steps took."""

    inside: Inside
    status: Any
    seconds: dict[str, float]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Untouched:
    project = Project.copy_to(tmp_path_factory.mktemp("untouched"))
    inside = Inside(project)
    done = project.lakeplane(*UP, "--format", "json")
    seconds = {name: float(took) for name, took in re.findall(r"done (.+) \((\d+\.\d) s\)", done.stderr)}
    for task in inside.tasks(active=False):
        seconds[task["task_key"]] = task["execution_duration"] / 1000
    return Untouched(inside, json.loads(done.stdout), seconds)


@pytest.fixture
def update(project: Project) -> Iterator[Watched]:
    watched = Watched(project)
    yield watched
    watched.end()


def _await_step(step: str, update: Watched, inside: Inside, untouched: Untouched, random: Random) -> None:
    """Return once the command is within `step`: a resource of it, or a part of its time."""
    if step in TASKS:
        update.wait_until(lambda: any(line.startswith("job ") for line in update.said))
        update.wait_until(lambda: inside.runs_now(step))
    else:
        update.wait_until(lambda: any(line.startswith(f"{step} ...") for line in update.said))
    package = PACKAGES.get(step)
    if package is None:
        time.sleep(random.uniform(0.0, 0.9) * untouched.seconds[step])
    else:
        some = random.randrange(1, untouched.inside.count(package))
        update.wait_until(lambda: inside.count(package) >= some)
        time.sleep(random.uniform(0.0, 0.2))


@pytest.mark.parametrize("step", STEPS)
def test_what_is_killed_leaves_no_process_behind(
    step: str, untouched: Untouched, project: Project, update: Watched
) -> None:
    _await_step(step, update, Inside(project), untouched, Random(f"{SEED} {step}"))
    update.kill()
    deadline = time.monotonic() + END_SECONDS
    while (left := project.processes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


@pytest.fixture(scope="module")
def finished(project: Project) -> Any:
    return project.json(*UP)


def test_the_next_up_makes_the_same_resources(finished: Any, untouched: Untouched, project: Project) -> None:
    assert finished["resources"] == untouched.status["resources"]
    assert Inside(project).kinds() == untouched.inside.kinds()


def test_the_next_up_fills_the_same_tables(finished: Any, untouched: Untouched, project: Project) -> None:
    def rows(status: Any) -> dict[str, int]:
        return {table["name"]: table["rows"] for table in status["tables"]}

    assert rows(finished) == rows(untouched.status)
    expected, present = untouched.inside.tables(), Inside(project).tables()
    assert present.keys() == expected.keys() >= {"silver.load_profile", "gold.load_forecast"}
    assert [name for name in expected if not present[name].equals(expected[name])] == []


def test_the_quarantine_holds_what_was_injected(finished: Any, project: Project) -> None:
    assert finished["environment"] == "local"
    quality = Inside(project).tables()["gold.data_quality"].to_pylist()
    assert len(quality) >= 3
    assert all(row["injected"] == row["quarantined"] > 0 for row in quality), quality


def test_there_is_one_champion_with_the_same_parameters(
    finished: Any, untouched: Untouched, project: Project
) -> None:
    champions = [model for model in finished["models"] if "champion" in model["aliases"]]
    assert [model["name"] for model in champions] == [MODEL]
    present, expected = Inside(project).champion(), untouched.inside.champion()
    assert present.tags["parameter_sha256"] == expected.tags["parameter_sha256"]
    assert present.tags["promotion"] == "promoted"


def test_a_further_up_changes_nothing(finished: Any, project: Project) -> None:
    further = project.json(*UP)
    assert all(set(layer["changes"]) == {"same"} for layer in further["layers"]), further["layers"]
    assert further["tables"] == finished["tables"]
    assert further["models"] == finished["models"]


def test_no_process_is_left_behind(finished: Any, project: Project) -> None:
    assert finished
    assert project.processes() == []
