"""What `destroy` and `up` ask before they remove what nobody loses without naming it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import ProtectedError

if TYPE_CHECKING:
    from lakeplane.cli.environment import Live
    from lakeplane.cli.terminal import Progress
    from lakeplane.engine.protection import Protected

__all__ = ["ALL", "Asking", "ConfirmOption", "UnprotectOption", "check_named", "check_typed", "release"]

ALL = "all"

UnprotectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--unprotect",
        metavar="NAME",
        help="Lose this resource too, by its name in the program or its URN; `all` for all.",
    ),
]
ConfirmOption = Annotated[
    str | None, typer.Option("--confirm", metavar="NAME", help="The environment's name, typed once more.")
]


@dataclass(frozen=True, slots=True)
class Asking:
    """How a verb tells what it will not do unasked.

    Attributes:
        verb: The verb, with what repeats the command beside the environment's name.
        code: Code of its findings.
        state: Tells what would happen to a resource, in words.
    """

    verb: str
    code: str
    state: Callable[[Protected], str]


def _state(resource: Protected) -> str:
    locks = ", ".join(lock.rsplit("::", 1)[-1] for lock in resource.locks)
    if not locks:
        return "is protected; nothing was removed"
    held = "is protected and locked" if resource.is_protected else "is locked"
    return f"{held} by {locks}; nothing was removed"


DESTROY = Asking("destroy", "ENG007", _state)


def check_named(
    environment: str, protected: Sequence[Protected], names: Sequence[str], asking: Asking = DESTROY
) -> None:
    """Refuse unless every one of these resources is named, each by a name that means no other.

    Args:
        environment: The environment's name, for the remedy.
        protected: All that would be lost.
        names: The program's names or URNs that the user gave, or `all`.
        asking: How the verb tells it.

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
        raise ProtectedError([*several, *_refusals(environment, left, protected, asking)])


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


def release(live: Live, named: Sequence[Protected], progress: Progress) -> None:
    """Take protection and locks off all that was named, before anything goes: the next run finds it so."""
    for stack in dict.fromkeys(resource.stack for resource in named):
        own = [resource for resource in named if resource.stack == stack]
        locks = [lock for resource in own for lock in resource.locks]
        with progress.step(f"unprotect {stack}") as say:
            live.engine.unprotect(stack, [*(resource.urn for resource in own), *locks])
            if locks:
                live.engine.destroy(stack, on_progress=say, targets=locks)
            held = sum(resource.is_protected for resource in own)
            say(f"{held} resources unprotected, {len(locks)} delete locks removed")


def _refusals(
    environment: str, left: Sequence[Protected], protected: Sequence[Protected], asking: Asking
) -> list[Diagnostic]:
    """Tell what stands in the way, one finding for each resource, and the command that would remove it."""
    findings = [
        Diagnostic(
            code=asking.code,
            summary=f"{resource.name} {asking.state(resource)}",
            detail=f"{resource.type} holds {resource.holds}" if resource.holds else resource.type,
            remedy=f"add `--unprotect {shlex.quote(resource.name)}` to lose it",
            resource=resource.urn,
        )
        for resource in left
    ]
    if findings:
        options = " ".join(f"--unprotect {shlex.quote(resource.name)}" for resource in protected)
        command = f"lakeplane {asking.verb} {environment} {options} --confirm {shlex.quote(environment)}"
        findings[-1] = replace(findings[-1], remedy=f"{findings[-1].remedy}; all of them: `{command}`")
    return findings
