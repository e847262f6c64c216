"""What a preview is compared with: the resources of each layer as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lakeplane.costs import Cost
from lakeplane.diagnostics import Diagnostic
from lakeplane.preview.layers import Rendered
from lakeplane.preview.model import BaseLabel, Change, PreviewedResource
from lakeplane.preview.newness import Known
from lakeplane.render import Resource

__all__ = ["Base", "BaseLayer", "Compared", "uncompared"]

_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True)
class BaseLayer:
    """One stack as it was.

    Attributes:
        resources: Its resources by URN, secrets sealed, the stack itself left out.
        ids: Ids in the cloud by URN, where somebody knows them.
        left_over: What an interrupted update still has to delete.
        replacing: URNs of resources whose replacement was begun and not finished.
        unfinished: URNs of resources that were made and didn't come up.
    """

    resources: Mapping[str, Resource] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    left_over: tuple[Resource, ...] = ()
    replacing: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Base:
    """An environment as it was.

    Attributes:
        label: What it is, for people.
        layers: Its stacks by layer; a layer that isn't there has nothing yet.
        findings: What is wrong with the comparison itself.
        known: What was wrong already, and what exceptions there were.
        cost: What it cost in a month by its own declared use and prices; absent if it tells no use.
        is_known: Whether it could be read; of one that couldn't, nothing is known, not even that it is empty.
    """

    label: BaseLabel
    layers: Mapping[str, BaseLayer]
    findings: tuple[Diagnostic, ...] = ()
    known: Known = field(default_factory=Known)
    cost: Cost | None = None
    is_known: bool = True

    def of_layers(self, layers: Sequence[str]) -> list[Resource]:
        """Return the resources of some layers."""
        return [one for name in layers if name in self.layers for one in self.layers[name].resources.values()]


@dataclass(frozen=True, slots=True)
class Compared:
    """An environment, compared with what was, if there is anything to compare with.

    Attributes:
        rendered: What its program registers.
        resources: What happens to each resource of the layers that are shown.
        base: What it was compared with; absent if everything is new.
        findings: What the comparison found.
    """

    rendered: Rendered
    resources: tuple[PreviewedResource, ...]
    base: Base | None = None
    findings: tuple[Diagnostic, ...] = ()


def uncompared(rendered: Rendered, change: Change) -> tuple[PreviewedResource, ...]:
    """Return what is shown of an environment that is compared with nothing.

    Args:
        rendered: What its program registers.
        change: What is said of each resource that isn't only read.
    """
    return tuple(
        PreviewedResource(layer, resource, Change.READ if resource.read else change)
        for layer in rendered.layers
        for resource in rendered.graphs[layer].resources
        if resource.type != _STACK
    )
