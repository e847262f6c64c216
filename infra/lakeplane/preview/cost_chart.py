"""The cost of a month as SVG bars: expected, with the span from low to high."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Callable

from lakeplane.costs import Cost, CostLine
from lakeplane.preview.told_values import visible
from lakeplane.preview.words import money

__all__ = ["draw_costs"]

_NAME, _BAR, _SUM, _ROW = 190, 420, 110, 28
_MOST = 12


def draw_costs(cost: Cost, key: Callable[[CostLine], str], title: str) -> str:
    """Draw one bar for each group of lines, the dearest first; the smallest share one bar.

    Args:
        cost: What to draw; nothing is drawn without a line.
        key: Names the group of a line.
        title: What is drawn, for who can't see it.
    """
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for line in cost.lines:
        group = sums[key(line)]
        for place, amount in enumerate((line.low, line.expected, line.high)):
            group[place] += amount
    rows = sorted(sums.items(), key=lambda row: (-row[1][1], row[0]))
    if len(rows) > _MOST:
        rest = [sum(amounts) for amounts in zip(*(values for _, values in rows[_MOST - 1 :]), strict=True)]
        rows = [*rows[: _MOST - 1], (f"{len(rows) - _MOST + 1} more", rest)]
    if not rows:
        return ""
    top = max(max(values) for _, values in rows) or 1.0
    width, height = _NAME + _BAR + _SUM, len(rows) * _ROW + 8
    parts = [
        f'<svg class="bars" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html.escape(title)}">'
    ]
    for place, (name, (low, expected, high)) in enumerate(rows):
        y = place * _ROW + 4
        left, end, right = (_NAME + amount / top * _BAR for amount in (low, expected, high))
        shown = visible(name)
        shown = shown if len(shown) <= 27 else f"{shown[:26]}…"
        parts += [
            f'<text class="bar-name" x="{_NAME - 10}" y="{y + 15}">{html.escape(shown)}</text>',
            f'<rect class="bar" x="{_NAME}" y="{y + 3}" width="{max(end - _NAME, 1):.1f}" height="16" '
            f'rx="3"/>',
        ]
        if high > low:
            parts += [
                f'<line class="span" x1="{left:.1f}" y1="{y + 11}" x2="{right:.1f}" y2="{y + 11}"/>',
                f'<line class="span" x1="{left:.1f}" y1="{y + 6}" x2="{left:.1f}" y2="{y + 16}"/>',
                f'<line class="span" x1="{right:.1f}" y1="{y + 6}" x2="{right:.1f}" y2="{y + 16}"/>',
            ]
        x = max(end, right) + 8
        parts.append(
            f'<text class="bar-sum" x="{x:.1f}" y="{y + 15}">{money(expected, cost.currency)}</text>'
        )
    return "".join([*parts, "</svg>"])
