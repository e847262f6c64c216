"""`lakeplane destroy`: remove an environment, and prove what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import (
    Live,
    Reference,
    Target,
    TargetOption,
    find_subject,
    go_live,
)
from lakeplane.cli.expired import has_expired
from lakeplane.cli.terminal import Format, Progress, fail, print_json, results
from lakeplane.cli.unprotect import ConfirmOption, UnprotectOption, check_named, check_typed, release
from lakeplane.errors import EngineError, ProtectedError

if TYPE_CHECKING:
    from lakeplane.engine.protection import Protected
    from lakeplane.local.removal import RemovalProof

__all__ = ["destroy"]


def destroy(
    spec: Reference,
    target: TargetOption = Target.LOCAL,
    unprotect: UnprotectOption = None,
    confirm: ConfirmOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; the local target never asks.")] = False,
    if_expired: Annotated[
        bool,
        typer.Option(
            "--if-expired",
            help="Only once its expiry is past, and never in tier prod; else there is nothing to do, exit 0.",
        ),
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Remove an environment's stacks, contents first, and prove what is gone and what is left."""
    if if_expired and unprotect:
        # A date is no decision about data: somebody has to name what is lost.
        raise typer.BadParameter("what is protected is never removed by an expiry; leave out one of both")
    subject = find_subject(spec)
    name = subject.name
    if if_expired and not has_expired(subject, output):
        return
    if confirm is not None or (target is Target.AZURE and not yes):
        check_typed(name, confirm, f"this removes {name!r} on {target.value}")
        confirm = name
    progress = Progress()
    if target is Target.LOCAL:
        from lakeplane.local.lifecycle import check_unused

        check_unused(subject.files)
    with go_live(subject, target, progress, mlflow=False) as live:
        before, protected = _look(live, progress)
        if protected:
            try:
                check_named(name, protected, unprotect or ())
                check_typed(name, confirm, f"this loses {len(protected)} protected resources of {name!r}")
            except ProtectedError:
                if output is Format.JSON:
                    print_json({"refused": [resource.to_dict() for resource in protected]})
                raise
            release(live, protected, progress)
        failure, gone = _remove(live, progress)
        after = _deployed(live) if failure or target is Target.AZURE else []
    proof = _prove(live, before, after, gone)
    if target is Target.LOCAL and not proof.left_over:
        from lakeplane.local.lifecycle import without_cloud
        from lakeplane.local.removal import remove_files

        # One that `lakeplane local start` left running too: it must not outlive its files.
        with without_cloud(subject.files):
            remove_files(subject.files)
    _tell(output, proof)
    if failure:
        fail(failure.findings)
    raise typer.Exit(1 if failure or proof.left_over else 0)


def _look(live: Live, progress: Progress) -> tuple[list[tuple[str, str]], list[Protected]]:
    """Read what the stacks have in a cloud, and what of it nobody removes without naming it."""
    from lakeplane.engine.protection import deployed, find_protected

    before: list[tuple[str, str]] = []
    protected: list[Protected] = []
    with progress.step("what is deployed and protected") as say:
        for layer in reversed(live.subject.layers):
            stack = live.subject.plan.stack(layer)
            state = live.engine.export(stack)
            before += deployed(state)
            protected += find_protected(stack, state)
        say(f"{len(before)} resources, {len(protected)} protected")
    return before, protected


def _deployed(live: Live) -> list[tuple[str, str]]:
    from lakeplane.engine.protection import deployed

    stacks = [live.subject.plan.stack(layer) for layer in reversed(live.subject.layers)]
    return [resource for stack in stacks for resource in deployed(live.engine.export(stack))]


def _remove(live: Live, progress: Progress) -> tuple[EngineError | None, dict[str, int]]:
    """Destroy the stacks, contents first; a failure ends it, so that the proof tells what is left."""
    gone: dict[str, int] = {}
    for layer in reversed(live.subject.layers):
        stack = live.subject.plan.stack(layer)
        try:
            with progress.step(f"pulumi destroy {stack}") as say:
                gone[layer] = live.engine.destroy(stack, on_progress=say).changes.get("delete", 0)
                live.engine.remove(stack)
                say(f"{gone[layer]} resources deleted")
        except EngineError as error:
            return error, gone
    return None, gone


def _prove(
    live: Live, before: list[tuple[str, str]], after: list[tuple[str, str]], gone: dict[str, int]
) -> RemovalProof:
    from lakeplane.local.removal import prove_from_state, prove_removal

    if live.target is Target.LOCAL:
        return prove_removal(live.subject.files, gone, before)
    return prove_from_state(before, after, gone)


def _tell(output: Format, proof: RemovalProof) -> None:
    if output is Format.JSON:
        print_json(proof.to_dict())
        return
    console = results()
    for line in proof.to_text().splitlines():
        console.print(line, markup=False, soft_wrap=True)
