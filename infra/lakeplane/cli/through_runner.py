"""What of a private environment is done from inside: by the hub's runner, which this machine starts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import Environment, Hub, Target
from lakeplane.cli.terminal import Progress

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.runner_job import Run

__all__ = ["Inside", "LostOnPurpose", "ThroughOption", "find_inside", "require_own_sources", "run_inside"]

ThroughOption = Annotated[
    bool,
    typer.Option(
        "--through-runner",
        help="Where access is private and the hub has a runner: let it do what is done from inside.",
    ),
]


@dataclass(frozen=True, slots=True)
class Inside:
    """The part of an environment that the hub's runner does.

    Attributes:
        environment: The environment.
        job_id: ARM id of its job.
        layers: The layers that are done from inside.
        sources: What this project is made of, which the job's image has to be made of too.
    """

    environment: Environment
    job_id: str
    layers: tuple[str, ...]
    sources: str


@dataclass(frozen=True, slots=True)
class LostOnPurpose:
    """What holds data and may go all the same, as the options `--unprotect` and `--confirm` say.

    Attributes:
        names: Names of resources.
        typed: The environment's name, typed once more.
    """

    names: Sequence[str] = ()
    typed: str | None = None

    @property
    def words(self) -> list[str]:
        """The same options once more, for the run inside, which asks again."""
        named = [word for name in self.names for word in ("--unprotect", name)]
        return [*named, *(("--confirm", self.typed) if self.typed else ())]


def find_inside(subject: Environment | Hub, target: Target, wanted: Sequence[str]) -> Inside | None:
    """Return what the hub's runner does of the wanted layers; None where this machine does all of it.

    Contents are done from inside. Where the stacks' state is closed to every public network, so is the rest.

    Raises:
        SetupError: The runner would take another spec of the same name.
    """
    from lakeplane.azure.bootstrap.subject import subject_of
    from lakeplane.azure.inside import is_inside
    from lakeplane.image import fingerprint_of

    if not isinstance(subject, Environment) or target is not Target.AZURE or is_inside(os.environ):
        return None
    reduced = subject_of(subject.plan)
    job = reduced.surroundings.runner_job_id if reduced.surroundings is not None else ""
    layers = tuple(layer for layer in wanted if layer == "contents" or not reduced.addresses)
    if not job or not layers:
        return None
    _require_own_place(subject)
    return Inside(subject, job, layers, fingerprint_of(subject.project))


def _require_own_place(environment: Environment) -> None:
    """Refuse a spec that the runner would not find by the environment's name: it would deploy another."""
    from lakeplane.diagnostics import Diagnostic
    from lakeplane.errors import SetupError

    usual = environment.project.environments / f"{environment.name}.yaml"
    if environment.path.resolve() != usual.resolve():
        raise SetupError(
            Diagnostic(
                code="RNR008",
                summary="the hub's runner finds a spec by its name, and this one lies elsewhere",
                detail=f"found {environment.path}; allowed: {os.path.relpath(usual)}",
                remedy="move the spec there, and build the runner's image with it",
            )
        )


def run_inside(
    inside: Inside,
    verb: str,
    progress: Progress,
    options: Sequence[str] = (),
    client: Client | None = None,
) -> Run:
    """Let the hub's runner run a verb, and wait for its end.

    Args:
        inside: What is done from inside.
        verb: `up`, or another verb that takes a spec, a target and a layer.
        progress: Told how far it is.
        options: Further words of the verb.
        client: Asks ARM; whoever is signed in if left out.

    Raises:
        SetupError: The run could not be started.
        WorkloadError: It failed, or how it ended is not known.
    """
    from lakeplane.azure.client import Client
    from lakeplane.azure.runner_job import run_job
    from lakeplane.azure.sign_in import sign_in
    from lakeplane.image import SOURCES

    name = inside.environment.name
    chosen = () if inside.layers == inside.environment.layers else ("--layer", *inside.layers)
    arguments = (verb, name, "--target", "azure", *chosen, *options)
    with progress.step(f"{inside.job_id.rpartition('/')[2]}: {verb} of {' and '.join(inside.layers)}") as say:
        asked = client or Client(sign_in())
        return run_job(asked, inside.job_id, arguments, {SOURCES: inside.sources}, say)


def require_own_sources(subject: Environment | Hub) -> None:
    """Stop where this is the hub's runner, and its image is of other sources than whoever started it has.

    Raises:
        SetupError: The sources are others.
    """
    from lakeplane.azure.inside import is_inside
    from lakeplane.image import SOURCES, require_sources

    if is_inside(os.environ):
        require_sources(subject.project, os.environ.get(SOURCES))
