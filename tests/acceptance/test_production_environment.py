"""A production environment comes up over every transient error, and goes only by name, with proof.

One environment lives through the module, in a project of its own, with the real engine. `UPDATE_GOLDEN=1`
writes what is printed now.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lakeplane.layout import ProjectLayout
from lakeplane.local.faults import Fault, Faults
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resource, Resources
from lakeplane.local.store import Store
from lakeplane.waiting import TRANSIENT_ERRORS, TransientError

pytestmark = pytest.mark.engine

REPOSITORY = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
SPEC = """\
name: ledger
organisation: contoso
region: westeurope
owner: data-platform@contoso.example
cost_centre: "4711"
subscription: de000000-0000-4000-8000-000000000001
tenant: de000000-0000-4000-8000-000000000002
tier: prod
monthly_budget: 1500
access:
  mode: allow_list
  addresses: [203.0.113.0/24]
network:
  address_space: 10.24.0.0/20
databricks: {max_workers: 1, pool_max_capacity: 1}
aks: {node_count: 1, max_node_count: 1}
workloads: []
"""


class Ledger:
    """A user's project with one production environment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copy(REPOSITORY / "Pulumi.yaml", root)
        skip = shutil.ignore_patterns("__pycache__", "Pulumi.*.*.yaml", "dist", "build")
        for part in ("stacks", "workloads"):
            shutil.copytree(REPOSITORY / part, root / part, ignore=skip)
        self.write_spec(SPEC)
        self.files = ProjectLayout(root).environment("ledger")

    def write_spec(self, text: str) -> None:
        (self.root / "stacks" / "environments" / "ledger.yaml").write_text(text)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("lakeplane")), *arguments],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
                "COLUMNS": "100",
                "LAKEPLANE_RETRY_PAUSE": "0.01",
            },
        )

    def run(self, *arguments: str, code: int) -> tuple[str, str]:
        """Run a command to its end; return what it prints to both streams."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=400)
        assert process.returncode == code, f"{out}\n{err}"
        assert "Traceback" not in out + err
        return out, err

    def resources(self) -> list[Resource]:
        store = Store(CloudPlaces(self.files).store, read_only=True)
        try:
            return Resources(store).all()
        finally:
            store.close()

    def plan(self, faults: list[Fault]) -> None:
        store = Store(CloudPlaces(self.files).store)
        for fault in faults:
            Faults(store).plan(fault)
        store.close()

    def unmet(self) -> list[Fault]:
        store = Store(CloudPlaces(self.files).store, read_only=True)
        try:
            return Faults(store).waiting()
        finally:
            store.close()

    def state(self) -> dict[str, bytes]:
        return {
            path.name: path.read_bytes()
            for path in sorted((self.files.state / ".pulumi" / "stacks").rglob("*.json"))
        }


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Return the project before anything is deployed."""
    return Ledger(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="module")
def faults(fresh: Ledger) -> list[tuple[TransientError, Fault]]:
    """Every transient error, once for each type of the platform in which it may occur."""
    out, _ = fresh.run("preview", "ledger", "--format", "json", code=0)
    types = sorted({resource["type"] for resource in json.loads(out)["resources"]})
    return [
        (error, Fault("provider", token, "create", error.status, error.message, error.code))
        for token in types
        for error in TRANSIENT_ERRORS
        if token.startswith(error.types) and not error.operations
    ]


@pytest.fixture(scope="module")
def told(fresh: Ledger, faults: list[tuple[TransientError, Fault]]) -> str:
    """What `up` tells while all of them occur."""
    fresh.plan([fault for _, fault in faults])
    return fresh.run("up", "ledger", code=0)[1]


@pytest.fixture(scope="module")
def ledger(fresh: Ledger, told: str) -> Ledger:
    """Return the project with the environment deployed."""
    del told
    return fresh


@pytest.fixture(scope="module")
def refused(ledger: Ledger) -> list[dict[str, Any]]:
    """What a bare destroy refuses to remove."""
    out, _ = ledger.run("destroy", "ledger", "--format", "json", code=1)
    listed: list[dict[str, Any]] = json.loads(out)["refused"]
    return listed


def _findings(text: str) -> str:
    """Leave out progress, whose times differ from run to run."""
    return "\n".join(line for line in text.splitlines() if not re.match(r"done |.* \.\.\.$", line)) + "\n"


def _same_as_golden(name: str, text: str) -> None:
    text = re.sub(r"\b20\d\d-\d\d-\d\d\b", "DATE", text)
    expected = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


def test_up_converges_over_every_transient_error_at_each_place(
    ledger: Ledger, faults: list[tuple[TransientError, Fault]], told: str
) -> None:
    assert ledger.unmet() == []
    counts = Counter(error.name for error, _ in faults)
    # What only a destroy meets, and errors of services that this environment has nothing of.
    assert {error.name for error in TRANSIENT_ERRORS if not error.operations} - set(counts) == set()
    for name, count in counts.items():
        assert told.count(f"waiting for {name} on ") == count, name
    assert told.count("waiting for ") == len(faults) > 200
    out, _ = ledger.run("up", "ledger", "--format", "json", code=0)
    assert all(set(layer["changes"]) == {"same"} for layer in json.loads(out)["layers"])


def test_up_replaces_nothing_that_holds_data_unless_it_is_named(ledger: Ledger) -> None:
    before = ledger.resources(), ledger.state()
    until = datetime.now(UTC).date() + timedelta(days=30)
    moved = SPEC + (
        "overrides: {registry-registry: {location: northeurope}}\n"
        "exceptions:\n  - {rule: RS002, resource: registry-registry, owner: platform@contoso.example,\n"
        f"     reason: moves for a test of its loss, until: {until}}}\n"
    )
    ledger.write_spec(moved)
    try:
        _, err = ledger.run("up", "ledger", code=1)
        _same_as_golden("up-refused", err[err.index("error[") :])
        assert err.count("error[ENG012]") == 1
        _, err = ledger.run("up", "ledger", "--unprotect", "registry-registry", code=1)
        assert "error[ENG008]: the environment's name was not typed" in err
        assert (ledger.resources(), ledger.state()) == before

        named = ("--unprotect", "registry-registry", "--confirm", "ledger")
        out, _ = ledger.run("up", "ledger", *named, "--format", "json", code=0)
        foundation, contents = json.loads(out)["layers"]
        assert foundation["changes"]["replace"] >= 1
        assert set(contents["changes"]) <= {"same", "read"}
        (registry,) = [one for one in ledger.resources() if one.urn.endswith("::registry-registry")]
        assert registry.inputs["location"] == "northeurope"
        # It is kept as before, lock included: what held once was given up for this update alone.
        out, _ = ledger.run("destroy", "ledger", "--format", "json", code=1)
        (kept,) = [one for one in json.loads(out)["refused"] if one["name"] == "registry-registry"]
        assert (kept["protected"], len(kept["locks"])) == (True, 1)
    finally:
        ledger.write_spec(SPEC)


def test_destroy_lists_what_is_protected_and_changes_nothing(
    ledger: Ledger, refused: list[dict[str, Any]]
) -> None:
    before = ledger.resources(), ledger.state()
    _, err = ledger.run("destroy", "ledger", code=1)
    _same_as_golden("destroy-refused", _findings(err))
    assert (ledger.resources(), ledger.state()) == before
    assert err.count("error[ENG007]") == len(refused)
    held = {resource["type"] for resource in refused if resource["holds"]}
    assert {
        "azure-native:resources:ResourceGroup",
        "azure-native:storage:StorageAccount",
        "azure-native:storage:BlobContainer",
        "azure-native:keyvault:Vault",
        "azure-native:databricks:Workspace",
        "azure-native:machinelearningservices:Workspace",
        "databricks:index/catalog:Catalog",
        "databricks:index/schema:Schema",
    } <= held


def test_destroy_takes_neither_some_names_nor_another_environments_name(
    ledger: Ledger, refused: list[dict[str, Any]]
) -> None:
    before = ledger.resources(), ledger.state()
    first, *others = refused
    options = ["--unprotect", first["name"], "--confirm", "ledger"]
    _, err = ledger.run("destroy", "ledger", *options, code=1)
    assert err.count("error[ENG007]") == len(others)
    assert f"{first['name']} is" not in err
    _, err = ledger.run("destroy", "ledger", "--unprotect", "all", code=1)
    assert "error[ENG008]: the environment's name was not typed" in err
    _, err = ledger.run("destroy", "ledger", "--unprotect", "all", "--confirm", "local", code=1)
    assert "found 'local'" in err
    assert (ledger.resources(), ledger.state()) == before


def test_a_killed_destroy_is_finished_by_the_next(ledger: Ledger, refused: list[dict[str, Any]]) -> None:
    before = {resource.id for resource in ledger.resources()}
    catalog = next(resource for resource in refused if resource["type"].endswith(":Catalog"))
    # A table, so that neither its schema nor the catalog goes unless it is told to go with what it holds.
    (gold,) = (ledger.files.storage).glob("st*/gold")
    (gold / "sales" / "_delta_log").mkdir(parents=True)
    assert catalog["holds"] == "schemas and tables of a catalog"
    groups = [resource.id for resource in ledger.resources() if "managed" in resource.urn.rsplit("::", 1)[-1]]
    assert len(groups) == 2, "Databricks' and AKS's own"
    named = [part for resource in refused for part in ("--unprotect", resource["name"])]
    killed = ledger.start("destroy", "ledger", *named, "--confirm", "ledger")
    deadline = time.monotonic() + 200
    while len(ledger.resources()) > len(before) / 2:
        assert killed.poll() is None, killed.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=60)
    left = ledger.resources()
    assert left, "it was killed in the middle"

    out, _ = ledger.run("destroy", "ledger", code=0)
    _same_as_golden(
        "destroy-proof",
        re.sub(r"\d+", "N", out.partition("soft-deleted")[0]) + out[out.index("soft-deleted") :],
    )
    assert "left over: nothing" in out
    assert not ledger.resources()
    assert not ledger.state(), "stacks are gone too"


@pytest.mark.slow
def test_what_is_destroyed_can_be_made_again_and_destroyed_at_once(
    ledger: Ledger, refused: list[dict[str, Any]]
) -> None:
    del refused  # the environment above is gone by now
    ledger.run("up", "ledger", code=0)
    before = {(resource.type, resource.id) for resource in ledger.resources()}
    options = ("--unprotect", "all", "--confirm", "ledger", "--format", "json")
    out, _ = ledger.run("destroy", "ledger", *options, code=0)
    proof = json.loads(out)
    assert proof["left_over"] == []
    assert set(proof["gone"]) == {"contents", "foundation"}
    assert any("keyvault:Vault" in name for name in proof["soft_deleted"])
    assert any("machinelearningservices:Workspace" in name for name in proof["soft_deleted"])
    assert len(proof["resources_gone"]) + len(proof["soft_deleted"]) + 2 == len(before), "two groups go along"
