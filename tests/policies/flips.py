"""Everything in an environment's inputs that could be set the other way, one change at a time."""

from __future__ import annotations

import copy
import functools
import ipaddress
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.registration.databricks_values import PERMISSION_LEVELS
from lakeplane.registration.metadata import resource_record
from lakeplane.registration.shapes import Choice, Entries, Items, OneOf, Record, Shape
from lakeplane_policies.stack import Resource

Path = tuple[str | int, ...]
# What a cluster policy may say of an attribute: Databricks, "Compute policy reference".
LIMITS = ("allowlist", "blocklist", "fixed", "forbidden", "range", "regex", "unlimited")
# Inputs in which a name of Azure's stands for address ranges.
PREFIXES = ("AddressPrefix", "AddressPrefixes", "sourceAddresses", "destinationAddresses")


@dataclass(frozen=True)
class Flip:
    """One value set the other way.

    Attributes:
        resource: The resource as it is.
        path: Where the value stands; a part in quotes of its own leads into a JSON document.
        kind: `boolean`, `enumeration` or `range`.
        before: The value.
        after: What it is set to.
    """

    resource: Resource
    path: Path
    kind: str
    before: Any
    after: Any

    @property
    def place(self) -> str:
        """The path without list positions, as exclusions name it."""
        return ".".join("[]" if isinstance(part, int) else part for part in self.path).replace(".[]", "[]")

    def flipped(self) -> Resource:
        """Return the resource with the value set the other way."""
        inputs = dict(self.resource.inputs)
        _put(inputs, self.path, self.after)
        one = self.resource
        return Resource(
            one.urn,
            one.type,
            inputs,
            one.parent,
            one.dependencies,
            one.property_dependencies,
            one.protect,
            one.outputs,
        )


def flips(resource: Resource) -> Iterator[Flip]:
    """Yield every flip of a resource's inputs."""
    for path, kind, before, after in _walk(dict(resource.inputs), _shape(resource.type), ()):
        yield Flip(resource, path, kind, before, after)
    yield from _permission_levels(resource)


def _permission_levels(resource: Resource) -> Iterator[Flip]:
    """Yield other levels of a permission; which there are hangs on the kind of object that it is for."""
    kind = next((kind for kind in PERMISSION_LEVELS if kind in resource.inputs), None)
    controls = resource.inputs.get("accessControls")
    for index, control in enumerate(controls if kind and isinstance(controls, list) else ()):
        path, level = ("accessControls", index, "permissionLevel"), control["permissionLevel"]
        for other in PERMISSION_LEVELS[kind or ""]:
            if other != level:
                yield Flip(resource, path, "enumeration", level, other)


@functools.cache
def _shape(type_: str) -> Shape | None:
    try:
        return resource_record(type_)
    except LookupError:  # of Pulumi itself
        return None


def _walk(value: Any, shape: Shape | None, path: Path) -> Iterator[tuple[Path, str, Any, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, _below(shape, key), (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, _below(shape, index), (*path, index))
    elif isinstance(value, bool):
        yield path, "boolean", value, not value
    elif isinstance(value, str):
        yield from _texts(value, shape, path)


def _texts(value: str, shape: Shape | None, path: Path) -> Iterator[tuple[Path, str, Any, Any]]:
    if value in ("true", "false"):
        yield path, "boolean", value, "false" if value == "true" else "true"
    elif value.startswith("{") and not value.startswith("{{"):
        yield from _document(json.loads(value), (*path, "{}"))
    elif _is_range(value) or any(str(part).endswith(PREFIXES) for part in path[-2:]):
        for everybody in ("0.0.0.0/0", "*"):
            if value != everybody:
                yield path, "range", value, everybody
    else:
        for other in _others(value, shape):
            yield path, "enumeration", value, other


def _document(value: Any, path: Path) -> Iterator[tuple[Path, str, Any, Any]]:
    """Look into a JSON document, a cluster policy's definition above all."""
    for key, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, bool):
            yield (*path, key), "boolean", item, not item
        elif key == "type" and item in LIMITS:
            for other in LIMITS:
                if other != item:
                    yield (*path, key), "enumeration", item, other
        else:
            yield from _document(item, (*path, key))


def _others(value: str, shape: Shape | None) -> Iterator[Any]:
    for each in shape.alternatives if isinstance(shape, OneOf) else (shape,):
        if isinstance(each, Choice):
            seen = {str(value).casefold() if each.any_case else value}
            for other in each.values:
                folded = str(other).casefold() if each.any_case else other
                if folded not in seen:
                    seen.add(folded)
                    yield other


def _below(shape: Shape | None, part: str | int) -> Shape | None:
    for each in shape.alternatives if isinstance(shape, OneOf) else (shape,):
        match each:
            case Record() if part in each.by_wire:
                return each.by_wire[str(part)].shape
            case Items() if isinstance(part, int):
                return each.of
            case Entries() if isinstance(part, str):
                return each.of_key.get(part, each.of)
    return None


def _is_range(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _put(holder: Any, path: Path, value: Any) -> None:
    """Set a value, copying what leads to it."""
    part, *rest = path
    if rest and rest[0] == "{}":
        document = json.loads(holder[part])
        _put(document, tuple(rest[1:]), value)
        holder[part] = json.dumps(document)
    elif rest:
        holder[part] = copy.copy(holder[part])
        _put(holder[part], tuple(rest), value)
    else:
        holder[part] = value
