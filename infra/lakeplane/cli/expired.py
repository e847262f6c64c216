"""`lakeplane expired`: which environments nobody needs any more, and whether one may be removed by that."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import spec_path
from lakeplane.cli.terminal import Format, fail, print_findings, print_json, results
from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.errors import ProtectedError, SpecError

if TYPE_CHECKING:
    from lakeplane.cli.environment import Environment, Hub
    from lakeplane.spec.expiry import Lifetime

__all__ = ["expired", "has_expired"]


def expired(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SPEC",
            help="Specs, names of environments, or directories of specs; the project's own if left out.",
            show_default=False,
        ),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE", formats=["%Y-%m-%d"], help="The day to look from; today's in UTC if left out."
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """List environments that have expired, soon will, or name no expiry; exit 1 if a spec is wrong."""
    from lakeplane.layout import find_project
    from lakeplane.spec.expiry import Need, find_lifetimes, today

    project = find_project()
    given = [Path(one) if Path(one).is_dir() else spec_path(one) for one in paths or ()]
    _refuse_hubs(given)
    places = given or [Path(os.path.relpath(project.environments))]
    found, wrong = find_lifetimes(project, places, on.date() if on else today())
    told = [one for one in found if one.need is not Need.LATER]
    if output is Format.JSON:
        print_json([one.to_dict() for one in told])
    else:
        _print(told)
    # What can't be read may have expired: whoever acts on the list has to hear of it.
    raise typer.Exit(fail(wrong) if wrong else 0)


def has_expired(subject: Environment | Hub, output: Format) -> bool:
    """Tell whether an environment may be removed by its expiry today, and say so where it may not.

    Raises:
        SpecError: It is a hub, which has no expiry.
        ProtectedError: It has expired, and its tier is never removed by that.
    """
    from lakeplane.cli.environment import Hub
    from lakeplane.spec.expiry import Need, lifetime_of, today

    if isinstance(subject, Hub):
        raise SpecError(_no_hub(subject.name))
    lifetime = lifetime_of(subject.plan.spec, subject.name, str(subject.path), today())
    if lifetime.is_removable:
        return True
    if lifetime.need is Need.EXPIRED:
        raise ProtectedError(
            Diagnostic(
                code="EXP003",
                summary="an environment of tier prod is never removed by its expiry; nothing was removed",
                detail=f"found expiry {lifetime.expiry}; allowed: tier dev or test",
                remedy=f"run `lakeplane destroy {subject.path}` by hand, or give it more time in expiry",
                path=("expiry",),
            )
        )
    until = f"it is needed until {lifetime.expiry}" if lifetime.expiry else "it names no expiry"
    finding = Diagnostic(
        code="EXP002",
        summary=f"nothing to do: {subject.name!r} has not expired",
        severity=Severity.NOTE,
        detail=until,
        path=("expiry",),
    )
    if output is Format.JSON:
        print_json({"environment": subject.name, "nothing_to_do": finding.to_dict()})
    else:
        print_findings((finding,), error=False)
    return False


def _refuse_hubs(paths: list[Path]) -> None:
    from lakeplane.spec.hub import is_hub

    if hubs := [path for path in paths if path.is_file() and is_hub(path)]:
        raise SpecError([_no_hub(path.stem) for path in hubs])


def _no_hub(name: str) -> Diagnostic:
    return Diagnostic(
        code="EXP004",
        summary=f"{name!r} is a hub, which has no expiry",
        detail="environments stand behind it; allowed: an environment",
        remedy="name an environment; `lakeplane destroy` removes a hub once nothing stands behind it",
    )


def _print(found: list[Lifetime]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from lakeplane.spec.expiry import SOON_DAYS

    console = results()
    if not found:
        console.print(f"no environment has expired or will within {SOON_DAYS} days, and each names an expiry")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("environment", "tier", "owner", "expiry", ""):
        table.add_column(column, overflow="fold")
    for one in found:
        expiry = one.expiry.isoformat() if one.expiry else "none"
        table.add_row(escape(one.name), one.tier, escape(one.owner), expiry, _words(one))
    console.print(table)


def _words(one: Lifetime) -> str:
    if one.days_left is None:
        return "is needed until somebody removes it"
    if one.days_left > 0:
        return f"expires in {_days(one.days_left)}"
    if one.days_left == 0:
        return "today is its last day"
    kept = "" if one.is_removable else "; tier prod is never removed by that"
    return f"expired {_days(-one.days_left)} ago{kept}"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
