"""`lakeplane drift`: whether what is deployed is still there as it was deployed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakeplane.cli.environment import (
    LayerChoice,
    Live,
    Reference,
    Target,
    TargetOption,
    find_subject,
    go_live,
)
from lakeplane.cli.terminal import Format, Progress, print_json, results
from lakeplane.cli.through_runner import ThroughOption, find_inside, require_own_sources, run_inside
from lakeplane.errors import WorkloadError

if TYPE_CHECKING:
    from lakeplane.cli.through_runner import Inside
    from lakeplane.engine.drift import Drifted

__all__ = ["drift"]

_LONGEST = 60


def drift(
    spec: Reference,
    target: TargetOption = Target.LOCAL,
    layer: Annotated[LayerChoice, typer.Option(help="Which stacks to look at.")] = LayerChoice.ALL,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:PATH]", help="Leave out a resource, or a property of it; * and ? work."),
    ] = None,
    through_runner: ThroughOption = False,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Ask the providers whether anything changed behind Pulumi's back; changes nothing, exit 1 if so."""
    from lakeplane.preview.layers import choose_layers

    subject = find_subject(spec)
    require_own_sources(subject)
    progress = Progress()
    wanted = choose_layers(layer.value, subject.layers)
    inside = find_inside(subject, target, wanted) if through_runner else None
    here = [each for each in wanted if inside is None or each not in inside.layers]
    found: dict[str, list[Drifted]] = {}
    if here:
        with go_live(subject, target, progress, mlflow=False) as live:
            found = {each: _look(live, each, ignore or [], progress) for each in here}
    failure = _look_inside(inside, ignore or [], progress)
    if inside is not None and failure is None:
        found |= {each: [] for each in inside.layers}
    if output is Format.JSON:
        layers = {each: [one.to_dict() for one in drifted] for each, drifted in found.items()}
        drifted = failure is not None or any(found.values())
        print_json({"environment": subject.name, "drift": drifted, "layers": layers})
    else:
        _print(found)
    if failure is not None:
        raise failure
    raise typer.Exit(1 if any(found.values()) else 0)


def _look_inside(inside: Inside | None, ignore: list[str], progress: Progress) -> WorkloadError | None:
    """Let the hub's runner look; what it found is among its words, and an error here once all is told."""
    options = [word for pattern in ignore for word in ("--ignore", pattern)]
    try:
        if inside is not None:
            run_inside(inside, "drift", progress, options)
    except WorkloadError as error:
        return error
    return None


def _look(live: Live, layer: str, ignore: list[str], progress: Progress) -> list[Drifted]:
    from lakeplane.engine.drift import without_ignored

    stack = live.subject.plan.stack(layer)
    with progress.step(f"pulumi refresh {stack} (looked at only)") as say:
        resources = live.engine.export(stack)["deployment"].get("resources") or ()
        by_program = {one["urn"]: one.get("ignoreChanges") or () for one in resources}
        found = list(without_ignored(live.engine.drift(stack, say), ignore, by_program))
        say(f"{len(found)} of {len(resources)} resources drifted")
    return found


def _print(found: dict[str, list[Drifted]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    drifted = [(layer, one) for layer, each in found.items() for one in each]
    if not drifted:
        results().print("what is deployed is there as it was deployed")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("layer", "resource", "property", "deployed", "found"):
        table.add_column(column, overflow="fold")
    for layer, one in drifted:
        kind = one.type.rpartition(":")[2]
        if one.change == "gone":
            table.add_row(layer, escape(f"{one.name} ({kind})"), "", "", "[red]gone[/]")
        for difference in one.differences:
            shown = (_short(difference.deployed), _short(difference.found))
            table.add_row(layer, escape(f"{one.name} ({kind})"), escape(difference.path), *map(escape, shown))
    results().print(table)


def _short(value: Any) -> str:
    text = "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
