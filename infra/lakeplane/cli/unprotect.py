"""What `lakeplane destroy` asks before it removes what is protected or locked."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import ProtectedError

if TYPE_CHECKING:
    from lakeplane.engine.protection import Protected

__all__ = ["ALL", "check_named", "check_typed", "refusal"]

ALL = "all"


def check_named(environment: str, protected: Sequence[Protected], names: Sequence[str]) -> None:
    """Refuse unless every protected resource is named, each by a name that means no other.

    Args:
        environment: The environment's name, for the remedy.
        protected: All that is protected or locked.
        names: The program's names or URNs that the user gave, or `all`.

    Raises:
        ProtectedError: Some are not named, or a name means several.
    """
    if list(names) == [ALL]:
        return
    several = [
        Diagnostic(
            code="ENG009",
            summary=f"several protected resources are called {name!r}",
            detail=", ".join(resource.urn for resource in found),
            remedy="name them by their URNs",
        )
        for name in names
        if len(found := [resource for resource in protected if resource.name == name]) > 1
    ]
    left = [resource for resource in protected if not resource.is_named(names)]
    if several or left:
        raise refusal(environment, left, protected, several)


def check_typed(environment: str, typed: str | None, why: str) -> None:
    """Refuse unless the environment's name was typed, beside the command or into the terminal.

    Raises:
        ProtectedError: It was not, or is another one.
    """
    if typed is None and sys.stdin.isatty():
        typed = typer.prompt(f"{why}; type the environment's name to go on", err=True)
    if typed != environment:
        raise ProtectedError(
            Diagnostic(
                code="ENG008",
                summary="the environment's name was not typed; nothing was removed",
                detail=f"found {typed!r}" if typed else why,
                remedy=f"add `--confirm {shlex.quote(environment)}`",
            )
        )


def refusal(
    environment: str,
    left: Sequence[Protected],
    protected: Sequence[Protected],
    others: Sequence[Diagnostic] = (),
) -> ProtectedError:
    """Tell what stands in the way, one finding for each resource, and the command that would remove it."""
    options = " ".join(f"--unprotect {shlex.quote(resource.name)}" for resource in protected)
    findings = [
        Diagnostic(
            code="ENG007",
            summary=f"{resource.name} is {_state(resource)}; nothing was removed",
            detail=f"{resource.type} holds {resource.holds}" if resource.holds else resource.type,
            remedy=f"add `--unprotect {shlex.quote(resource.name)}` to lose it",
            resource=resource.urn,
        )
        for resource in left
    ]
    if left:
        last = findings.pop()
        command = f"lakeplane destroy {environment} {options} --confirm {shlex.quote(environment)}"
        remedy = f"{last.remedy}; all of them: `{command}`"
        findings.append(
            Diagnostic(
                code=last.code,
                summary=last.summary,
                detail=last.detail,
                remedy=remedy,
                resource=last.resource,
            )
        )
    return ProtectedError([*others, *findings])


def _state(resource: Protected) -> str:
    locks = ", ".join(lock.rsplit("::", 1)[-1] for lock in resource.locks)
    if not locks:
        return "protected"
    return f"protected and locked by {locks}" if resource.is_protected else f"locked by {locks}"
