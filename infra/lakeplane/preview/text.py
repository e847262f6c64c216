"""The preview for people: a tree for each layer, counts and findings."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from lakeplane.diagnostics import to_text
from lakeplane.preview.cost_tables import print_cost, print_quota
from lakeplane.preview.inner_documents import told_differences
from lakeplane.preview.model import Change, Preview, PreviewedResource
from lakeplane.preview.told_values import told_pair, visible
from lakeplane.preview.words import (
    Weight,
    counted,
    kind_of,
    money,
    ordered_findings,
    told_budget,
    told_changes,
    told_covered,
    told_delta,
    told_unpriced,
    verdict,
)

__all__ = ["print_preview"]

_MARKS = {
    Change.CREATE: "[green]+[/]",
    Change.IMPORT: "[green]=[/]",
    Change.DELETE: "[red]-[/]",
    Change.READ: "[cyan]>[/]",
    Change.REPLACE: "[magenta]±[/]",
    Change.MAY_REPLACE: "[magenta]±?[/]",
    Change.UPDATE: "[yellow]~[/]",
    Change.MAY_UPDATE: "[yellow]~?[/]",
    Change.SAME: "[dim]·[/]",
    Change.NOT_COMPARED: "[dim]?[/]",
}
_STYLES = {Weight.STOP: "bold red", Weight.CARE: "bold yellow", Weight.FINE: "bold green"}
_MOST_DIFFERENCES = 20


def print_preview(console: Console, preview: Preview) -> None:
    """Print a preview; compared with a base, only what changes is drawn.

    Args:
        console: Where to; colours appear on a terminal only.
        preview: What to show.
    """
    for layer in preview.layers:
        tree = _tree(preview, layer)
        if tree is not None:
            console.print(tree)
            console.print()
    console.print(_counts(preview))
    if preview.base is not None:
        console.print(f"against {escape(str(preview.base))}: {told_changes(preview)}", highlight=False)
    console.print()
    print_cost(console, preview.cost)
    console.print()
    print_quota(console, preview.quota)
    console.print()
    _print_sum(console, preview)
    if preview.covered:
        console.print(f"exceptions: {told_covered(preview)}", highlight=False)
    if preview.findings:
        console.print()
        console.print(escape(to_text(ordered_findings(preview))), highlight=False)
    found = verdict(preview)
    console.print()
    console.print(f"[{_STYLES[found.weight]}]{found.headline}[/]", highlight=False)


def _print_sum(console: Console, preview: Preview) -> None:
    cost = preview.cost
    parts = [f"{money(cost.expected, cost.currency)} a month"] if cost.expected is not None else []
    parts += [told_delta(preview), told_budget(preview), told_unpriced(preview)]
    if any(parts):
        console.print(f"cost: {', '.join(part for part in parts if part)}", highlight=False)


def _tree(preview: Preview, layer: str) -> Tree | None:
    resources = [one for one in preview.resources if one.layer == layer]
    if preview.is_compared:
        resources = _with_parents([one for one in preview.changed if one.layer == layer], resources)
        if not resources:
            return None
    root = Tree(f"[bold]{escape(preview.environment)}.{layer}[/]")
    nodes: dict[str, Tree] = {}
    # A parent's URN is a stem of its children's types, not of their URNs: place parents first.
    waiting = resources
    while waiting:
        known = {one.resource.urn for one in waiting}
        placed = [one for one in waiting if one.resource.parent in nodes or one.resource.parent not in known]
        for one in placed or waiting:
            above = nodes.get(one.resource.parent or "", root)
            node = above.add(_label(one), highlight=False)
            nodes.setdefault(one.resource.urn, node)
            _add_details(node, one)
        waiting = [one for one in waiting if one not in placed] if placed else []
    return root


def _with_parents(
    changed: list[PreviewedResource], all_of_them: list[PreviewedResource]
) -> list[PreviewedResource]:
    by_urn = {one.resource.urn: one for one in all_of_them}
    shown = {id(one) for one in changed}
    for one in changed:
        above = by_urn.get(one.resource.parent or "")
        while above is not None and id(above) not in shown:
            shown.add(id(above))
            above = by_urn.get(above.resource.parent or "")
    return [one for one in all_of_them if id(one) in shown]


def _label(one: PreviewedResource) -> str:
    lock = " [dim](protected)[/]" if one.resource.protect else ""
    held = f" [bold red]holds {escape(one.holds)}[/]" if one.lost or one.endangered else ""
    name, kind = escape(visible(one.resource.name)), escape(kind_of(one.resource.type))
    return f"{_MARKS[one.change]} {name} [dim]{kind}[/]{lock}{held}"


def _add_details(node: Tree, one: PreviewedResource) -> None:
    if one.former_urn:
        node.add(f"[dim]was[/] {escape(visible(one.former_urn))}", highlight=False)
    for reason in one.reasons[:3]:
        node.add(f"[dim]{escape(visible(reason))}[/]", highlight=False)
    told = told_differences(one.differences)
    for difference in told[:_MOST_DIFFERENCES]:
        before, after = told_pair(difference.before, difference.after)
        note = {True: " [magenta]replaces[/]", None: " [magenta]may replace[/]"}.get(difference.replaces, "")
        maybe = "" if difference.certain else " [dim]may be the same[/]"
        path = escape(visible(difference.path))
        node.add(
            f"{path}: [red]{escape(before)}[/] → [green]{escape(after)}[/]{note}{maybe}", highlight=False
        )
    if len(told) > _MOST_DIFFERENCES:
        node.add(f"[dim]{counted(len(told) - _MOST_DIFFERENCES, 'more value')}[/]")


def _counts(preview: Preview) -> Table:
    title = counted(len(preview.resources), "resource")
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("layer")
    table.add_column("provider")
    table.add_column("change")
    table.add_column("count", justify="right")
    counts = Counter((one.layer, one.resource.package, one.change.value) for one in preview.resources)
    for (layer, package, change), count in sorted(counts.items()):
        table.add_row(layer, package, change, str(count))
    return table
