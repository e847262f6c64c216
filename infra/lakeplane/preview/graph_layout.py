"""Where each resource stands in the drawn graph: a card for each component, in order of dependency.

Layers lie one below the other. Inside a layer cards go from left to right: what a card needs stands to its
left. A card with few resources lists them by name; one with many shows a square for each, so that thousands
still fit on a page.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from lakeplane.preview.model import Preview, PreviewedResource

__all__ = ["Card", "Edge", "GraphLayout", "Spot", "lay_out"]

WIDTH, HEAD, ROW, PAD = 236, 40, 21, 10
CELL, GAP = 15, 3
_LISTED = 14
_COLUMN_GAP, _RANK_GAP, _ROW_GAP = 18, 70, 18
_BAND_HEAD, _BAND_GAP, _MARGIN = 44, 34, 16
_FLATNESS = 0.5


@dataclass(frozen=True, slots=True)
class Spot:
    """A resource's place: a row with its name, or a square of a dense card."""

    number: int
    one: PreviewedResource
    x: float
    y: float
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A component with its resources."""

    name: str
    kind: str
    layer: str
    x: float
    y: float
    height: float
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """A card that needs another, from right edge to left edge."""

    needed: int
    needs: int
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """The drawing, in units of one pixel; `bands` are each layer's name, top and height."""

    width: float
    height: float
    cards: tuple[Card, ...]
    edges: tuple[Edge, ...]
    bands: tuple[tuple[str, float, float], ...]


@dataclass(slots=True)
class _Group:
    name: str
    kind: str
    layer: str
    members: list[tuple[int, PreviewedResource]]

    @property
    def height(self) -> float:
        count = len(self.members)
        if count <= _LISTED:
            return HEAD + count * ROW + PAD
        columns = int((WIDTH - 2 * PAD + GAP) // (CELL + GAP))
        return HEAD + math.ceil(count / columns) * (CELL + GAP) + PAD


def lay_out(preview: Preview) -> GraphLayout:
    """Place every resource but components, whose card stands for them, and stack references."""
    groups = _groups(preview)
    needs = _needs(groups)
    cards: list[Card] = []
    bands: list[tuple[str, float, float]] = []
    index: dict[int, int] = {}
    top, width = float(_MARGIN), 0.0
    for layer in preview.layers:
        mine = [number for number, group in enumerate(groups) if group.layer == layer]
        if not mine:
            continue
        placed, band_width, band_height = _place(groups, mine, needs, top + _BAND_HEAD)
        for number, card in placed:
            index[number] = len(cards)
            cards.append(card)
        bands.append((layer, top, band_height + _BAND_HEAD + PAD))
        top += band_height + _BAND_HEAD + _BAND_GAP
        width = max(width, band_width)
    edges = _edges(cards, index, _reduced(needs))
    return GraphLayout(width + _MARGIN, max(top, 1.0), tuple(cards), tuple(edges), tuple(bands))


def _groups(preview: Preview) -> list[_Group]:
    by_urn = {one.resource.urn: one for one in preview.resources}
    found: dict[tuple[str, str], _Group] = {}
    for number, one in enumerate(preview.resources):
        resource = one.resource
        if not resource.custom or resource.type == "pulumi:pulumi:StackReference":
            continue
        top = _outermost(one, by_urn)
        name, kind = (top.resource.name, top.resource.type) if top else (one.layer, "pulumi:pulumi:Stack")
        key = (one.layer, top.resource.urn if top else "")
        found.setdefault(key, _Group(name, kind.rpartition(":")[2], one.layer, [])).members.append(
            (number, one)
        )
    return list(found.values())


def _outermost(one: PreviewedResource, by_urn: Mapping[str, PreviewedResource]) -> PreviewedResource | None:
    found = None
    above = by_urn.get(one.resource.parent or "")
    seen: set[str] = set()
    while above is not None and above.resource.urn not in seen:
        seen.add(above.resource.urn)
        found = above
        above = by_urn.get(above.resource.parent or "")
    return found


def _needs(groups: Sequence[_Group]) -> dict[int, set[int]]:
    """Return which groups of the same layer each group needs, in an order in which needs come first."""
    home = {one.resource.urn: number for number, group in enumerate(groups) for _, one in group.members}
    needs: dict[int, set[int]] = {number: set() for number in range(len(groups))}
    for number, group in enumerate(groups):
        for _, one in group.members:
            waits_for = {home[urn] for urn in one.resource.dependencies if urn in home}
            needs[number] |= {other for other in waits_for if groups[other].layer == group.layer}
        needs[number].discard(number)
    while True:
        try:
            return {number: needs[number] for number in TopologicalSorter(needs).static_order()}
        except CycleError as error:
            # Components may need each other's resources; one of the lines is left out.
            needed, number, *_ = error.args[1]
            needs[number].discard(needed)


def _place(
    groups: Sequence[_Group], mine: Sequence[int], needs: dict[int, set[int]], top: float
) -> tuple[list[tuple[int, Card]], float, float]:
    ranks: dict[int, int] = {}
    for number, needed in needs.items():
        ranks[number] = max((ranks[other] + 1 for other in needed), default=0)
    area = sum((groups[number].height + _ROW_GAP) * (WIDTH + _COLUMN_GAP) for number in mine)
    tallest = max(groups[number].height for number in mine)
    limit = max(tallest, math.sqrt(area * _FLATNESS))
    placed: list[tuple[int, Card]] = []
    centres: dict[int, float] = {}
    x, bottom = float(_MARGIN), top
    by_rank: defaultdict[int, list[int]] = defaultdict(list)
    for number in mine:
        by_rank[ranks[number]].append(number)
    for rank in sorted(by_rank):
        y = top
        for number in sorted(by_rank[rank], key=lambda one: (_centre(needs[one], centres), groups[one].name)):
            group = groups[number]
            if y > top and y + group.height > top + limit:
                x, y = x + WIDTH + _COLUMN_GAP, top
            placed.append((number, _card(group, x, y)))
            centres[number] = y + group.height / 2
            y += group.height + _ROW_GAP
            bottom = max(bottom, y)
        x += WIDTH + _RANK_GAP
    return placed, x - _RANK_GAP, bottom - top


def _centre(needed: set[int], centres: Mapping[int, float]) -> float:
    found = [centres[one] for one in needed if one in centres]
    return sum(found) / len(found) if found else 0.0


def _card(group: _Group, x: float, y: float) -> Card:
    is_listed = len(group.members) <= _LISTED
    columns = int((WIDTH - 2 * PAD + GAP) // (CELL + GAP))
    spots = []
    for place, (number, one) in enumerate(sorted(group.members, key=lambda member: member[1].resource.name)):
        if is_listed:
            spots.append(Spot(number, one, x + PAD, y + HEAD + place * ROW, is_listed=True))
        else:
            row, column = divmod(place, columns)
            across, down = x + PAD + column * (CELL + GAP), y + HEAD + row * (CELL + GAP)
            spots.append(Spot(number, one, across, down, is_listed=False))
    return Card(group.name, group.kind, group.layer, x, y, group.height, tuple(spots))


def _reduced(needs: Mapping[int, set[int]]) -> dict[int, set[int]]:
    """Leave out what follows from the rest: a card that needs another's need anyway needs no line to it."""
    reach: dict[int, set[int]] = {}
    for number, direct in needs.items():
        reach[number] = direct.union(*(reach[other] for other in direct))
    return {
        number: {one for one in direct if not any(one in reach[other] for other in direct)}
        for number, direct in needs.items()
    }


def _edges(cards: Sequence[Card], index: Mapping[int, int], needs: Mapping[int, set[int]]) -> list[Edge]:
    edges = []
    for number, needed in sorted(needs.items()):
        for other in sorted(needed):
            left, right = cards[index[other]], cards[index[number]]
            edges.append(
                Edge(
                    index[other],
                    index[number],
                    (left.x + WIDTH, left.y + HEAD / 2),
                    (right.x, right.y + HEAD / 2),
                )
            )
    return edges
