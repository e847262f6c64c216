"""`lakeplane destroy`: remove an environment, and prove what is gone."""

from __future__ import annotations

from typing import Annotated

import typer

from lakeplane.cli.environment import (
    LAYERS,
    Environment,
    Reference,
    Target,
    TargetOption,
    find_environment,
    go_live,
)
from lakeplane.cli.terminal import Format, Progress, print_json, results

__all__ = ["destroy"]


def destroy(
    spec: Reference,
    target: TargetOption = Target.LOCAL,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; the local target never asks.")] = False,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Remove an environment's stacks, contents first, and show what is gone and what is left."""
    environment = find_environment(spec)
    if target is Target.AZURE and not yes:
        _confirm(environment)
    progress = Progress()
    gone: dict[str, int] = {}
    with go_live(environment, target, progress, mlflow=False) as live:
        for layer in reversed(LAYERS):
            stack = environment.plan.stack(layer)
            with progress.step(f"pulumi destroy {stack}") as say:
                gone[layer] = live.engine.destroy(stack, on_progress=say).changes.get("delete", 0)
                live.engine.remove(stack)
                say(f"{gone[layer]} resources deleted")
    if target is Target.AZURE:
        _tell(output, {"gone": gone})
        return
    from lakeplane.local.removal import prove_removal, remove_files

    proof = prove_removal(environment.files, gone)
    if not proof.left_over:
        remove_files(environment.files)
    _tell(output, proof.to_dict())
    raise typer.Exit(1 if proof.left_over else 0)


def _confirm(environment: Environment) -> None:
    typed = typer.prompt(f"This removes {environment.name!r} on Azure; type its name to go on")
    if typed != environment.name:
        raise typer.BadParameter("the name does not match; nothing was removed")


def _tell(output: Format, proof: dict[str, object]) -> None:
    if output is Format.JSON:
        print_json(proof)
        return
    console = results()
    for kind, what in proof.items():
        label = kind.replace("_", " ")
        if isinstance(what, dict):
            listed = ", ".join(f"{key}: {value}" for key, value in what.items())
        else:
            listed = ", ".join(map(str, what)) if isinstance(what, list) else str(what)
        console.print(f"{label}: {listed or 'nothing'}", markup=False, soft_wrap=True)
