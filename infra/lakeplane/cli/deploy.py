"""`lakeplane deploy`: bring one workload's wheel and jobs up to date, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakeplane.cli.environment import Environment, Live, Target, TargetOption, find_environment, go_live
from lakeplane.cli.run import check_workload
from lakeplane.cli.terminal import Format, Progress, print_findings, print_json, results
from lakeplane.diagnostics import Diagnostic, has_errors
from lakeplane.errors import EngineError, SpecError

if TYPE_CHECKING:
    from lakeplane.engine import Summary

__all__ = ["deploy"]


def deploy(
    workload: Annotated[str, typer.Argument(help="A workload that the spec names.")],
    spec: Annotated[
        str, typer.Option("--env", metavar="SPEC", help="A spec's path, or an environment's name.")
    ] = "local",
    target: TargetOption = Target.LOCAL,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Update a workload's wheel and jobs in an environment that is up; nothing else changes."""
    environment = find_environment(spec)
    check_workload(environment, workload)
    _check_jobs(environment, workload)
    progress = Progress()
    with go_live(environment, target, progress, mlflow=False) as live:
        done = _deploy(live, workload, progress)
        contents = live.engine.outputs(environment.plan.stack("contents")).get("contents", {})
    if output is Format.JSON:
        print_json(
            {
                "environment": environment.name,
                "workload": workload,
                "wheel": contents.get("wheel_path"),
                "resources": [{**_named(urn), "change": change} for urn, change in done.steps.items()],
                "seconds": round(done.seconds, 1),
            }
        )
        return
    for urn, change in done.steps.items():
        named = _named(urn)
        results().print(f"{change} {named['type'].rpartition(':')[2]} {named['name']}")
    if not done.steps:
        results().print(f"{workload} is up to date in {environment.name}")


def _check_jobs(environment: Environment, workload: str) -> None:
    """Refuse jobs that the workspace would refuse; only warnings and notes pass.

    Raises:
        SpecError: The manifest is wrong, or a cluster policy refuses a cluster of it.
    """
    from lakeplane.cluster_policies import policy_documents
    from lakeplane.spec import find_workloads
    from lakeplane.validation import check_workload as check_manifest

    plan = environment.plan
    findings = tuple(check_manifest(find_workloads()[workload], plan, policy_documents(plan.spec, plan)))
    if has_errors(findings):
        raise SpecError(findings)
    if findings:
        print_findings(findings)


def _deploy(live: Live, workload: str, progress: Progress) -> Summary:
    """Look at what an update narrowed to the workload would do, and do it if it is the workload's alone.

    Raises:
        EngineError: The contents were never deployed, or something else would change.
    """
    from lakeplane.contents import workload_targets
    from lakeplane.registration import narrowed_to
    from lakeplane.spec import load_workload

    environment = live.environment
    stack = environment.plan.stack("contents")
    with progress.step("what is deployed") as say:
        resources = live.engine.export(stack)["deployment"].get("resources") or ()
        say(f"{len(resources)} resources")
    if not resources:
        raise EngineError(_never_deployed(environment, live.target))
    project = str(resources[0]["urn"]).split("::")[1]
    own = workload_targets(load_workload(workload), project=project, stack=stack)
    live.engine.point_at(stack, environment.path)
    with progress.step(f"what {workload} changes") as say:
        planned = live.engine.preview(stack, say, narrowed_to(own))
        say(f"{len(planned.steps)} resources")
    others = {urn: change for urn, change in planned.steps.items() if urn not in own}
    if others:
        raise EngineError(_others(environment, workload, live.target, others))
    if not planned.steps:
        return planned
    with progress.step(f"deploy {workload}") as say:
        done = live.engine.up(stack, say, narrowed_to(own))
        say(", ".join(f"{count} {change}" for change, count in sorted(done.changes.items())))
    return done


def _named(urn: str) -> dict[str, Any]:
    _, _, qualified, name = urn.split("::", 3)
    return {"name": name, "type": qualified.rpartition("$")[2], "urn": urn}


def _never_deployed(environment: Environment, target: Target) -> Diagnostic:
    return Diagnostic(
        code="ENG010",
        summary=f"{environment.name} was never deployed",
        detail=f"its stack of contents has no resources on the target {target.value}",
        remedy=f"run `lakeplane up {environment.name} --target {target.value}` first",
    )


def _others(
    environment: Environment, workload: str, target: Target, others: Mapping[str, str]
) -> list[Diagnostic]:
    """Tell what else the program would change: what is new, gone or replaced since the last `up`."""
    return [
        Diagnostic(
            code="ENG011",
            summary=f"more than {workload} would change; nothing was deployed",
            detail=f"{change} {_named(urn)['name']}",
            remedy=f"run `lakeplane up {environment.name} --target {target.value}`, which updates everything",
            resource=urn,
        )
        for urn, change in others.items()
    ]
