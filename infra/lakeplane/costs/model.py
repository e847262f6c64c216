"""Costs as plain data: what is priced, line by line, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Cost", "CostLine", "NotPriced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One thing that is paid for one resource.

    Quantities and sums are of a month; `low`, `expected` and `high` differ where something scales by itself.

    Attributes:
        resource: URN of the resource.
        service: The service that bills it, in its own words, such as `Virtual Machines`.
        what: What is paid, with the arithmetic: `Standard_D4ds_v5: 2 nodes (2 to 3) x 730 h x 0.272`.
        workload: The workload that causes it; none for what stands by itself.
        unit: Unit of the quantity, such as `hour` or `DBU`.
        unit_price: Price of one unit.
        quantity: Units of a month, as expected.
        low: Least sum.
        expected: Sum as expected.
        high: Greatest sum.
        source: Where the price comes from, with its date.
        item: The row of the price table, such as `vm:Standard_D4ds_v5`.
        price_date: Day on which the price was seen.
    """

    resource: str
    service: str
    what: str
    unit: str
    unit_price: float
    quantity: float
    low: float
    expected: float
    high: float
    source: str
    item: str = ""
    price_date: str = ""
    workload: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain data for JSON; sums are rounded to cents."""
        return {
            "resource": self.resource,
            "service": self.service,
            "what": self.what,
            "workload": self.workload,
            "unit": self.unit,
            "unit_price": self.unit_price,
            "quantity": round(self.quantity, 4),
            "low": round(self.low, 2),
            "expected": round(self.expected, 2),
            "high": round(self.high, 2),
            "source": self.source,
            "item": self.item,
            "price_date": self.price_date,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPriced:
    """Something that costs money and is in no sum.

    Attributes:
        resource: URN of the resource.
        what: What is paid, in the service's words.
        reason: Why there is no figure, such as a region that no price was found for.
        at_most: What it could cost in a month at most; absent where nothing limits it, or no price is known.
    """

    resource: str
    what: str
    reason: str
    at_most: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON; the bound is rounded to cents."""
        at_most = None if self.at_most is None else round(self.at_most, 2)
        return {"resource": self.resource, "what": self.what, "reason": self.reason, "at_most": at_most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an environment would cost in a month.

    Attributes:
        currency: Currency of the figures.
        lines: What is priced.
        not_priced: What costs money and is not in the sums.
    """

    currency: str = "USD"
    lines: tuple[CostLine, ...] = ()
    not_priced: tuple[NotPriced, ...] = ()

    @property
    def low(self) -> float | None:
        """Least sum; absent while nothing is priced and something should be."""
        return self._sum([line.low for line in self.lines])

    @property
    def expected(self) -> float | None:
        """Sum as expected; absent while nothing is priced and something should be."""
        return self._sum([line.expected for line in self.lines])

    @property
    def high(self) -> float | None:
        """Greatest sum; absent while nothing is priced and something should be."""
        return self._sum([line.high for line in self.lines])

    @property
    def unpriced_bounds(self) -> tuple[float, ...]:
        """What each thing that is not priced could cost at most, where that is known."""
        return tuple(one.at_most for one in self.not_priced if one.at_most is not None)

    @property
    def ceiling(self) -> float:
        """The most that is known of: the greatest sum, and the bounds of what is not priced."""
        return (self.high or 0.0) + sum(self.unpriced_bounds)

    def _sum(self, sums: list[float]) -> float | None:
        return None if not sums and self.not_priced else sum(sums)
