"""`lakeplane destroy`: remove an environment, and prove what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import (
    LayerChoice,
    Live,
    Reference,
    Target,
    TargetOption,
    find_subject,
    go_live,
)
from lakeplane.cli.expired import has_expired
from lakeplane.cli.terminal import Format, Progress, fail, print_json, results
from lakeplane.cli.through_runner import LostOnPurpose, ThroughOption, find_inside, run_inside
from lakeplane.cli.unprotect import ConfirmOption, UnprotectOption, check_named, check_typed, release
from lakeplane.errors import EngineError, ProtectedError

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.runner_job import Run
    from lakeplane.cli.through_runner import Inside
    from lakeplane.engine.protection import Protected
    from lakeplane.local.removal import RemovalProof

__all__ = ["destroy", "remove_inside"]


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
    layer: Annotated[
        LayerChoice, typer.Option(help="Which stacks to remove; a foundation goes after its contents.")
    ] = LayerChoice.ALL,
    through_runner: ThroughOption = False,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Remove an environment's stacks, contents first, and prove what is gone and what is left."""
    from lakeplane.preview.layers import choose_layers

    if if_expired and unprotect:
        # A date is no decision about data: somebody has to name what is lost.
        raise typer.BadParameter("what is protected is never removed by an expiry; leave out one of both")
    if layer is LayerChoice.FOUNDATION:
        raise typer.BadParameter("contents stand on the foundation; leave out --layer to remove both")
    subject = find_subject(spec)
    name = subject.name
    wanted = choose_layers(layer.value, subject.layers)
    if if_expired and not has_expired(subject, output):
        return
    if confirm is not None or (target is Target.AZURE and not yes):
        check_typed(name, confirm, f"this removes {name!r} on {target.value}")
        confirm = name
    progress = Progress()
    lost = LostOnPurpose(unprotect or (), confirm)
    inside = find_inside(subject, target, wanted) if through_runner else None
    if inside is not None:
        run = remove_inside(inside, wanted, lost, progress, output)
        if inside.layers == wanted:
            _tell_run(inside, run, output)
            return
    if target is Target.LOCAL:
        from lakeplane.local.lifecycle import check_unused

        check_unused(subject.files)
    with go_live(subject, target, progress, mlflow=False) as live:
        before, protected = _look(live, wanted, lost, progress, output)
        release(live, protected, progress)
        failure, gone = _remove(live, wanted, progress)
        is_whole = target is Target.LOCAL and wanted == subject.layers
        after = _deployed(live, wanted) if failure or not is_whole else []
    proof = _prove(live, before, after, gone, ask_the_cloud=is_whole)
    if is_whole and not proof.left_over:
        from lakeplane.local.lifecycle import without_cloud
        from lakeplane.local.removal import remove_files

        # One that `lakeplane local start` left running too: it must not outlive its files.
        with without_cloud(subject.files):
            remove_files(subject.files)
    _tell(output, proof)
    if failure:
        fail(failure.findings)
    raise typer.Exit(1 if failure or proof.left_over else 0)


def remove_inside(
    inside: Inside,
    wanted: Sequence[str],
    lost: LostOnPurpose,
    progress: Progress,
    output: Format,
    client: Client | None = None,
) -> Run:
    """Let the hub's runner remove what it reaches; its proof is among the words of the run.

    What is protected of the rest is asked for before: nothing goes where the rest would stay. Whether it has
    expired was asked here; the image may have been built before that was decided.

    Args:
        inside: What the hub's runner reaches.
        wanted: Layers that go, here and from inside.
        lost: What may be lost of what is protected.
        progress: Told how far it is.
        output: How what is refused is printed.
        client: Asks ARM; whoever is signed in if left out.

    Raises:
        ProtectedError: Something is protected and was not named.
        SetupError: The run could not be started.
        WorkloadError: It failed, as it does where something is left over.
    """
    if inside.layers != tuple(wanted):
        with go_live(inside.environment, Target.AZURE, progress, mlflow=False) as live:
            _look(live, wanted, lost, progress, output)
    return run_inside(inside, "destroy", progress, ["--yes", *lost.words], client)


def _look(
    live: Live, layers: Sequence[str], lost: LostOnPurpose, progress: Progress, output: Format
) -> tuple[list[tuple[str, str]], list[Protected]]:
    """Read what the stacks have in a cloud, and what of it nobody removes without naming it.

    Raises:
        ProtectedError: Something is protected and was not named.
    """
    from lakeplane.engine.protection import deployed, find_protected

    before: list[tuple[str, str]] = []
    protected: list[Protected] = []
    with progress.step("what is deployed and protected") as say:
        for layer in reversed(layers):
            stack = live.subject.plan.stack(layer)
            state = live.engine.export(stack)
            before += deployed(state)
            protected += find_protected(stack, state)
        say(f"{len(before)} resources, {len(protected)} protected")
    if protected:
        name = live.subject.name
        try:
            check_named(name, protected, lost.names)
            check_typed(name, lost.typed, f"this loses {len(protected)} protected resources of {name!r}")
        except ProtectedError:
            if output is Format.JSON:
                print_json({"refused": [resource.to_dict() for resource in protected]})
            raise
    return before, protected


def _deployed(live: Live, layers: Sequence[str]) -> list[tuple[str, str]]:
    from lakeplane.engine.protection import deployed

    stacks = [live.subject.plan.stack(layer) for layer in reversed(layers)]
    return [resource for stack in stacks for resource in deployed(live.engine.export(stack))]


def _remove(
    live: Live, layers: Sequence[str], progress: Progress
) -> tuple[EngineError | None, dict[str, int]]:
    """Destroy the stacks, contents first; a failure ends it, so that the proof tells what is left."""
    gone: dict[str, int] = {}
    for layer in reversed(layers):
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
    live: Live,
    before: list[tuple[str, str]],
    after: list[tuple[str, str]],
    gone: dict[str, int],
    *,
    ask_the_cloud: bool,
) -> RemovalProof:
    from lakeplane.local.removal import prove_from_state, prove_removal

    if ask_the_cloud:
        return prove_removal(live.subject.files, gone, before)
    return prove_from_state(before, after, gone)


def _tell_run(inside: Inside, run: Run, output: Format) -> None:
    if output is Format.JSON:
        print_json({"environment": inside.environment.name, "inside": run.to_dict()})
    else:
        results().print(f"{' and '.join(inside.layers)} removed from inside: {run.name} {run.status}")


def _tell(output: Format, proof: RemovalProof) -> None:
    if output is Format.JSON:
        print_json(proof.to_dict())
        return
    console = results()
    for line in proof.to_text().splitlines():
        console.print(line, markup=False, soft_wrap=True)
