"""Resources as plain data between two processes, whose versions of lakeplane may differ.

What one side doesn't know of a resource is left out by the other or passed over, so that a field can be
added without breaking the comparison with an older commit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from lakeplane.render import Resource

__all__ = ["in_stack", "read_resource", "urn_in_stack"]

_TUPLES = ("aliases", "dependencies", "ignore_changes", "replace_on_changes")


def read_resource(document: Mapping[str, Any]) -> Resource:
    """Read a resource that `base_program` wrote; what isn't there has its default."""
    known = {field.name for field in dataclasses.fields(Resource)}
    found = {name: value for name, value in document.items() if name in known and value is not None}
    found |= {name: tuple(found[name]) for name in _TUPLES if name in found}
    found["property_dependencies"] = {
        name: tuple(urns) for name, urns in (found.get("property_dependencies") or {}).items()
    }
    return Resource(**found)


def urn_in_stack(urn: str, project: str, was: str, stack: str) -> str:
    """Return a URN as if it were one of another stack."""
    moved = urn.replace(f"urn:pulumi:{was}::", f"urn:pulumi:{stack}::", 1)
    return moved.replace(f"::{project}-{was}", f"::{project}-{stack}")


def in_stack(resource: Resource, project: str, was: str, stack: str) -> Resource:
    """Return a resource as if it were one of another stack: every URN in it names that stack."""
    if was == stack:
        return resource

    def move(urn: str) -> str:
        return urn_in_stack(urn, project, was, stack)

    return dataclasses.replace(
        resource,
        urn=move(resource.urn),
        parent=move(resource.parent) if resource.parent else None,
        provider=move(resource.provider) if resource.provider else None,
        deleted_with=move(resource.deleted_with) if resource.deleted_with else None,
        dependencies=tuple(move(urn) for urn in resource.dependencies),
        property_dependencies={
            name: tuple(move(urn) for urn in urns) for name, urns in resource.property_dependencies.items()
        },
    )
