"""`lakeplane up`: from a spec to a provisioned environment, and with `--run` to a scored forecast."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import (
    LAYERS,
    Environment,
    Live,
    Reference,
    Target,
    TargetOption,
    find_environment,
    go_live,
    spec_path,
)
from lakeplane.cli.run import ParameterOption, read_parameters, run_workload
from lakeplane.cli.status import read_status
from lakeplane.cli.terminal import Format, Progress, print_findings, print_json, results
from lakeplane.diagnostics import has_errors
from lakeplane.errors import SpecError

if TYPE_CHECKING:
    from lakeplane.report.model import LayerChange, RunReport, ScoringReport

__all__ = ["up"]


def up(
    spec: Reference,
    target: TargetOption = Target.LOCAL,
    run: Annotated[bool, typer.Option("--run", help="Then run the environment's workloads.")] = False,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="With --run: read all data again.")
    ] = False,
    parameter: ParameterOption = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Provision an environment: foundation, then contents; with --run, then its workloads."""
    from lakeplane.report.summary import print_status, print_summary

    started = time.monotonic()
    environment = _checked(spec)
    workloads = environment.plan.spec.workloads
    parameters = read_parameters(parameter or [], workloads)
    progress = Progress()
    with go_live(environment, target, progress, mlflow=run, jobs=run) as live:
        layers = _provision(live, progress)
        if not run:
            status = read_status(live) if target is Target.LOCAL else None
            if output is Format.JSON:
                print_json({"environment": environment.name, "layers": [_layer(layer) for layer in layers]})
            elif status is not None:
                print_status(results(), status)
            return
        for workload in workloads:
            run_workload(live, workload, progress, full_refresh=full_refresh, parameters=parameters)
        report = _report(live, layers, progress, started)
    if output is Format.JSON:
        print_json({**report.status.to_dict(), "layers": [_layer(layer) for layer in layers]})
    else:
        print_summary(results(), report)


def _checked(reference: str) -> Environment:
    """Load a spec whose every finding has been told; only warnings and notes let it pass."""
    from lakeplane.validation import validate

    findings = tuple(validate(spec_path(reference)))
    if has_errors(findings):
        raise SpecError(findings)
    if findings:
        print_findings(findings)
    return find_environment(reference)


def _provision(live: Live, progress: Progress) -> tuple[LayerChange, ...]:
    from lakeplane.report.model import LayerChange

    done = []
    for layer in LAYERS:
        stack = live.environment.plan.stack(layer)
        with progress.step(f"pulumi up {stack}") as say:
            live.engine.point_at(stack, live.environment.path)
            summary = live.engine.up(stack, on_progress=say)
            say(", ".join(f"{count} {change}" for change, count in sorted(summary.changes.items())))
        done.append(LayerChange(layer, dict(summary.changes), summary.seconds))
    return tuple(done)


def _layer(change: LayerChange) -> dict[str, object]:
    return {"layer": change.layer, "changes": dict(change.changes), "seconds": round(change.seconds, 1)}


def _report(live: Live, layers: tuple[LayerChange, ...], progress: Progress, started: float) -> RunReport:
    from lakeplane.report.facts import read_facts
    from lakeplane.report.html import write_page
    from lakeplane.report.model import RunReport

    environment = live.environment
    scoring = _score(live, progress)
    with progress.step("report") as say:
        status = read_status(live)
        report = RunReport(
            environment=environment.name,
            spec=environment.path,
            finished=datetime.now(tz=UTC).isoformat(timespec="seconds"),
            seconds=time.monotonic() - started,
            steps=tuple(progress.steps),
            layers=layers,
            status=status,
            facts=read_facts(status.tables, environment.files.storage),
            scoring=scoring,
            places=_places(environment),
            next_steps=_next_steps(environment),
        )
        if live.target is Target.LOCAL:
            say(str(write_page(report, environment.files.report)))
    return report


def _score(live: Live, progress: Progress) -> ScoringReport | None:
    """Ask the scoring service over HTTP and compare it with the model in process, on the local target."""
    if live.cloud is None or "forecasting" not in live.environment.plan.spec.workloads:
        return None
    from lakeplane.report.status import read_tables
    from lakeplane.scoring import check_service, running_service

    plan = live.environment.plan
    model = f"{plan.catalog}.ml.{plan.spec.serving.model}@champion"
    files = live.environment.files
    with progress.step("scoring service") as say:
        with running_service(model, live.cloud.mlflow_url, files.logs, port=0) as service:
            say(f"{service.url} serves {model}")
            tables = read_tables(live.workspace(), plan.catalog)
            report = check_service(service.url, model, live.cloud.mlflow_url, tables, files.storage)
        say(f"{report.rows} rows over HTTP and in process, largest difference {report.largest_difference:g}")
    return report


def _places(environment: Environment) -> dict[str, str]:
    files = environment.files
    return {
        "report": str(files.report),
        "tables and files of the lake": str(files.storage),
        "experiments and models": str(files.mlflow),
        "state of the stacks": str(files.state),
        "logs": str(files.logs),
    }


def _next_steps(environment: Environment) -> tuple[tuple[str, str], ...]:
    name = environment.name
    return (
        (f"lakeplane serve --env {name}", "the scoring service, for your own requests"),
        (f"lakeplane run medallion --env {name}", "one workload again; only new files are read"),
        (f"lakeplane status {name} --format json", "the same facts for scripts"),
        (f"lakeplane preview {name}", "what the program registers, without an engine"),
        (f"lakeplane destroy {name} --target local", "remove all of it, with proof"),
    )
