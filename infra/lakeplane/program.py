"""The Pulumi program: which environment and layer a stack is, and what it registers."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError, PlatformError
from lakeplane.hub_planning import HubPlan, hub_beside, plan_hub
from lakeplane.layout import find_project
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.registration import Registrations, checked_registrations, narrow
from lakeplane.spec import load_spec, load_workload
from lakeplane.spec.hub import load_hub
from lakeplane.waiting.hooks import retry_transient_errors

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
    if layer not in ("hub", "foundation", "contents"):
        raise PlanError(
            Diagnostic(
                code="PRG001",
                summary="no such layer",
                detail=f"found the stack {stack!r}; allowed: <environment>.foundation or .contents, "
                "and <hub>.hub",
                remedy="name the stack after an environment or a hub, and one of its layers",
            )
        )
    config = pulumi.Config("lakeplane")
    path = Path(config.get("spec") or f"environments/{environment}.yaml")
    if layer == "hub":
        hub = plan_hub(load_hub(path))
        _refuse_other(environment, path, hub.spec.name)
        _deploy_hub(hub)
        return
    spec = load_spec(path)
    _refuse_other(environment, path, spec.name)
    plan = plan_environment(spec, hub_beside(path, spec.network.hub))
    retry_transient_errors()
    narrow()
    # Each layer imports its providers' SDKs alone; together they take seconds.
    with checked_registrations(getattr(plan.spec, "overrides", {})) as registrations:
        if layer == "foundation":
            _deploy_foundation(plan, registrations)
        else:
            _deploy_contents(plan, config.get("wheel"), registrations)


def _refuse_other(named: str, path: Path, found: str) -> None:
    if found != named:
        raise PlanError(
            Diagnostic(
                code="PRG002",
                summary="the spec is of another environment",
                detail=f"the stack is of {named!r}, and {path} of {found!r}",
                remedy="name the stack after the spec, or point `lakeplane:spec` at the right one",
            )
        )


def _deploy_hub(plan: HubPlan) -> None:
    from lakeplane.hub import deploy_hub  # noqa: PLC0415 - see _deploy

    retry_transient_errors()
    with checked_registrations({}):
        pulumi.export("hub", deploy_hub(plan))


def _deploy_foundation(plan: EnvironmentPlan, registrations: Registrations) -> None:
    from lakeplane.foundation import deploy_foundation  # noqa: PLC0415 - see _deploy

    pulumi.export("foundation", deploy_foundation(plan).to_stack_output())
    if registrations.overrides.wanted:
        # Names that no resource has here may be of the layer above, which judges them.
        pulumi.export("overridden", sorted(registrations.overrides.applied))


def _deploy_contents(plan: EnvironmentPlan, wheel: str | None, registrations: Registrations) -> None:
    from lakeplane.contents import deploy_contents  # noqa: PLC0415 - see _deploy
    from lakeplane.outputs import FoundationOutputs  # noqa: PLC0415 - see _deploy
    from lakeplane.wheel import ensure_wheel  # noqa: PLC0415 - see _deploy

    below = pulumi.StackReference(f"organization/{pulumi.get_project()}/{plan.stack('foundation')}")
    foundation = FoundationOutputs.from_stack_output(below.require_output("foundation"))
    workloads = [load_workload(name) for name in plan.spec.workloads]
    # Relative to the program, as providers are started there: previews on two machines must not differ by it.
    wheel_path = Path(os.path.relpath(wheel or ensure_wheel(find_project())))
    pulumi.export("contents", deploy_contents(plan, foundation, workloads, wheel_path).to_stack_output())
    if registrations.overrides.wanted:
        pulumi.export("overridden", registrations.settle_overrides(below.get_output("overridden")))
