"""`lakeplane pin`: write what is to be served into the spec, so that a review sees it and `up` deploys it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lakeplane.cli.environment import (
    Environment,
    Hub,
    Live,
    Reference,
    Target,
    TargetOption,
    find_environment,
    find_subject,
    go_live,
)
from lakeplane.cli.terminal import Format, Progress, print_json, results
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError, WorkloadError

if TYPE_CHECKING:
    from lakeplane.spec.edit import Value

__all__ = ["pin", "pin_champion"]

_MOST_KEPT = 5  # as the spec allows


def pin(
    spec: Reference,
    target: TargetOption = Target.LOCAL,
    image: Annotated[
        str | None,
        typer.Option(metavar="NAME@sha256:…", help="The scoring service's image, or a hub's runner's."),
    ] = None,
    model_version: Annotated[
        int | None, typer.Option(metavar="N", help="A registered version of the model.", min=1)
    ] = None,
    endpoint_version: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="A version in Azure ML's own registry; the one before stays deployed beside it.",
            min=1,
        ),
    ] = None,
    champion: Annotated[
        bool, typer.Option("--champion", help="The version that is champion now; so too with no option.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="For people or for scripts.")] = Format.TEXT,
) -> None:
    """Write the served image, model version or endpoint version into a spec; comments stay as they are."""
    from lakeplane.spec.edit import edit_spec

    if champion and model_version is not None:
        raise typer.BadParameter("--champion and --model-version both say which version; give one")
    changes: dict[tuple[str, ...], Value] = {}
    subject = find_subject(spec) if image is not None else None
    if isinstance(subject, Hub) and image is not None:
        if champion or (model_version, endpoint_version) != (None, None):
            raise typer.BadParameter("a hub serves no model; give --image alone")
        changes["runner", "image"] = image
        edit_spec(subject.path, changes)
        _tell(subject, changes, output)
        return
    environment = find_environment(spec)
    if image is not None:
        changes["serving", "image"] = image
    if endpoint_version is not None:
        changes |= _endpoint(environment, endpoint_version)
    if champion or model_version is not None or not changes:
        with go_live(environment, target, Progress()) as live:
            changes["serving", "model_version"] = _registered(live, model_version)
    edit_spec(environment.path, changes)
    _tell(environment, changes, output)


def pin_champion(live: Live, output: Format) -> None:
    """Write the version that is champion now into the environment's spec, and say so to people.

    Raises:
        WorkloadError: There is no champion.
        SpecError: The spec cannot be changed in its place.
    """
    from lakeplane.spec.edit import edit_spec

    changes: dict[tuple[str, ...], Value] = {("serving", "model_version"): _registered(live, None)}
    edit_spec(live.environment.path, changes)
    if output is Format.TEXT:
        _tell(live.environment, changes, output)


def _endpoint(environment: Environment, version: int) -> dict[tuple[str, ...], Value]:
    """Deploy a version beside the one before, for the service deletes none that still has traffic."""
    before = environment.plan.spec.ml.endpoint
    earlier = [before.model_version] if before.model_version is not None else []
    kept = [one for one in dict.fromkeys([*before.kept_versions, *earlier]) if one != version]
    if len(kept) > _MOST_KEPT:
        raise SpecError(
            Diagnostic(
                code="SPC017",
                summary="too many versions stay deployed beside it",
                detail=f"found {', '.join(map(str, kept))}; allowed: {_MOST_KEPT}",
                remedy="remove versions without traffic from ml.endpoint.kept_versions",
                path=("ml", "endpoint", "kept_versions"),
            )
        )
    changes: dict[tuple[str, ...], Value] = {("ml", "endpoint", "model_version"): version}
    if tuple(kept) != before.kept_versions:
        changes["ml", "endpoint", "kept_versions"] = kept
    return changes


def _registered(live: Live, version: int | None) -> int:
    """Return a version of the served model that the registry knows; its champion if none is named.

    Raises:
        WorkloadError: There is no such version.
    """
    from lakeplane.cli.status import open_registry
    from lakeplane_workloads import registry

    plan = live.environment.plan
    name = f"{plan.catalog}.ml.{plan.spec.serving.model}"
    try:
        client = open_registry(live)
        assert client is not None  # the local target's was started for this
        found = registry.resolve(client, f"{name}@champion" if version is None else f"{name}/{version}")
    except registry.ModelReferenceError as error:
        raise WorkloadError(
            Diagnostic(
                code="MDL001",
                summary="the model has no such version",
                detail=str(error),
                remedy="run its training, such as `lakeplane run forecasting`, or name a version of it",
            )
        ) from None
    return int(found.version)


def _tell(environment: Environment | Hub, changes: dict[tuple[str, ...], Value], output: Format) -> None:
    written = {".".join(keys): value for keys, value in changes.items()}
    if output is Format.JSON:
        print_json({"environment": environment.name, "spec": str(environment.path), "written": written})
        return
    for key, value in written.items():
        results().print(f"{key}: {value}", soft_wrap=True)
    results().print(f"wrote {environment.path}; `lakeplane up {environment.name}` deploys it", soft_wrap=True)
