"""What cost and quota have to say: a budget exceeded, a limit exceeded, what has no price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lakeplane.costs.model import Cost
from lakeplane.costs.quota_model import QuotaNeed
from lakeplane.diagnostics import Diagnostic, Severity

__all__ = ["check_budget", "check_quota", "tell_unpriced"]

_BUDGET = ("monthly_budget",)


def check_budget(cost: Cost, budget: float | None, *, tier: str) -> Iterator[Diagnostic]:
    """Find that a month costs more than its budget.

    What is expected beyond the budget is an error in production and a warning elsewhere. What only the most
    would be, with every autoscaler at its end all month and what is not priced at its bound, is a note.

    Args:
        cost: What the environment costs.
        budget: What its spec allows in a month; nothing is found without one.
        tier: Tier of the environment.
    """
    if budget is None:
        return
    beside = f"; {_things(cost)} not priced{_bounded(cost)}" if cost.not_priced else ""
    if cost.expected is not None and cost.expected > budget:
        yield Diagnostic(
            code="CST001",
            summary="the expected cost of a month is over the budget",
            severity=Severity.ERROR if tier == "prod" else Severity.WARNING,
            detail=f"expected {_money(cost, cost.expected)}; budget {_money(cost, budget)}; "
            f"dearest: {', '.join(_dearest(cost))}{beside}",
            remedy="choose smaller or fewer machines, or raise monthly_budget",
            path=_BUDGET,
        )
    elif cost.ceiling > budget:
        yield Diagnostic(
            code="CST002",
            summary="a month may cost more than the budget",
            severity=Severity.NOTE,
            detail=f"up to {_money(cost, cost.ceiling)}; budget {_money(cost, budget)}; "
            f"expected {_money(cost, cost.expected or 0)}, at most {_money(cost, cost.high or 0)}{beside}",
            remedy="lower what autoscalers and time limits allow, declare the expected use under cost, "
            "or raise monthly_budget",
            path=_BUDGET,
        )


def tell_unpriced(cost: Cost) -> Iterator[Diagnostic]:
    """Tell how much of the cost is in no sum."""
    if cost.not_priced:
        yield Diagnostic(
            code="CST003",
            summary=f"{_things(cost)} that cost money are in no sum",
            severity=Severity.NOTE,
            detail=f"the preview lists them with their reasons{_bounded(cost, '; ')}",
            remedy="declare the use that you expect under cost in the spec; bring prices with "
            "`lakeplane prices refresh`",
        )


def check_quota(needs: Iterable[QuotaNeed]) -> Iterator[Diagnostic]:
    """Find limits that the program itself exceeds; those of the subscription only Azure knows."""
    for need in needs:
        if need.exceeded:
            largest = need.by[0]
            yield Diagnostic(
                code="CST004",
                summary=f"more {need.unit} may be needed than {need.scope} has",
                severity=Severity.WARNING,
                detail=f"found {need.needed} with everything at its most; allowed: {need.limit}; "
                f"most of them: {largest.how}",
                remedy="lower what pools and autoscalers allow, or make room: a larger network.address_space "
                "gives larger subnets",
                resource=largest.resource,
            )


def _dearest(cost: Cost) -> list[str]:
    lines = sorted(cost.lines, key=lambda line: (-line.expected, line.resource, line.what))
    return [f"{line.resource.rpartition('::')[2]} {_money(cost, line.expected)}" for line in lines[:3]]


def _money(cost: Cost, amount: float) -> str:
    return f"{amount:,.2f} {cost.currency}"


def _things(cost: Cost) -> str:
    count = len(cost.not_priced)
    return f"{count} thing{'' if count == 1 else 's'}"


def _bounded(cost: Cost, joined: str = ", ") -> str:
    bounds = cost.unpriced_bounds
    return f"{joined}{len(bounds)} of them could cost {_money(cost, sum(bounds))} at most" if bounds else ""
