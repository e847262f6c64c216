"""Which resource of the base a resource was, by the aliases that it declares; as the engine resolves them.

Source: pulumi/pulumi, pkg/resource/deploy/step_generator.go: generateSteps, generateAliases,
collapseAliasToUrn, inheritedChildAlias.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakeplane.render import Resource

__all__ = ["Matches", "match", "parents_first", "urn_name", "urn_type"]

_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True)
class Matches:
    """What became of the base's resources.

    Attributes:
        former: URN in the base of each resource that has one, by its URN now.
        now: The same the other way round.
        clashes: Resources that claim what another one claims, or is; the engine refuses them. Each is the
            URN of the resource, the URN that it claims and the URN of the other one.
    """

    former: Mapping[str, str]
    now: Mapping[str, str]
    clashes: tuple[tuple[str, str, str], ...] = ()


def match(before: Collection[str], after: Sequence[Resource]) -> Matches:
    """Find what each resource was in the base: its URN, else its aliases, else those of its parent's aliases.

    Args:
        before: URNs of the base.
        after: What the program registers.
    """
    urns = {resource.urn for resource in after}
    former: dict[str, str] = {}
    claimed: dict[str, str] = {}
    clashes: list[tuple[str, str, str]] = []
    for resource in parents_first(after):
        for candidate in itertools.chain((resource.urn,), _aliases(resource, former)):
            if candidate not in before:
                continue
            if candidate != resource.urn:
                other = claimed.get(candidate) or (candidate if candidate in urns else None)
                if other is not None:
                    clashes.append((resource.urn, candidate, other))
                    break
            claimed[candidate] = resource.urn
            former[resource.urn] = candidate
            break
    return Matches(former, claimed, tuple(clashes))


def parents_first(resources: Sequence[Resource]) -> list[Resource]:
    """Order resources so that each comes after its parent, and by URN otherwise."""
    by_urn = {resource.urn: resource for resource in resources}
    placed: dict[str, Resource] = {}
    for resource in sorted(resources, key=lambda one: one.urn):
        line: list[Resource] = []
        above: Resource | None = resource
        while above is not None and above.urn not in placed and above not in line:
            line.append(above)
            above = by_urn.get(above.parent or "")
        placed |= {one.urn: one for one in reversed(line)}
    return list(placed.values())


def urn_type(urn: str) -> str:
    """Return the type of a resource, without those of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def urn_name(urn: str) -> str:
    """Return the name of a resource."""
    return urn.split("::", 3)[3]


def _aliases(resource: Resource, former: Mapping[str, str]) -> Iterator[str]:
    own = [_collapse(resource, alias, former) for alias in resource.aliases]
    yield from own
    parent = resource.parent
    parent_was = former.get(parent or "", parent)
    if parent is None or parent_was is None or parent_was == parent:
        return
    yield _inherited(resource.type, resource.name, parent, parent_was)
    for alias in own:
        yield _inherited(urn_type(alias), urn_name(alias), parent, parent_was)


def _collapse(resource: Resource, alias: Mapping[str, Any], former: Mapping[str, str]) -> str:
    if "urn" in alias:
        return str(alias["urn"])
    spec: Mapping[str, Any] = alias.get("spec") or {}
    stack, project = resource.urn.removeprefix("urn:pulumi:").split("::")[:2]
    parent = resource.parent
    if spec.get("noParent"):
        parent = None
    elif spec.get("parentUrn"):
        parent = former.get(spec["parentUrn"], spec["parentUrn"])
    return _urn(
        str(spec.get("stack") or stack),
        str(spec.get("project") or project),
        parent,
        str(spec.get("type") or resource.type),
        str(spec.get("name") or resource.name),
    )


def _inherited(child_type: str, child_name: str, parent: str, parent_was: str) -> str:
    """Name a child as it was under its parent's former name: children are named after their parents."""
    name = child_name
    if child_name.startswith(urn_name(parent)):
        name = urn_name(parent_was) + child_name.removeprefix(urn_name(parent))
    stack, project = parent.removeprefix("urn:pulumi:").split("::")[:2]
    return _urn(stack, project, parent_was, child_type, name)


def _urn(stack: str, project: str, parent: str | None, type_: str, name: str) -> str:
    above = parent.split("::")[2] if parent else _STACK
    qualified = type_ if above == _STACK else f"{above}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"
