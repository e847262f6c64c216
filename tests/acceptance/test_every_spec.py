"""The whole life of every committed spec on the local target: up, up again, destroyed with proof.

`-s` prints the figures as the table of `infra/README.md`:
`python -m pytest tests/acceptance/test_every_spec.py -m slow -s`
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .conftest import Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SPECS = (
    "local",
    "dev",
    "test",
    "prod",
    "bring_your_own",
    "hub",
    "examples/defaults",
    "examples/waf_aligned",
    "examples/max",
)


@dataclass(frozen=True)
class Life:
    """What happened to one spec.

    Attributes:
        spec: Its path below `stacks/environments`, without the ending.
        created: Resources that the first update made, by layer; the stack itself and components count.
        up: Seconds of the engine in the first update, by layer.
        again: Seconds of the engine in the second update, which changed nothing, by layer.
        command: Seconds of the whole first command, of the second, and of an offline preview.
        destroy: Seconds of the whole destroy command.
    """

    spec: str
    created: dict[str, int]
    up: dict[str, float]
    again: dict[str, float]
    command: tuple[float, float, float]
    destroy: float


def live(project: Project, spec: str) -> Life:
    """Bring a spec up twice and destroy it; whatever is not as it should be fails."""
    path = f"stacks/environments/{spec}.yaml"
    name = next(
        line.split()[1] for line in (project.root / path).read_text().splitlines() if line[:5] == "name:"
    )
    preview, _ = _timed(project, "preview", path, "--format", "json")
    first, made = _timed(project, "up", path, "--format", "json")
    second, same = _timed(project, "up", path, "--format", "json")
    for layer in made["layers"]:
        assert set(layer["changes"]) == {"create"}, (spec, layer)
    for layer, before in zip(same["layers"], made["layers"], strict=True):
        assert layer["changes"] == {"same": before["changes"]["create"]}, (spec, layer)
    # Data of production and the region's log-in go by name only; `all` names them.
    options = ("--unprotect", "all", "--confirm", name, "--format", "json")
    destroy, proof = _timed(project, "destroy", path, *options)
    assert proof["left_over"] == [], (spec, proof["left_over"])
    assert len(proof["resources_gone"]) > 30, spec
    return Life(
        spec,
        {layer["layer"]: layer["changes"]["create"] for layer in made["layers"]},
        {layer["layer"]: layer["seconds"] for layer in made["layers"]},
        {layer["layer"]: layer["seconds"] for layer in same["layers"]},
        (first, second, preview),
        destroy,
    )


def _timed(project: Project, *words: str) -> tuple[float, Any]:
    started = time.perf_counter()
    done = project.lakeplane(*words)
    return time.perf_counter() - started, json.loads(done.stdout)


@pytest.fixture(scope="module")
def lives() -> Iterator[list[Life]]:
    """Collect what happened, and print it in the end."""
    found: list[Life] = []
    yield found
    engine, command = ("engine up s", "again s"), ("`up` s", "again s", "preview s", "destroy s")
    head = ["spec", "foundation", "contents", *engine, *command]
    lines = [head, ["---"] * len(head), *map(_row, found)]
    sys.stdout.write("\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines))


def _row(life: Life) -> list[str]:
    layers = [layer for layer in ("hub", "foundation", "contents") if layer in life.created]
    below = life.created.get("foundation", life.created.get("hub", 0))
    return [
        f"`{life.spec}`",
        str(below),
        str(life.created.get("contents", "")),
        " + ".join(f"{life.up[layer]:.1f}" for layer in layers),
        " + ".join(f"{life.again[layer]:.1f}" for layer in layers),
        *(f"{seconds:.1f}" for seconds in life.command),
        f"{life.destroy:.1f}",
    ]


@pytest.mark.parametrize("spec", SPECS)
def test_a_spec_comes_up_changes_nothing_and_leaves_nothing(
    project: Project, spec: str, lives: list[Life]
) -> None:
    lives.append(live(project, spec))
    name = Path(spec).name
    kept = [path for path in (project.root / ".lakeplane" / name).rglob("*") if path.is_file()]
    assert all(path.name.startswith("store.sqlite") for path in kept), kept


def test_every_committed_spec_has_lived(project: Project) -> None:
    folder = project.root / "stacks" / "environments"
    committed = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.yaml")}
    assert committed == set(SPECS)
