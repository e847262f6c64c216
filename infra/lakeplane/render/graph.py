"""What a program registers, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Graph", "Resource"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One registration.

    Inputs and outputs are in the provider's own camelCase. An unknown is `{"$unknown": true}` and a secret
    `{"$secret": VALUE}`, value by value; see `lakeplane.provider_models.wire`.

    Attributes:
        urn: The engine's name of the resource.
        type: Its type token.
        name: Its name in the program.
        custom: A provider manages it; false for components and the stack.
        parent: URN of the parent; absent for the stack alone.
        provider: URN of its provider; absent for components and providers.
        inputs: What the program gave.
        dependencies: URNs of what it waits for, sorted.
        property_dependencies: The same for each input that has any, sorted.
        protect: The engine refuses to delete it.
        read: It is looked up, not created: a stack reference, or `.get()`.
        outputs: What a component or the stack registered as its outputs.
        aliases: Former names, types or parents that the program declares, as it declares them.
        ignore_changes: Property paths whose changes are left alone.
        replace_on_changes: Property paths whose changes replace the resource.
        delete_before_replace: It is deleted before its replacement is made.
        deleted_with: URN of the resource whose deletion takes this one along.
        retain_on_delete: It stays in the cloud when it leaves the program.
        import_id: Id of an existing resource that it adopts.
        custom_timeouts: Deadlines by operation, as the program gave them.
        source: Where the program made it, as `FILE:LINE`, packages left out; absent if the SDK doesn't say.
    """

    urn: str
    type: str
    name: str
    custom: bool
    parent: str | None = None
    provider: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    read: bool = False
    outputs: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[Mapping[str, Any], ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool = False
    deleted_with: str | None = None
    retain_on_delete: bool = False
    import_id: str | None = None
    custom_timeouts: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None

    @property
    def package(self) -> str:
        """The provider's package, such as `azure-native`; `pulumi` for providers and the stack."""
        return self.type.partition(":")[0]

    @property
    def managed(self) -> bool:
        """Whether a provider makes it and changes it: no component, no stack, nothing that is only read."""
        return self.custom and not self.read


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything that one run of a program registered, sorted by URN.

    Attributes:
        project: The Pulumi project.
        stack: The stack's name.
        resources: Components, resources and providers; the stack itself comes first.
        messages: What the program logged for its user, with Pulumi's severities.
    """

    project: str
    stack: str
    resources: tuple[Resource, ...]
    messages: tuple[tuple[str, str], ...] = ()

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The stack's outputs."""
        return self.resources[0].outputs

    def of_type(self, token: str) -> Iterator[Resource]:
        """Yield the resources of a type."""
        return (resource for resource in self.resources if resource.type == token)

    def one(self, token: str) -> Resource:
        """Return the only resource of a type.

        Raises:
            LookupError: There are none, or several.
        """
        found = list(self.of_type(token))
        if len(found) != 1:
            raise LookupError(f"{len(found)} resources of type {token}")
        return found[0]
