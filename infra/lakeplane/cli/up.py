"""`lakeplane up`: from a spec to a provisioned environment, and with `--run` to a scored forecast."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.ahead import import_ahead
from lakeplane.cli.environment import (
    Environment,
    Hub,
    LayerChoice,
    Live,
    Reference,
    Target,
    TargetOption,
    find_subject,
    go_live,
)
from lakeplane.cli.keeping import DataKeeper
from lakeplane.cli.run import ParameterOption, read_parameters, run_workload
from lakeplane.cli.run_report import report_run
from lakeplane.cli.status import read_status
from lakeplane.cli.terminal import Format, Progress, print_findings, print_json, results
from lakeplane.cli.through_runner import (
    LostOnPurpose,
    ThroughOption,
    find_inside,
    require_own_sources,
    run_inside,
)
from lakeplane.cli.unprotect import ConfirmOption, UnprotectOption
from lakeplane.diagnostics import Severity, has_errors
from lakeplane.errors import PolicyViolationError, SpecError

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.reach import Resolve
    from lakeplane.cli.through_runner import Inside
    from lakeplane.preview.layers import Rendered
    from lakeplane.report.model import LayerChange

__all__ = ["provision_through", "require_reach", "require_rules", "up"]


def up(
    spec: Reference,
    target: TargetOption = Target.LOCAL,
    run: Annotated[bool, typer.Option("--run", help="Then run the environment's workloads.")] = False,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="With --run: read all data again.")
    ] = False,
    parameter: ParameterOption = None,
    layer: Annotated[LayerChoice, typer.Option(help="Which stacks to update.")] = LayerChoice.ALL,
    through_runner: ThroughOption = False,
    unprotect: UnprotectOption = None,
    confirm: ConfirmOption = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Provision an environment: foundation, then contents; with --run, then its workloads."""
    from lakeplane.preview.layers import choose_layers, render_layers

    started = time.monotonic()
    subject = _checked(spec)
    require_own_sources(subject)
    wanted = choose_layers(layer.value, subject.layers)
    inside = find_inside(subject, target, wanted) if through_runner else None
    if run and (inside is not None or layer is not LayerChoice.ALL):
        raise typer.BadParameter("--run needs every layer, and a workspace that this machine reaches")
    # As `lakeplane preview` renders it, so contents are known also before their foundation is there.
    rendered = render_layers(subject.path)
    require_rules(rendered)
    workloads = subject.plan.spec.workloads if isinstance(subject, Environment) else ()
    parameters = read_parameters(parameter or [], workloads)
    progress = Progress()
    lost = LostOnPurpose(unprotect or (), confirm)
    if inside is not None:
        here = tuple(one for one in wanted if one not in inside.layers)
        provision_through(inside, here, rendered, lost, progress, output)
        return
    with go_live(subject, target, progress, mlflow=run, jobs=run) as live:
        if run:
            # Loaded beside the engine's work, which runs in other processes.
            import_ahead("lakeplane.report.html", "lakeplane.scoring")
        keeper = DataKeeper.look(live, rendered, wanted, lost, progress)
        layers = _provision(live, keeper, progress, wanted)
        if not run:
            has_status = target is Target.LOCAL and isinstance(subject, Environment) and "contents" in wanted
            status = read_status(live) if has_status else None
            if output is Format.JSON:
                print_json({"environment": subject.name, "layers": [_layer(layer) for layer in layers]})
            elif status is not None:
                from lakeplane.report.summary import print_status

                print_status(results(), status)
            return
        for workload in workloads:
            run_workload(live, workload, progress, full_refresh=full_refresh, parameters=parameters)
        report = report_run(live, layers, progress, started)
    if output is Format.JSON:
        print_json({**report.status.to_dict(), "layers": [_layer(layer) for layer in layers]})
    else:
        from lakeplane.report.summary import print_summary

        print_summary(results(), report)


def _checked(reference: str) -> Environment | Hub:
    """Load a spec whose every finding has been told; only warnings and notes let it pass."""
    from lakeplane.hub_requests import check_hub
    from lakeplane.validation import check_plan

    subject = find_subject(reference)
    findings = check_hub(subject.plan) if isinstance(subject, Hub) else check_plan(subject.plan)
    if has_errors(findings):
        raise SpecError(findings)
    if findings:
        print_findings(findings)
    return subject


def require_rules(rendered: Rendered) -> None:
    """Stop before anything is touched where the program breaks a rule that stops; warnings are told.

    Args:
        rendered: What the program registers.

    Raises:
        PolicyViolationError: A rule that stops is broken, or nobody can decide one; holds every finding.
    """
    from lakeplane.cli.rules import judge_program

    findings = tuple(one for one in judge_program(rendered) if one.severity is not Severity.NOTE)
    if has_errors(findings):
        raise PolicyViolationError(findings)
    if findings:
        print_findings(findings)


def provision_through(
    inside: Inside,
    here: Sequence[str],
    rendered: Rendered,
    lost: LostOnPurpose,
    progress: Progress,
    output: Format,
    client: Client | None = None,
) -> None:
    """Update what this machine reaches, then let the hub's runner do the rest.

    Args:
        inside: What the hub's runner does.
        here: Layers that this machine updates before.
        rendered: What the program registers.
        lost: What may be lost, here and from inside.
        progress: Told how far it is.
        output: How the outcome is printed.
        client: Asks ARM; whoever is signed in if left out.
    """
    layers: tuple[LayerChange, ...] = ()
    if here:
        with go_live(inside.environment, Target.AZURE, progress, mlflow=False) as live:
            keeper = DataKeeper.look(live, rendered, (*here, *inside.layers), lost, progress)
            layers = _provision(live, keeper, progress, here)
    run = run_inside(inside, "up", progress, lost.words, client)
    if output is Format.JSON:
        done = [_layer(layer) for layer in layers]
        print_json({"environment": inside.environment.name, "layers": done, "inside": run.to_dict()})
    else:
        results().print(f"{' and '.join(inside.layers)} from inside: {run.name} {run.status}")


def _provision(
    live: Live, keeper: DataKeeper, progress: Progress, layers: Sequence[str]
) -> tuple[LayerChange, ...]:
    from lakeplane.report.model import LayerChange

    done = []
    for layer in layers:
        stack = live.subject.plan.stack(layer)
        if layer == "contents" and live.target is Target.AZURE:
            require_reach(live, progress)
            _enter_workspace(live, progress)
        live.engine.point_at(stack, live.subject.path)
        keeper.before(layer)
        with progress.step(f"pulumi up {stack}") as say:
            summary = live.engine.up(stack, on_progress=say)
            say(", ".join(f"{count} {change}" for change, count in sorted(summary.changes.items())))
        done.append(LayerChange(layer, dict(summary.changes), summary.seconds))
    return tuple(done)


def require_reach(live: Live, progress: Progress, resolver: Resolve | None = None) -> None:
    """Stop before contents where this machine can't reach what they are deployed into.

    Raises:
        UnreachableError: A host that contents need is out of reach.
    """
    from lakeplane.azure.doors import entrance_of
    from lakeplane.azure.reach import check_reach, resolve
    from lakeplane.errors import UnreachableError

    plan = live.environment.plan
    with progress.step("reach of the data plane") as say:
        outputs = live.engine.outputs(plan.stack("foundation"))
        entrance = entrance_of(plan, outputs.get("foundation", {}))
        findings = check_reach(entrance, resolver=resolver or resolve)
        say(f"{len(entrance.doors) - len(findings)} of {len(entrance.doors)} hosts answer")
    if has_errors(findings):
        raise UnreachableError(findings)
    if findings:
        print_findings(findings)


def _enter_workspace(live: Live, progress: Progress) -> None:
    """Let a new workspace know the hub's runner, if that is what deploys."""
    from lakeplane.azure.inside import enter_workspace, is_inside

    if not is_inside(os.environ):
        return
    plan = live.environment.plan
    with progress.step("the runner's way into the workspace") as say:
        host = live.engine.outputs(plan.stack("foundation"))["foundation"]["databricks_workspace_url"]
        enter_workspace(os.environ, f"https://{host}", plan.databricks_workspace_id)
        say(host)


def _layer(change: LayerChange) -> dict[str, object]:
    return {"layer": change.layer, "changes": dict(change.changes), "seconds": round(change.seconds, 1)}
