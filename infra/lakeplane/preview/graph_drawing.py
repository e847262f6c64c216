"""The drawn graph as SVG text: shapes with classes, and no style of their own."""

from __future__ import annotations

import html
from collections.abc import Iterator

from lakeplane.preview.graph_layout import CELL, PAD, ROW, WIDTH, Card, GraphLayout, Spot
from lakeplane.preview.model import Change
from lakeplane.preview.told_values import visible
from lakeplane.preview.words import counted, kind_of

__all__ = ["draw_graph"]

_UNCHANGED = (Change.SAME, Change.READ, Change.NOT_COMPARED)
_NAME_LENGTH = 30
_CARD_NAME_LENGTH = 27


def draw_graph(layout: GraphLayout, title: str) -> str:
    """Return an SVG element; each resource is an element `[data-n=NUMBER]` with classes for what happens."""
    return "".join(_parts(layout, title))


def _parts(layout: GraphLayout, title: str) -> Iterator[str]:
    width, height = _n(layout.width), _n(layout.height)
    yield (
        f'<svg id="graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{_text(title)}">'
    )
    for name, top, tall in layout.bands:
        yield _box("band", 4, top, layout.width - 8, tall, 10)
        yield _words("band-name", 20, top + 27, _text(name))
    yield '<g class="edges">'
    for edge in layout.edges:
        (x1, y1), (x2, y2) = edge.start, edge.end
        bend = max(30.0, abs(x2 - x1) / 2)
        path = f"M{_n(x1)} {_n(y1)}C{_n(x1 + bend)} {_n(y1)} {_n(x2 - bend)} {_n(y2)} {_n(x2)} {_n(y2)}"
        yield f'<path d="{path}" data-from="{edge.needed}" data-to="{edge.needs}"/>'
    yield "</g>"
    for number, card in enumerate(layout.cards):
        yield from _card(number, card)
    yield '<g id="links"></g></svg>'


def _card(number: int, card: Card) -> Iterator[str]:
    changed = any(spot.one.change not in _UNCHANGED for spot in card.spots)
    yield f'<g class="card{" changed" if changed else ""}" data-card="{number}">'
    yield _box("box", card.x, card.y, WIDTH, card.height, 8)
    yield _words("card-name", card.x + PAD, card.y + 18, _cut(card.name, _CARD_NAME_LENGTH))
    told = f"{card.kind}, {counted(len(card.spots), 'resource')}"
    yield _words("card-kind", card.x + PAD, card.y + 32, _cut(told, 36))
    for spot in card.spots:
        yield from _spot(spot)
    yield "</g>"


def _spot(spot: Spot) -> Iterator[str]:
    resource = spot.one.resource
    classes = f"spot p-{_class(_provider(resource.type))} c-{spot.one.change.value}"
    if spot.one.lost or spot.one.endangered:
        classes += " holds"
    yield f'<g class="{classes}" data-n="{spot.number}" tabindex="-1">'
    yield f"<title>{_text(resource.name)} ({_text(kind_of(resource.type))}): {spot.one.change.value}</title>"
    if spot.is_listed:
        middle = spot.y + ROW / 2
        yield _box("row", spot.x - 4, spot.y, WIDTH - 2 * PAD + 8, ROW - 1, 4)
        yield _box("dot", spot.x, middle - 5.5, 11, 11, 3)
        yield _words("name", spot.x + 18, middle + 4, _cut(resource.name, _NAME_LENGTH))
    else:
        yield _box("dot", spot.x, spot.y, CELL, CELL, 3)
    yield "</g>"


def _box(name: str, x: float, y: float, width: float, height: float, round_by: int) -> str:
    place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
    return f'<rect class="{name}" {place} rx="{round_by}"/>'


def _words(name: str, x: float, y: float, escaped: str) -> str:
    return f'<text class="{name}" x="{_n(x)}" y="{_n(y)}">{escaped}</text>'


def _provider(token: str) -> str:
    return token.split(":")[2] if token.startswith("pulumi:providers:") else token.partition(":")[0]


def _class(text: str) -> str:
    return "".join(one if one.isascii() and one.isalnum() else "-" for one in text)


def _cut(text: str, most: int) -> str:
    shown = visible(text)
    return _text(shown if len(shown) <= most else f"{shown[: most - 1]}…")


def _text(text: str) -> str:
    return html.escape(visible(text))


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
