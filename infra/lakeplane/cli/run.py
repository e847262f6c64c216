"""`lakeplane run`: run a deployed workload and wait for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakeplane.cli.environment import Environment, Live, Target, TargetOption, find_environment, go_live
from lakeplane.cli.pin import pin_champion
from lakeplane.cli.terminal import Format, Progress, print_json, results

if TYPE_CHECKING:
    from lakeplane.jobs import JobRun

__all__ = ["ParameterOption", "read_parameters", "run", "run_workload"]

ParameterOption = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="KEY=VALUE", help="A job parameter; may be repeated."),
]


def run(
    workload: Annotated[str, typer.Argument(help="A workload that the spec names.")],
    spec: Annotated[
        str, typer.Option("--env", metavar="SPEC", help="A spec's path, or an environment's name.")
    ] = "local",
    target: TargetOption = Target.LOCAL,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Read everything again.")] = False,
    parameter: ParameterOption = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Then write the champion's version into the spec, as `pin` does.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Run a deployed workload's jobs and wait for them; exit 1 if one fails or is refused."""
    from dataclasses import asdict

    environment = find_environment(spec)
    check_workload(environment, workload)
    parameters = read_parameters(parameter or [], [workload])
    progress = Progress()
    with go_live(environment, target, progress, jobs=True) as live:
        runs = run_workload(live, workload, progress, full_refresh=full_refresh, parameters=parameters)
        if pin:
            pin_champion(live, output)
    if output is Format.JSON:
        print_json([asdict(job) for job in runs])
        return
    for job in runs:
        results().print(f"{job.job}: {job.state} in {job.seconds:.1f} s")
        for task in job.tasks:
            results().print(f"  {task.key}: {task.state} in {task.seconds:.1f} s")


def check_workload(environment: Environment, workload: str) -> None:
    """Refuse a workload that the spec does not deploy.

    Raises:
        typer.BadParameter: The spec does not name the workload.
    """
    have = environment.plan.spec.workloads
    if workload not in have:
        raise typer.BadParameter(
            f"{environment.path} does not deploy {workload!r}; its workloads: {', '.join(have) or 'none'}"
        )


def read_parameters(pairs: Sequence[str], workloads: Sequence[str]) -> dict[str, str]:
    """Read `KEY=VALUE` pairs; each key must be a job parameter of at least one of the workloads.

    Raises:
        typer.BadParameter: A pair has another form, or no job of these workloads has such a parameter.
    """
    from lakeplane.spec.workloads import load_workload

    known = {
        name
        for workload in workloads
        for job in load_workload(workload).jobs.values()
        for name in _known(job)
    }
    parameters: dict[str, str] = {}
    for text in pairs:
        key, separator, value = text.partition("=")
        if not separator or not key:
            raise typer.BadParameter(f"{text!r} is not KEY=VALUE")
        if key not in known:
            raise typer.BadParameter(f"no job parameter {key!r}; allowed: {', '.join(sorted(known))}")
        parameters[key] = value
    return parameters


def run_workload(
    live: Live,
    workload: str,
    progress: Progress,
    *,
    full_refresh: bool = False,
    parameters: Mapping[str, str] | None = None,
) -> list[JobRun]:
    """Run every job of a workload, in the manifest's order, showing its tasks as they go.

    Each job gets those of `parameters` that it declares.
    """
    from lakeplane.jobs import run_job
    from lakeplane.spec.workloads import load_workload

    client = live.workspace()
    runs: list[JobRun] = []
    for job in load_workload(workload).jobs.values():
        wanted = {**(parameters or {}), **({"full_refresh": "true"} if full_refresh else {})}
        given = {name: value for name, value in wanted.items() if name in _known(job)}
        with progress.step(f"job {job['name']}") as say:
            finished = run_job(client, job["name"], given, on_progress=lambda state: say(_tasks(state)))
            say(_tasks(finished))
            runs.append(finished)
    return runs


def _known(job: Mapping[str, Any]) -> set[str]:
    return {entry["name"] for entry in job.get("parameters", ())}


def _tasks(job: JobRun) -> str:
    shown = []
    for task in job.tasks:
        if task.state == "SUCCESS":
            shown.append(f"{task.key} {task.seconds:.1f} s")
        elif task.state != "PENDING":
            shown.append(f"{task.key} {task.state.lower()}")
    return ", ".join(shown)
