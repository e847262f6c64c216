"""`lakeplane bootstrap`: once, by a human, what stacks and pipelines start from on Azure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakeplane.cli.environment import Hub, Reference, find_subject
from lakeplane.cli.terminal import Format, Progress, print_json, results
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

if TYPE_CHECKING:
    from rich.console import Console

    from lakeplane.azure.bootstrap import BootstrapPlan, Outcome
    from lakeplane.azure.client import Client
    from lakeplane.cli.environment import Environment

__all__ = ["act", "bootstrap", "print_next", "print_outcomes", "print_plan"]

_COLOURS = {"created": "green", "updated": "yellow", "refused": "red", "failed": "red", "awaits": "cyan"}


def bootstrap(
    spec: Reference,
    yes: Annotated[bool, typer.Option("--yes", help="Act on the plan.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and touch nothing, as without --yes.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Make state store, secrets key, CI identities, rights and registrations; any number of times."""
    from lakeplane.azure.bootstrap import plan_bootstrap
    from lakeplane.azure.bootstrap.subject import subject_of, subject_of_hub
    from lakeplane.azure.client import Client
    from lakeplane.azure.sign_in import sign_in

    if yes and dry_run:
        raise typer.BadParameter("--yes acts and --dry-run does not: give one of them")
    subject = find_subject(spec)
    plan = plan_bootstrap(
        subject_of_hub(subject.plan) if isinstance(subject, Hub) else subject_of(subject.plan)
    )
    if not yes:
        if output is Format.JSON:
            print_json({**_head(subject, plan), "dry_run": True, "steps": [_step(one) for one in plan.steps]})
        else:
            print_plan(results(), plan)
            print_next(results(), plan, _request(subject))
        return
    raise typer.Exit(act(subject, plan, Client(sign_in()), output))


def act(subject: Environment | Hub, plan: BootstrapPlan, client: Client, output: Format) -> int:
    """Carry the plan out, print what came of it, and return the exit code."""
    from lakeplane.azure.bootstrap import carry_out
    from lakeplane.azure.errors import AzureError
    from lakeplane.azure.sign_in import identify

    progress = Progress()
    with progress.step("bootstrap") as say:
        try:
            identify(client)
        except AzureError as error:
            raise SetupError(_nobody(subject, error.message)) from None
        outcomes = carry_out(client, plan.steps, say=say, tell=progress.tell)
        done = sum(one.status in ("created", "updated", "unchanged") for one in outcomes)
        say(f"{done} of {len(outcomes)} steps are so")
    if output is Format.JSON:
        print_json({**_head(subject, plan), "dry_run": False, "steps": [_outcome(one) for one in outcomes]})
    else:
        print_outcomes(results(), outcomes)
        print_next(results(), plan, _request(subject, outcomes), outcomes)
    return 1 if any(one.status in ("refused", "failed", "skipped") for one in outcomes) else 0


def print_plan(console: Console, plan: BootstrapPlan) -> None:
    """Print every step in order, and what it is for."""
    from lakeplane.azure.bootstrap.steps import Kind

    table = _table("step", "what", "for")
    shown = [one for one in plan.steps if one.kind is Kind.PUT]
    registered = [one for one in plan.steps if one.kind is not Kind.PUT]
    names = ", ".join(one.title.rpartition(" ")[2] for one in registered)
    table.add_row("1", "registrations", names)
    for number, one in enumerate(shown, 2):
        table.add_row(str(number), one.title, one.why + (" (once it is there)" if one.awaits else ""))
    console.print(table)
    for one in shown:
        if (condition := _condition(one)) is not None:
            console.print(f"condition of {one.title}:\n{condition}\n", markup=False, soft_wrap=True)
    console.print("nothing was touched; run it again with --yes to act", markup=False)


def print_outcomes(console: Console, outcomes: tuple[Outcome, ...]) -> None:
    """Print what became of each step, and below it what to do about those that are not so yet."""
    table = _table("state", "what", "told")
    for one in outcomes:
        status = one.status.value
        table.add_row(f"[{_COLOURS.get(status, 'dim')}]{status}[/]", one.step.title, one.told)
    console.print(table)
    for one in outcomes:
        if one.remedy:
            console.print(f"{one.step.title}: {one.remedy}", markup=False, soft_wrap=True)


def print_next(
    console: Console, plan: BootstrapPlan, request: str, outcomes: tuple[Outcome, ...] = ()
) -> None:
    """Print what comes after a bootstrap: exports, stacks, identities, rights, and the request to send."""
    from lakeplane.azure.bootstrap.exports import exports_of, people_commands, stack_commands

    lines = ["", "# for pulumi and lakeplane, on every machine that deploys:"]
    lines += [f"export {name}='{value}'" for name, value in exports_of(plan).items()]
    lines += ["", "# once, by whoever deploys first:", *stack_commands(plan)]
    if identities := [one for one in outcomes if one.client_id and one.step.key != "runner"]:
        lines += ["", "# for pipelines: ARM_CLIENT_ID, with ARM_USE_OIDC=true"]
        lines += [f"{one.step.key.removeprefix('identity ')}: {one.client_id}" for one in identities]
    lines += ["", "# for a person who works with the stacks by hand:", *people_commands(plan)]
    if not plan.subject.addresses:
        lines += [
            "",
            "# no public range is named (pipelines.addresses): state and key are closed to all of them",
        ]
    lines += ["", "# request to send:", request]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _request(subject: Environment | Hub, outcomes: tuple[Outcome, ...] = ()) -> str:
    from lakeplane.azure.bootstrap import account_request_of, deployer_key
    from lakeplane.hub_requests import account_request

    if isinstance(subject, Hub):
        return account_request(subject.plan)
    key = deployer_key(subject.plan)
    deployer = next((one.client_id for one in outcomes if one.step.key == key), "")
    return account_request_of(subject.plan, deployer)


def _head(subject: Environment | Hub, plan: BootstrapPlan) -> dict[str, Any]:
    from lakeplane.azure.bootstrap.exports import exports_of, secrets_provider, stack_commands

    return {
        "spec": str(subject.path),
        "exports": exports_of(plan),
        "secrets_provider": secrets_provider(plan),
        "stacks": list(stack_commands(plan)),
        "request": _request(subject),
    }


def _step(step: Any) -> dict[str, Any]:
    return {
        "key": step.key,
        "title": step.title,
        "path": step.path,
        "for": step.why,
        "awaits": step.awaits or None,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        **_step(outcome.step),
        "status": outcome.status.value,
        "client_id": outcome.client_id or None,
        "told": outcome.told or None,
        "remedy": outcome.remedy or None,
    }


def _condition(step: Any) -> str | None:
    """Return the condition of an assignment; the identity that it is for is not there yet."""
    from collections import defaultdict

    later = {"properties": {"principalId": ""}}
    body = step.body(defaultdict(lambda: later))
    found = (body.get("properties") or {}).get("condition")
    return str(found) if found else None


def _nobody(subject: Environment | Hub, told: str) -> Diagnostic:
    return Diagnostic(
        code="BTS001",
        summary="nobody is signed in to Azure",
        detail=told,
        remedy=f"az login --tenant {subject.plan.spec.tenant}, as somebody who may assign roles in "
        f"subscription {subject.plan.spec.subscription}",
    )


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
