"""What a set of resources costs in a month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from lakeplane.costs import compute, containers, jobs, kubernetes, machine_learning, networking, storing
from lakeplane.costs.assumptions import Assumptions
from lakeplane.costs.billed import Billed, Estate, Pricer
from lakeplane.costs.ledger import Ledger
from lakeplane.costs.model import Cost
from lakeplane.costs.prices import PriceTable, bundled_prices
from lakeplane.costs.without_meter import has_meter
from lakeplane.render import Resource

__all__ = ["PRICERS", "work_out_cost"]

PRICERS: Mapping[str, Pricer] = MappingProxyType(
    {
        **compute.PRICERS,
        **containers.PRICERS,
        **jobs.PRICERS,
        **kubernetes.PRICERS,
        **machine_learning.PRICERS,
        **networking.PRICERS,
        **storing.PRICERS,
    }
)
"""What enters the cost of a resource, by its type."""


def work_out_cost(
    resources: Iterable[Resource],
    *,
    region: str,
    assumptions: Assumptions | None = None,
    prices: PriceTable | None = None,
) -> Cost:
    """Work out what resources cost in a month of 730 hours, at list prices.

    Everything that costs money is either a line or listed as not priced, also what nothing is known of.

    Args:
        resources: What the program registers; components and what is only looked up cost nothing.
        region: Region of resources that name none, such as what is in a workspace.
        assumptions: Declared use; what needs one is not priced if left out.
        prices: Where prices are looked up; the bundled ones if left out.
    """
    estate = Estate.of(resources, region, assumptions or Assumptions())
    ledger = Ledger(prices or bundled_prices())
    for billed in estate.billed():
        token = billed.resource.type
        if token in PRICERS:
            PRICERS[token](ledger, billed)
        elif has_meter(token):
            _leave_unknown(ledger, billed)
    return ledger.close()


def _leave_unknown(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(billed.payer(), billed.resource.type, "nothing is known of what such resources cost")
