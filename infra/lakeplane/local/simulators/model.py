"""What a simulated resource type is: rules for its inputs, its id, its answers and its effects."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resource, Resources
from lakeplane.provider_models.wire import has_unknown

__all__ = ["Failure", "Model", "Refusal", "Scene", "Target", "at", "guid", "known", "number"]


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that the service would refuse: where it stands and why."""

    path: str
    reason: str


class Refusal(Exception):  # noqa: N818 - a service refuses; the engine makes an error of it
    """Raised when the service refuses an operation; `status` is the HTTP status it would answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f'Code="{code}" Message="{message}"')
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an operation takes place: the store, the files, and the provider's own configuration."""

    resources: Resources
    places: CloudPlaces
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """The resource that an operation is about.

    Attributes:
        type: Its type token.
        urn: Its URN.
        inputs: Its inputs without secret marks; unknowns keep theirs in a preview.
        id: Its id; empty before it is created.
    """

    type: str
    urn: str
    inputs: Mapping[str, Any]
    id: str = ""

    @property
    def name(self) -> str:
        """The name that the program gave it."""
        return self.urn.rsplit("::", 1)[-1]


def _nothing(_scene: Scene, _target: Target) -> None:
    """Have no effect."""


def _no_findings(_scene: Scene, _target: Target) -> Iterator[Failure]:
    yield from ()


def _no_outputs(_scene: Scene, _target: Target) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Model:
    """How one resource type behaves; every part that is left out does nothing.

    Attributes:
        required: Paths of inputs that the service insists on.
        identify: Gives the id, from inputs that are all known.
        parent: Gives the `reference` of the resource that takes this one along when it goes.
        defaults: Adds to the inputs what the service would fill in.
        check: Finds what the service would refuse; some inputs may be unknown.
        outputs: What the service answers once the resource is there, beyond what was certain before.
        admit: Raises a `Refusal` where the state of the cloud forbids to create the resource.
        release: Raises a `Refusal` where the state of the cloud forbids to delete it.
        apply: Brings about the effects of creating or updating it; may run twice.
        undo: Takes the effects back; may run twice.
        retention_days: For how long a deleted one keeps its name; None if it is gone at once.
    """

    identify: Callable[[Scene, Target], str]
    required: tuple[str, ...] = ()
    parent: Callable[[Scene, Target], str] = lambda _scene, _target: ""
    defaults: Callable[[Target, Mapping[str, Any]], dict[str, Any]] = lambda target, _old: dict(target.inputs)
    check: Callable[[Scene, Target], Iterator[Failure]] = _no_findings
    outputs: Callable[[Scene, Target], dict[str, Any]] = _no_outputs
    admit: Callable[[Scene, Target], None] = _nothing
    release: Callable[[Scene, Resource], None] = lambda _scene, _resource: None
    apply: Callable[[Scene, Target], None] = _nothing
    undo: Callable[[Scene, Resource], None] = lambda _scene, _resource: None
    retention_days: Callable[[Resource], int | None] = lambda _resource: None


def at(inputs: Any, path: str) -> Any:
    """Return the value at a dotted path such as `sku.name`; None if it is absent."""
    value = inputs
    for key in path.split("."):
        if not isinstance(value, Mapping) or "$unknown" in value:
            return value if isinstance(value, Mapping) and "$unknown" in value else None
        value = value.get(key)
    return value


def known(inputs: Any, path: str) -> Any:
    """Return the value at a dotted path if it is present and wholly known, else None."""
    value = at(inputs, path)
    return None if value is None or has_unknown(value) else value


def number(text: str, digits: int = 15) -> int:
    """Make a number of a fixed length from a text, always the same one, as Databricks' ids are."""
    low: int = 10 ** (digits - 1)
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return low + digest % (9 * low)


def guid(text: str) -> str:
    """Make a GUID from a text, always the same one."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))
