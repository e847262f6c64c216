"""A Pulumi state as base: what `pulumi stack export` writes, one file a stack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.errors import PlanError
from lakeplane.preview.aliases import urn_name
from lakeplane.preview.base import Base, BaseLayer
from lakeplane.preview.model import BaseLabel
from lakeplane.preview.seals import Seal, seal
from lakeplane.preview.state_shape import StateResource, read_resources, shape_problems
from lakeplane.preview.state_values import plain_inputs, without_place
from lakeplane.render import Resource

__all__ = ["exported_base", "is_state", "state_base"]

_STACK = "pulumi:pulumi:Stack"
_TOLD = 5


def is_state(path: Path) -> bool:
    """Tell whether a file looks like a Pulumi state."""
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(4096).lstrip().startswith("{")
    except (OSError, UnicodeDecodeError):
        return False


def state_base(paths: Sequence[Path], environment: str, layers: Sequence[str], key: Seal) -> Base:
    """Read an environment's states.

    Args:
        paths: One file for each stack that exists.
        environment: The environment's name.
        layers: The layers that are looked at; one without a state has nothing yet.
        key: Seals the secrets that stand in clear, which they do after an export with `--show-secrets`.

    Raises:
        PlanError: A file is no state, or one of another environment.
    """
    found, findings = _layers([(str(path), _deployment(path)) for path in paths], environment, key)
    for layer in layers:
        if layer not in found:
            findings.append(_nothing_yet(environment, layer))
    label = BaseLabel("state", ", ".join(str(path) for path in paths))
    return Base(label, found, tuple(findings))


def exported_base(deployments: Mapping[str, Mapping[str, Any]], environment: str, key: Seal) -> Base:
    """Read the states that an engine exported.

    Args:
        deployments: Each stack's deployment by the stack's name; one without resources has nothing yet.
        environment: The environment's name.
        key: Seals the secrets that stand in clear.

    Raises:
        PlanError: A deployment is none of the environment, or has another shape.
    """
    there = [(stack, deployment) for stack, deployment in deployments.items() if deployment.get("resources")]
    found, findings = _layers(there, environment, key)
    return Base(BaseLabel("state", ", ".join(stack for stack, _ in there)), found, tuple(findings))


def _layers(
    deployments: Sequence[tuple[str, Mapping[str, Any]]], environment: str, key: Seal
) -> tuple[dict[str, BaseLayer], list[Diagnostic]]:
    """Read each deployment, which comes with what its user knows it by."""
    found: dict[str, BaseLayer] = {}
    findings: list[Diagnostic] = []
    for name, deployment in deployments:
        try:
            resources, pending = read_resources(deployment)
        except ValidationError as error:
            raise _misshapen(name, error) from error
        layer = _layer(name, resources, environment)
        if layer in found:
            raise _wrong(name, f"a state of {environment}.{layer} is named already", "name each stack once")
        found[layer] = _read(resources, key)
        findings += _unfinished(name, found[layer], pending)
    return found, findings


def _deployment(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _wrong(
            str(path), f"it can't be read: {error}", "export it again: `pulumi stack export`"
        ) from error
    # The engine's own backend keeps the same thing one level deeper.
    checkpoint = document.get("checkpoint") if isinstance(document, dict) else None
    found = checkpoint.get("latest") if isinstance(checkpoint, dict) else None
    found = found or (document.get("deployment") if isinstance(document, dict) else None)
    if not isinstance(found, dict):
        raise _wrong(str(path), "it has no `deployment`", "name the file that `pulumi stack export` writes")
    return found


def _layer(name: str, resources: Sequence[StateResource], environment: str) -> str:
    stacks = {one.urn.removeprefix("urn:pulumi:").split("::")[0] for one in resources}
    if len(stacks) != 1:
        raise _wrong(name, "it holds no resources of one stack", "export a stack that has been deployed")
    owner, _, layer = stacks.pop().rpartition(".")
    if owner != environment:
        raise _wrong(
            name,
            f"it is of the stack {owner}.{layer}",
            f"name the states of {environment!r}, or compare two specs with each other",
        )
    return layer


def _read(resources: Sequence[StateResource], key: Seal) -> BaseLayer:
    standing = {one.urn: one for one in resources if not one.delete and one.type != _STACK}
    return BaseLayer(
        resources={urn: _resource(one, key) for urn, one in standing.items()},
        ids={urn: one.id for urn, one in standing.items() if one.id},
        left_over=tuple(_resource(one, key) for one in resources if one.delete),
        replacing=frozenset(urn for urn, one in standing.items() if one.pendingReplacement),
        unfinished=frozenset(urn for urn, one in standing.items() if one.initErrors),
    )


def _resource(found: StateResource, key: Seal) -> Resource:
    dependencies = found.propertyDependencies or {}
    return replace(
        Resource(found.urn, found.type, urn_name(found.urn), custom=found.custom),
        parent=found.parent,
        # The id behind the provider's URN is the engine's, and new with each replacement.
        provider=found.provider.rpartition("::")[0] if found.provider else None,
        inputs=without_place(seal(plain_inputs(found.type, found.inputs or {}), key)),
        dependencies=tuple(found.dependencies or ()),
        property_dependencies={name: tuple(urns) for name, urns in dependencies.items() if urns},
        protect=bool(found.protect),
        read=bool(found.external),
        deleted_with=found.deletedWith or None,
        retain_on_delete=bool(found.retainOnDelete),
    )


def _unfinished(name: str, layer: BaseLayer, pending: int) -> Iterator[Diagnostic]:
    parts = [
        f"{count} {what}"
        for count, what in (
            (pending, "operations were begun and not finished"),
            (len(layer.left_over), "resources wait for their deletion"),
            (len(layer.replacing), "replacements are half done"),
        )
        if count
    ]
    if parts:
        yield Diagnostic(
            code="PRV026",
            summary="the state is of an update that was interrupted",
            severity=Severity.WARNING,
            detail=f"{name}: {', '.join(parts)}",
            remedy="finish it with `lakeplane up` before you rely on the comparison",
        )


def _nothing_yet(environment: str, layer: str) -> Diagnostic:
    return Diagnostic(
        code="PRV027",
        summary=f"no state of {environment}.{layer} is named, so that all of it is shown as new",
        severity=Severity.NOTE,
        remedy=f"if the stack exists, export it and name it with one more --base: {environment}.{layer}",
    )


def _misshapen(name: str, error: ValidationError) -> PlanError:
    problems = list(shape_problems(error))
    more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
    found = f"it has another shape: {'; '.join(problems[:_TOLD])}{more}"
    return _wrong(name, found, "export it again: `pulumi stack export`")


def _wrong(name: str, found: str, remedy: str) -> PlanError:
    return PlanError(
        Diagnostic(
            code="PRV025",
            summary="the base is no Pulumi state that can be compared",
            detail=f"{name}: {found}",
            remedy=remedy,
        )
    )
