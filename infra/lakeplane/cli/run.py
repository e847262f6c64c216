"""`lakeplane run`: run a deployed workload and wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import Environment, Live, Target, TargetOption, find_environment, go_live
from lakeplane.cli.terminal import Format, Progress, print_json, results

if TYPE_CHECKING:
    from lakeplane.jobs import JobRun

__all__ = ["run", "run_workload"]


def run(
    workload: Annotated[str, typer.Argument(help="A workload that the spec names.")],
    spec: Annotated[
        str, typer.Option("--env", metavar="SPEC", help="A spec's path, or an environment's name.")
    ] = "local",
    target: TargetOption = Target.LOCAL,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Read everything again.")] = False,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", metavar="KEY=VALUE", help="A job parameter; may be repeated."),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Run a deployed workload's jobs and wait for them; exit 1 if one fails or is refused."""
    from dataclasses import asdict

    environment = find_environment(spec)
    check_workload(environment, workload)
    parameters = dict(_pair(text) for text in parameter or ())
    progress = Progress()
    with go_live(environment, target, progress) as live:
        runs = run_workload(live, workload, progress, full_refresh=full_refresh, parameters=parameters)
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


def run_workload(
    live: Live,
    workload: str,
    progress: Progress,
    *,
    full_refresh: bool = False,
    parameters: dict[str, str] | None = None,
) -> list[JobRun]:
    """Run every job of a workload, in the manifest's order, showing its tasks as they go."""
    from lakeplane.jobs import run_job
    from lakeplane.spec.workloads import load_workload

    manifest = load_workload(workload)
    client = live.workspace()
    runs: list[JobRun] = []
    for job in manifest.jobs.values():
        known = {entry["name"] for entry in job.get("parameters", ())}
        given = dict(parameters or {})
        if full_refresh and "full_refresh" in known:
            given["full_refresh"] = "true"
        with progress.step(f"job {job['name']}") as say:
            finished = run_job(client, job["name"], given, on_progress=lambda state: say(_tasks(state)))
            say(_tasks(finished))
            runs.append(finished)
    return runs


def _tasks(job: JobRun) -> str:
    shown = []
    for task in job.tasks:
        if task.state == "SUCCESS":
            shown.append(f"{task.key} {task.seconds:.1f} s")
        elif task.state != "PENDING":
            shown.append(f"{task.key} {task.state.lower()}")
    return ", ".join(shown)


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise typer.BadParameter(f"{text!r} is not KEY=VALUE")
    return key, value
