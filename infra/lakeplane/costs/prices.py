"""Prices: the bundled ones, and a project's own, which win over them.

One row is the price of one item in one region, with its date and source. The bundled rows stand in
`data/prices.csv`; rows of the same sources that are doubted or older stand in `data/prices_set_aside.csv`,
each with the reason, and are never used. A project's rows stand in its `stacks/prices.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from lakeplane.costs.meters import METERS, machine_meters
from lakeplane.costs.price_rows import Price, read_file, read_rows
from lakeplane.spec.sizes import vm_sizes

if TYPE_CHECKING:
    from lakeplane.layout import ProjectLayout

__all__ = ["PriceTable", "bundled_prices", "known_units", "load_prices"]


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices by item and region.

    Attributes:
        rows: The price of each item in each region.
        by_item: The prices of each item, by region.
    """

    rows: Mapping[tuple[str, str], Price]
    by_item: Mapping[str, tuple[Price, ...]] = field(compare=False, repr=False)

    @classmethod
    def of(cls, rows: Iterable[Price]) -> PriceTable:
        """Return the table of some rows; of two with one item and region, the later wins."""
        by_key = {(row.item, row.region): row for row in rows}
        by_item: dict[str, list[Price]] = {}
        for item, region in sorted(by_key):
            by_item.setdefault(item, []).append(by_key[item, region])
        return cls(by_key, {item: tuple(found) for item, found in by_item.items()})

    def find(self, item: str, region: str) -> Price | None:
        """Return an item's price in a region, or the one for all regions.

        A price of another region is no answer: prices differ between regions.
        """
        exact = self.rows.get((item, region))
        if exact is not None:
            return exact
        return next((row for row in self.of_item(item) if row.is_global), None)

    def factor(self, item: str) -> float | None:
        """Return a number that is no price, such as how many DBUs a warehouse uses in an hour."""
        row = self.find(item, "")
        return row.price if row is not None and not row.currency else None

    def of_item(self, item: str) -> tuple[Price, ...]:
        """Return an item's prices in all regions, by region."""
        return self.by_item.get(item, ())

    def with_rows(self, rows: Iterable[Price]) -> PriceTable:
        """Return a table in which these rows win."""
        return PriceTable.of((*self.rows.values(), *rows))


@cache
def bundled_prices() -> PriceTable:
    """Return the prices that come with lakeplane."""
    data = files("lakeplane.costs") / "data" / "prices.csv"
    return PriceTable.of(read_rows(data.read_text(encoding="utf-8"), "prices.csv"))


def load_prices(project: ProjectLayout) -> PriceTable:
    """Return the bundled prices, with the project's own over them where it has any.

    Raises:
        PlanError: The project's price file is wrong; holds every finding.
    """
    path = project.prices
    if not path.is_file():
        return bundled_prices()
    return bundled_prices().with_rows(read_file(path, known=known_units()))


@cache
def known_units() -> Mapping[str, str]:
    """Return the unit of each item that is asked for, which rows of other files have to have as well."""
    bundled = {item: row.unit for (item, _), row in bundled_prices().rows.items()}
    machines = {meter.item: meter.unit for meter in machine_meters(sorted(vm_sizes()))}
    return {meter.item: meter.unit for meter in METERS} | machines | bundled
