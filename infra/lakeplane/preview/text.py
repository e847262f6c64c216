"""The preview for people: a tree for each layer, counts and findings."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from lakeplane.diagnostics import to_text
from lakeplane.preview.model import Preview, PreviewedResource

__all__ = ["print_preview"]

_MARKS = {
    "create": "[green]+[/]",
    "delete": "[red]-[/]",
    "read": "[cyan]>[/]",
    "replace": "[magenta]±[/]",
    "update": "[yellow]~[/]",
}


def print_preview(console: Console, preview: Preview) -> None:
    """Print a preview.

    Args:
        console: Where to; colours appear on a terminal only.
        preview: What to show.
    """
    for layer in preview.layers:
        console.print(_tree(preview, layer))
        console.print()
    console.print(_counts(preview))
    cost = preview.cost
    if cost.monthly is not None:
        console.print(f"cost: {cost.monthly:,.2f} {cost.currency} a month")
    if cost.not_priced:
        console.print(f"not priced: {len(cost.not_priced)} resources that cost money")
    if preview.findings:
        console.print()
        console.print(escape(to_text(preview.findings)), highlight=False)


def _tree(preview: Preview, layer: str) -> Tree:
    resources = [one for one in preview.resources if one.layer == layer]
    root = Tree(f"[bold]{preview.environment}.{layer}[/]")
    nodes: dict[str, Tree] = {}
    # A parent's URN is a stem of its children's types, not of their URNs: place parents first.
    waiting = resources
    while waiting:
        placed = [one for one in waiting if one.resource.parent in nodes or _at_top(one)]
        for one in placed:
            above = nodes.get(one.resource.parent or "", root)
            nodes[one.resource.urn] = above.add(_label(one), highlight=False)
        waiting = [one for one in waiting if one.resource.urn not in nodes]
        if not placed:
            break
    return root


def _at_top(one: PreviewedResource) -> bool:
    parent = one.resource.parent
    return parent is None or "::pulumi:pulumi:Stack::" in parent


def _label(one: PreviewedResource) -> str:
    mark = _MARKS.get(one.change, "?")
    kind = one.resource.type.rpartition(":")[2]
    lock = " [dim](protected)[/]" if one.resource.protect else ""
    return f"{mark} {escape(one.resource.name)} [dim]{escape(kind)}[/]{lock}"


def _counts(preview: Preview) -> Table:
    table = Table(title=f"{len(preview.resources)} resources", title_justify="left", box=None, pad_edge=False)
    table.add_column("layer")
    table.add_column("provider")
    table.add_column("change")
    table.add_column("count", justify="right")
    counts = Counter((one.layer, one.resource.package, one.change) for one in preview.resources)
    for (layer, package, change), count in sorted(counts.items()):
        table.add_row(layer, package, change, str(count))
    return table
