"""Deploying a private environment from outside: what this machine does, and what it lets the hub's job do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from services import Answer, Asked, Recorded, Signed, playing_back
from test_runner_job import JOB, NAME, Apps, seen

from lakeplane.azure.client import Client
from lakeplane.cli.destroy import remove_inside
from lakeplane.cli.environment import Environment, Hub, Live, Target, find_subject
from lakeplane.cli.terminal import Format, Progress
from lakeplane.cli.through_runner import Inside, LostOnPurpose, find_inside, require_own_sources, run_inside
from lakeplane.cli.up import provision_through
from lakeplane.engine import Summary
from lakeplane.errors import ProtectedError, SetupError
from lakeplane.hub_planning import HubPlan, plan_hub
from lakeplane.image import fingerprint_of
from lakeplane.planning import plan_environment
from lakeplane.preview.layers import render_layers
from lakeplane.spec import load_spec
from lakeplane.spec.hub import load_hub

SPECS = Path(__file__).parents[2] / "stacks" / "environments"
BOTH = ("foundation", "contents")


def hub_with(image: str | None) -> HubPlan:
    spec = load_hub(SPECS / "hub.yaml")
    assert spec.runner is not None
    return plan_hub(spec.model_copy(update={"runner": spec.runner.model_copy(update={"image": image})}))


def behind(name: str, *, addresses: tuple[str, ...] = (), image: str | None = "r.example/r@sha256:0") -> Any:
    """Return an environment behind the hub, its state open to some addresses."""
    environment = find_subject(str(SPECS / f"{name}.yaml"))
    assert isinstance(environment, Environment)
    spec = load_spec(environment.path)
    ranges = tuple(IPv4Network(one) for one in addresses)
    pipelines = spec.pipelines.model_copy(update={"addresses": ranges})
    plan = plan_environment(spec.model_copy(update={"pipelines": pipelines}), hub_with(image).facts)
    return Environment(environment.path, environment.project, plan)


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAKEPLANE_RUNNER", "LAKEPLANE_SOURCES"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("addresses", "wanted", "layers"),
    [
        (("203.0.113.0/24",), BOTH, ("contents",)),
        ((), BOTH, BOTH),  # the state is out of reach, so everything is done from inside
        (("203.0.113.0/24",), ("foundation",), None),
        ((), ("foundation",), ("foundation",)),
    ],
)
def test_contents_are_deployed_from_inside_and_the_rest_where_the_state_is_closed(
    addresses: tuple[str, ...], wanted: tuple[str, ...], layers: tuple[str, ...] | None
) -> None:
    environment = behind("prod", addresses=addresses)
    inside = find_inside(environment, Target.AZURE, wanted)
    assert (inside.layers if inside else None) == layers
    if inside:
        assert inside.job_id == JOB
        assert inside.sources == fingerprint_of(environment.project)


def test_whatever_can_be_deployed_from_outside_is(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = find_subject(str(SPECS / "hub.yaml"))
    assert isinstance(hub, Hub)
    for subject, target in (
        (hub, Target.AZURE),
        (behind("test"), Target.AZURE),  # an allow list lets this machine in
        (behind("prod", image=None), Target.AZURE),  # no job yet: the reach of this machine decides
        (behind("prod"), Target.LOCAL),
    ):
        assert find_inside(subject, target, subject.layers) is None
    monkeypatch.setenv("LAKEPLANE_RUNNER", "true")
    assert find_inside(behind("prod"), Target.AZURE, BOTH) is None, "the runner starts no other"


def test_a_spec_that_the_runner_would_not_find_is_refused(tmp_path: Path) -> None:
    """The job knows the environment's name alone, and its image has another file of that name."""
    environment = behind("prod")
    elsewhere = tmp_path / "prod.yaml"
    elsewhere.write_text(environment.path.read_text())
    moved = Environment(elsewhere, environment.project, environment.plan)
    with pytest.raises(SetupError) as failure:
        find_inside(moved, Target.AZURE, BOTH)
    (finding,) = failure.value.findings
    assert finding.code == "RNR008"
    assert str(elsewhere) in finding.detail


@pytest.mark.parametrize(
    ("layers", "words"), [(BOTH, []), (("contents",), ["--layer", "contents"])], ids=["all", "contents"]
)
def test_the_job_is_told_what_is_done_and_of_which_sources(layers: tuple[str, ...], words: list[str]) -> None:
    apps = Apps(seen("Succeeded"))
    inside = Inside(behind("prod"), JOB, layers, "0123456789abcdef")
    with playing_back(Recorded(handler=apps.handle)) as server:
        client = Client(Signed(), endpoint=server.url, retries=0)
        assert run_inside(inside, "drift", Progress(), ["--ignore", "x"], client).status == "Succeeded"
    ((container,),) = [body["containers"] for body in apps.told]
    assert container["args"] == ["drift", "prod", "--target", "azure", *words, "--ignore", "x"]
    said = {one["name"]: one["value"] for one in container["env"]}
    assert said["LAKEPLANE_SOURCES"] == "0123456789abcdef"


def test_a_removal_where_the_state_is_closed_is_whole_and_asks_there_again() -> None:
    apps = Apps(seen("Succeeded"))
    inside = Inside(behind("prod"), JOB, BOTH, "0123456789abcdef")
    with playing_back(Recorded(handler=apps.handle)) as server:
        client = Client(Signed(), endpoint=server.url, retries=0)
        lost = LostOnPurpose(("lake-account",), "prod")
        remove_inside(inside, BOTH, lost, Progress(), Format.TEXT, client)
    ((container,),) = [body["containers"] for body in apps.told]
    named = ["--unprotect", "lake-account", "--confirm", "prod"]
    assert container["args"] == ["destroy", "prod", "--target", "azure", "--yes", *named]


class _Engine:
    """Notes which stacks are updated."""

    def __init__(self) -> None:
        self.updated: list[str] = []

    def point_at(self, stack: str, spec: Path) -> None:
        assert spec.name == "prod.yaml"

    def export(self, stack: str) -> dict[str, Any]:
        return {"version": 3, "deployment": {"resources": []}}

    def up(self, stack: str, on_progress: Any) -> Summary:
        self.updated.append(stack)
        return Summary({"same": 3}, 1.0)


@pytest.mark.parametrize("named", [False, True])
def test_nothing_is_removed_from_inside_where_the_foundation_would_stay(
    named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps, environment = Apps(seen("Succeeded")), behind("prod")
    urn = "urn:pulumi:prod.foundation::lakeplane::azure-native:storage:StorageAccount::lake-account"
    account = {"urn": urn, "type": "azure-native:storage:StorageAccount", "id": "a", "protect": True}

    class Engine(_Engine):
        def export(self, stack: str) -> dict[str, Any]:
            return {"deployment": {"resources": [account] if stack == "prod.foundation" else []}}

    @contextmanager
    def go_live(*_: Any, **__: Any) -> Iterator[Live]:
        yield Live(environment, Target.AZURE, Engine(), None)  # type: ignore[arg-type]

    monkeypatch.setattr("lakeplane.cli.destroy.go_live", go_live)
    inside = Inside(environment, JOB, ("contents",), "0123")
    lost = LostOnPurpose(["lake-account"] if named else [], "prod")
    with playing_back(Recorded(handler=apps.handle)) as server:
        client = Client(Signed(), endpoint=server.url)
        if named:
            remove_inside(inside, BOTH, lost, Progress(), Format.TEXT, client)
        else:
            with pytest.raises(ProtectedError):
                remove_inside(inside, BOTH, lost, Progress(), Format.TEXT, client)
    told = [body["containers"][0]["args"] for body in apps.told]
    words = ["destroy", "prod", "--target", "azure", "--layer", "contents", "--yes", *lost.words]
    assert told == ([words] if named else [])


@pytest.mark.parametrize("here", [(), ("foundation",)], ids=["closed state", "open state"])
def test_up_does_here_what_it_can_and_then_starts_the_job(
    here: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    apps, engine, environment = Apps(seen("Succeeded")), _Engine(), behind("prod")
    started: list[list[str]] = []

    @contextmanager
    def go_live(*_: Any, **__: Any) -> Iterator[Live]:
        yield Live(environment, Target.AZURE, engine, None)  # type: ignore[arg-type]

    def handle(asked: Asked) -> Answer:
        if asked.method == "POST":
            started.append(list(engine.updated))
        return apps.handle(asked)

    monkeypatch.setattr("lakeplane.cli.up.go_live", go_live)
    rendered = render_layers(environment.path)
    inside = Inside(environment, JOB, tuple(one for one in BOTH if one not in here), "0123")
    with playing_back(Recorded(handler=handle)) as server:
        client = Client(Signed(), endpoint=server.url)
        lost = LostOnPurpose(["lake-account"], "prod")
        provision_through(inside, here, rendered, lost, Progress(), Format.JSON, client)
    assert apps.told[0]["containers"][0]["args"][-4:] == ["--unprotect", "lake-account", "--confirm", "prod"]
    assert started == [[f"prod.{layer}" for layer in here]], "the foundation first, and one run"
    document = json.loads(capsys.readouterr().out)
    assert [one["layer"] for one in document["layers"]] == list(here)
    assert document["inside"]["execution"] == NAME


def test_the_runner_refuses_an_image_of_other_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = behind("prod")
    monkeypatch.setenv("LAKEPLANE_SOURCES", "0" * 16)
    require_own_sources(environment)  # outside nobody told it what to be made of
    monkeypatch.setenv("LAKEPLANE_RUNNER", "true")
    with pytest.raises(SetupError) as failure:
        require_own_sources(environment)
    assert failure.value.findings[0].code == "RNR003"
    monkeypatch.setenv("LAKEPLANE_SOURCES", fingerprint_of(environment.project))
    require_own_sources(environment)


@pytest.mark.parametrize(
    "words", [("up", "prod", "--target", "azure"), ("drift", "prod", "--target", "azure")]
)
def test_a_run_in_an_image_of_other_sources_ends_before_anything_is_touched(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), *words],
        cwd=SPECS,
        env={**os.environ, "LAKEPLANE_RUNNER": "true", "LAKEPLANE_SOURCES": "0" * 16, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "error[RNR003]" in done.stderr
    assert "Pulumi" not in done.stderr.replace("Pulumi.yaml", ""), "no engine was asked for"


def test_workloads_of_a_private_environment_are_not_run_from_outside() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), "up", "local", "--layer", "contents", "--run"],
        cwd=SPECS,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "--run needs every layer" in done.stderr
