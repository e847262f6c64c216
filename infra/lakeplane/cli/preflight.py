"""`lakeplane preflight`: what would stop an `up` on Azure, asked beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import Hub, Reference, Target, TargetOption, find_subject
from lakeplane.cli.terminal import Format, Progress, print_json, results
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError

if TYPE_CHECKING:
    from rich.console import Console

    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight import Needs, Result
    from lakeplane.cli.environment import Environment

__all__ = ["ask", "needs_of_subject", "preflight", "print_results"]

_COLOURS = {
    "ok": "green",
    "short": "yellow",
    "missing": "red",
    "not checked": "red",
    "warning": "yellow",
    "unasked": "cyan",
}


def preflight(
    spec: Reference,
    target: TargetOption = Target.AZURE,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Ask Azure whether an `up` can succeed: rights, providers, quota, sizes, names; exit 1 if not."""
    from lakeplane.azure.client import DATABRICKS_ACCOUNTS, Client
    from lakeplane.azure.sign_in import sign_in

    if target is Target.LOCAL:
        raise SpecError(_nothing_to_ask())
    subject = find_subject(spec)
    credential = sign_in()
    clients = Client(credential), Client(credential, endpoint=DATABRICKS_ACCOUNTS)
    raise typer.Exit(ask(subject, *clients, output))


def ask(subject: Environment | Hub, client: Client, account_client: Client, output: Format) -> int:
    """Ask everything, print the answers, and return the exit code."""
    from lakeplane.azure.preflight import fails
    from lakeplane.azure.preflight import preflight as ask_all

    needs = needs_of_subject(subject)
    with Progress().step("questions to Azure") as say:
        found = ask_all(client, account_client, needs)
        say(f"{len(found)} answers")
    if output is Format.JSON:
        print_json(
            {"spec": str(subject.path), "target": "azure", "results": [one.to_dict() for one in found]}
        )
    else:
        print_results(results(), found)
    return 1 if fails(found) else 0


def needs_of_subject(subject: Environment | Hub) -> Needs:
    """Return what a hub or an environment needs, its cores counted from what the program registers."""
    from lakeplane.azure.preflight import needs_of, needs_of_hub, with_counted_cores
    from lakeplane.costs.quota import cores_by_family
    from lakeplane.preview import preview_environment

    if isinstance(subject, Hub):
        return needs_of_hub(subject.plan)
    return with_counted_cores(
        needs_of(subject.plan), cores_by_family(preview_environment(subject.path).quota)
    )


def print_results(console: Console, found: tuple[Result, ...]) -> None:
    """Print a table of all answers, and below it the remedy for each that isn't as it should be."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for column in ("area", "state", "what", "found"):
        table.add_column(column, overflow="fold")
    for one in found:
        state = one.state.value
        table.add_row(one.area, f"[{_COLOURS[state]}]{state}[/]", one.subject, one.found)
    console.print(table)
    for one in found:
        if one.remedy:
            console.print(f"{one.code} {one.subject}: {one.remedy}", markup=False, soft_wrap=True)
    counts = {one.state.value: 0 for one in found}
    for one in found:
        counts[one.state.value] += 1
    console.print(", ".join(f"{count} {state}" for state, count in counts.items()), markup=False)


def _nothing_to_ask() -> Diagnostic:
    return Diagnostic(
        code="PRF003",
        summary="the simulated cloud has neither rights nor quota to ask for",
        detail="found --target local; allowed: --target azure",
        remedy="use `lakeplane validate`, and `lakeplane doctor` for this machine",
    )
