"""Where costs are entered while resources are looked at, one after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lakeplane.costs.model import Cost, CostLine, NotPriced
from lakeplane.costs.price_rows import Price
from lakeplane.costs.prices import PriceTable
from lakeplane.costs.span import Factor, Span

__all__ = ["HOURS", "Ledger", "Payer"]

# Hours of a month as Azure's own calculator counts them: 365 / 12 days.
_HOURS_A_MONTH = 730

HOURS = Factor.of(_HOURS_A_MONTH, "h")
"""The hours of a whole month."""

_KNOWN_REGIONS = 2


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays: a resource, where it stands, and the workload that causes it.

    Attributes:
        urn: URN of the resource.
        region: Its region.
        workload: The workload; none for what stands by itself.
    """

    urn: str
    region: str
    workload: str | None = None


@dataclass(slots=True)
class Ledger:
    """Enters what is priced and what is not.

    Attributes:
        prices: Where prices are looked up.
        lines: What was priced so far.
        not_priced: What was not.
    """

    prices: PriceTable
    lines: list[CostLine] = field(default_factory=list)
    not_priced: list[NotPriced] = field(default_factory=list)

    def charge(
        self,
        payer: Payer,
        item: str,
        *factors: Factor,
        service: str,
        what: str,
        note: str = "",
        ceiling: Price | None = None,
    ) -> None:
        """Enter a quantity of an item, or that the item has no price where the payer stands.

        Args:
            payer: Who pays.
            item: The item of the price table.
            factors: Their product is the quantity of a month, in the unit of the price.
            service: The service that bills it.
            what: What is paid.
            note: What a reader should know of the figure; nothing if left out.
            ceiling: A higher price that it may come to; the same price if left out.
        """
        price = self.prices.find(item, payer.region)
        if price is None:
            self.leave(payer, what, self._why_missing(item, payer.region))
            return
        quantity = _product(factors)
        arithmetic = " x ".join([*map(str, factors), f"{price.price:.10g}"])
        top = max(price.price, ceiling.price if ceiling else 0)
        limit = f", at most at {top:.10g}" if top > price.price else ""
        self.lines.append(
            CostLine(
                resource=payer.urn,
                service=service,
                what=f"{what}: {arithmetic}{limit}" + (f" ({note})" if note else ""),
                workload=payer.workload,
                unit=price.unit,
                unit_price=price.price,
                quantity=quantity.expected,
                low=quantity.low * price.price,
                expected=quantity.expected * price.price,
                high=quantity.high * top,
                source=price.origin,
                item=item,
                price_date=price.date,
            )
        )

    def leave(self, payer: Payer, what: str, reason: str, *, at_most: float | None = None) -> None:
        """Enter something that costs money and stays out of the sums."""
        self.not_priced.append(NotPriced(resource=payer.urn, what=what, reason=reason, at_most=at_most))

    def bound(self, enter: Callable[[Ledger], None]) -> float | None:
        """Return the most that something could cost, without entering it; None if parts have no price."""
        scratch = Ledger(self.prices)
        enter(scratch)
        if scratch.not_priced or not scratch.lines:
            return None
        return sum(line.high for line in scratch.lines)

    def close(self) -> Cost:
        """Return everything that was entered."""
        return Cost(lines=tuple(self.lines), not_priced=tuple(self.not_priced))

    def _why_missing(self, item: str, region: str) -> str:
        known = [
            f"{row.region} {row.price:.10g} per {row.unit}"
            for row in self.prices.of_item(item)[:_KNOWN_REGIONS]
        ]
        return f"no price for {region}" + (f"; known: {', '.join(known)}" if known else "")


def _product(factors: tuple[Factor, ...]) -> Span:
    product = Span.of(1)
    for factor in factors:
        product *= factor.amount
    return product
