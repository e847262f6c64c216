"""The Pulumi program: which environment and layer a stack is, and what it registers."""

from __future__ import annotations

from pathlib import Path

import pulumi

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError, PlatformError
from lakeplane.layout import find_project
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.spec import load_spec, load_workload

__all__ = ["main"]


def main() -> None:
    """Register the resources of the stack that Pulumi runs, named `<environment>.<layer>`.

    Configuration:
        lakeplane:spec: Path of the environment's spec; `environments/<environment>.yaml` if left out.
        lakeplane:wheel: Path of the workloads' wheel; built from the project's `workloads/` if left out.

    Raises:
        RunError: The spec, a workload or the stack's name is wrong; tells every finding.
    """
    try:
        _deploy(pulumi.get_stack())
    except PlatformError as error:
        raise pulumi.RunError(str(error)) from error


def _deploy(stack: str) -> None:
    environment, _, layer = stack.partition(".")
    if layer not in ("foundation", "contents"):
        raise PlanError(
            Diagnostic(
                code="PRG001",
                summary="no such layer",
                detail=f"found the stack {stack!r}; allowed: <environment>.foundation or .contents",
                remedy="name the stack after an environment and one of its layers",
            )
        )
    config = pulumi.Config("lakeplane")
    path = Path(config.get("spec") or f"environments/{environment}.yaml")
    spec = load_spec(path)
    if spec.name != environment:
        raise PlanError(
            Diagnostic(
                code="PRG002",
                summary="the spec is of another environment",
                detail=f"the stack is of {environment!r}, and {path} of {spec.name!r}",
                remedy="name the stack after the spec, or point `lakeplane:spec` at the right one",
            )
        )
    plan = plan_environment(spec)
    # Each layer imports its providers' SDKs alone; together they take seconds.
    if layer == "foundation":
        _deploy_foundation(plan)
    else:
        _deploy_contents(plan, config.get("wheel"))


def _deploy_foundation(plan: EnvironmentPlan) -> None:
    from lakeplane.foundation import deploy_foundation  # noqa: PLC0415 - see _deploy

    pulumi.export("foundation", deploy_foundation(plan).to_stack_output())


def _deploy_contents(plan: EnvironmentPlan, wheel: str | None) -> None:
    from lakeplane.contents import deploy_contents  # noqa: PLC0415 - see _deploy
    from lakeplane.outputs import FoundationOutputs  # noqa: PLC0415 - see _deploy
    from lakeplane.wheel import ensure_wheel  # noqa: PLC0415 - see _deploy

    below = pulumi.StackReference(f"organization/{pulumi.get_project()}/{plan.stack('foundation')}")
    foundation = FoundationOutputs.from_stack_output(below.require_output("foundation"))
    workloads = [load_workload(name) for name in plan.spec.workloads]
    wheel_path = Path(wheel).resolve() if wheel else ensure_wheel(find_project())
    pulumi.export("contents", deploy_contents(plan, foundation, workloads, wheel_path).to_stack_output())
