"""Cost and quota for people: by service with its arithmetic, by workload, what has no price; each limit."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakeplane.costs import Cost, CostLine, NotPriced, QuotaNeed

__all__ = ["print_cost", "print_quota"]

_PLATFORM = "none, stands by itself"
_SHARES = 2


def print_cost(console: Console, cost: Cost) -> None:
    """Print what a month costs: by service with each line's arithmetic, by workload, and what is not priced.

    Args:
        console: Where to; colours appear on a terminal only.
        cost: What the environment costs.
    """
    if cost.lines:
        console.print(_by_service(cost))
        console.print()
        console.print(_by_workload(cost))
    if cost.not_priced:
        console.print()
        console.print(_not_priced(cost))


def print_quota(console: Console, quota: Iterable[QuotaNeed]) -> None:
    """Print what is needed of each limit, and which resources take most of it."""
    needs = list(quota)
    if not needs:
        return
    table = _table("quota: what is needed with everything at its most at the same time")
    table.add_column("limit", overflow="fold")
    table.add_column("where", overflow="fold")
    table.add_column("needed", justify="right", no_wrap=True)
    table.add_column("unit")
    table.add_column("by", overflow="fold")
    for need in needs:
        limit = "" if need.limit is None else f" of {need.limit:,}"
        style = "red" if need.exceeded else ""
        where = need.scope.rpartition("/")[2]
        table.add_row(need.name, where, f"{need.needed:,}{limit}", need.unit, _shares(need), style=style)
    console.print(table)


def _by_service(cost: Cost) -> Table:
    dates = sorted(line.price_date for line in cost.lines)
    seen = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
    table = _table(f"cost of a month in {cost.currency}, list prices seen {seen}, before tax and discount")
    table.add_column("service, resource", overflow="fold")
    table.add_column("what", overflow="fold")
    _add_sums(table)
    services = sorted({line.service for line in cost.lines}, key=lambda name: (-_expected(cost, name), name))
    for service in services:
        lines = [line for line in cost.lines if line.service == service]
        table.add_row(escape(service), "", *_sums(lines), style="bold")
        for what, alike in groupby(sorted(lines, key=lambda line: (-line.expected, line.what)), _what):
            same = list(alike)
            name = _name(same[0].resource) if len(same) == 1 else f"{len(same)} resources"
            table.add_row(f"  {escape(name)}", escape(what), *_sums(same), style="dim")
    table.add_row("in all", "", *_sums(cost.lines), style="bold")
    return table


def _by_workload(cost: Cost) -> Table:
    table = _table("by workload")
    table.add_column("workload", no_wrap=True)
    _add_sums(table)
    for workload in sorted(
        {line.workload for line in cost.lines}, key=lambda name: (name is None, name or "")
    ):
        lines = [line for line in cost.lines if line.workload == workload]
        table.add_row(escape(workload or _PLATFORM), *_sums(lines))
    return table


def _not_priced(cost: Cost) -> Table:
    bounds = [one.at_most for one in cost.not_priced if one.at_most is not None]
    most = f"; {len(bounds)} of them cost {sum(bounds):,.2f} {cost.currency} at most" if bounds else ""
    table = _table(
        f"not priced and in no sum: {_counted(len(cost.not_priced), 'thing')} that cost money{most}"
    )
    table.add_column("count", justify="right")
    table.add_column("what", overflow="fold")
    table.add_column("why", overflow="fold")
    table.add_column("at most", justify="right", no_wrap=True)
    alike = groupby(sorted(cost.not_priced, key=_kind), _kind)
    groups = [(kind, list(members)) for kind, members in alike]
    for (what, reason), members in sorted(groups, key=lambda group: (-len(group[1]), group[0])):
        limits = [one.at_most for one in members if one.at_most is not None]
        table.add_row(
            str(len(members)), escape(what), escape(reason), f"{sum(limits):,.2f}" if limits else ""
        )
    return table


def _table(title: str) -> Table:
    return Table(title=escape(title), title_justify="left", title_style="", box=None, pad_edge=False)


def _add_sums(table: Table) -> None:
    for name in ("low", "expected", "high"):
        table.add_column(name, justify="right", no_wrap=True)


def _sums(lines: Iterable[CostLine]) -> tuple[str, str, str]:
    found = list(lines)
    low, expected, high = (sum(getattr(line, end) for line in found) for end in ("low", "expected", "high"))
    return f"{low:,.2f}", f"{expected:,.2f}", f"{high:,.2f}"


def _expected(cost: Cost, service: str) -> float:
    return sum(line.expected for line in cost.lines if line.service == service)


def _what(line: CostLine) -> str:
    return line.what


def _kind(one: NotPriced) -> tuple[str, str]:
    return one.what, one.reason


def _shares(need: QuotaNeed) -> str:
    shown = [escape(f"{_name(share.resource)}: {share.how}") for share in need.by[:_SHARES]]
    more = len(need.by) - len(shown)
    return "\n".join([*shown, *([f"and {more} more"] if more else [])])


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
