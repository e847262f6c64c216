"""A stack as rules see it: its resources, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakeplane_policies.arm import NAMES, behind
from lakeplane_policies.reading import State, read

__all__ = ["Resource", "Stack"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource.

    Attributes:
        urn: Its URN.
        type: Its type token.
        inputs: What the program gave, in the form of `reading.plain`.
        parent: URN of its parent, if it has one.
        dependencies: URNs of what it waits for.
        property_dependencies: The same for each input that has any.
        protect: The engine refuses to delete it.
        outputs: What a stack shows, in the form of `reading.plain`; of other resources nothing is looked at.
    """

    urn: str
    type: str
    inputs: Mapping[str, Any]
    parent: str | None = None
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool = False
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]


class Stack:
    """The resources of one stack."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: dict[str, Resource] = {one.urn: one for one in resources}
        self._by_type: dict[str, list[Resource]] = {}
        for one in self.resources.values():
            self._by_type.setdefault(one.type, []).append(one)

    @property
    def urn(self) -> str:
        """URN of the stack itself."""
        _, stack, project = next(iter(self.resources), "urn:pulumi:::").split(":", 2)[2].partition("::")
        project = project.partition("::")[0]
        return f"urn:pulumi:{stack}::{project}::pulumi:pulumi:Stack::{project}-{stack}"

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of some types, type by type."""
        for type_ in types:
            yield from self._by_type.get(type_, ())

    def sources(self, resource: Resource, name: str, *types: str) -> list[Resource]:
        """Return the resources of some types whose outputs went into an input."""
        urns = resource.property_dependencies.get(name, ())
        found = (self.resources[urn] for urn in urns if urn in self.resources)
        return [one for one in found if one.type in types]

    def points(self, resource: Resource, path: str, target: Resource, inside: str = "") -> bool | State:
        """Tell whether an input names another resource by its ARM id.

        Args:
            resource: The resource with the input.
            path: Where the id stands.
            target: The other resource.
            inside: Beginning of what the id says behind the other's name, such as `blobservices`; the other
                itself if left out.

        Returns:
            `State.UNKNOWN` if the id isn't known yet and nothing says which resource it comes from.
        """
        value = read(resource.inputs, path)
        if isinstance(value, str):
            rest = behind(value, target.type, target.inputs)
            return rest is not None and (rest.startswith(inside) if inside else not rest)
        if value is not State.UNKNOWN:
            return False
        origins = resource.property_dependencies.get(path.partition(".")[0], ())
        if target.urn in origins:
            return True
        # An id that is made of another resource of this kind is that one's.
        other = any(one in self.resources and self.resources[one].type == target.type for one in origins)
        return False if other else State.UNKNOWN

    def names(self, resource: Resource, path: str, target: Resource) -> bool | State:
        """Tell whether an input holds another resource's name, which the other has in an input of its own.

        Returns:
            `State.UNKNOWN` if either name isn't known yet and nothing says where this one comes from.
        """
        if target.urn in resource.property_dependencies.get(path.partition(".")[0], ()):
            return True
        here, there = read(resource.inputs, path), read(target.inputs, NAMES[target.type][1])
        if State.UNKNOWN in (here, there):
            return State.UNKNOWN
        return isinstance(here, str) and isinstance(there, str) and here.casefold() == there.casefold()
