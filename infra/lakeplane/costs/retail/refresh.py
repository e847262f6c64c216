"""Renewing a project's price file from the retail price API."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lakeplane.costs.meters import MachineMeter, Meter, queries
from lakeplane.costs.price_rows import Price, read_file, write_rows
from lakeplane.costs.prices import known_units
from lakeplane.costs.retail.api import RetailApi
from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError
from lakeplane.spec.regions import REGIONS

__all__ = ["Refreshed", "refresh_prices"]

_SOURCE = "Azure Retail Prices API"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a renewal brought.

    Attributes:
        path: The price file.
        written: Rows that the API gave.
        kept: Rows of the file that it leaves alone: other regions, and prices with another source.
        missing: Items that the API has no price for, by region.
        doubtful: Items that the API gives several prices for, or none above 0, by region; never chosen from.
    """

    path: Path
    written: tuple[Price, ...]
    kept: tuple[Price, ...]
    missing: tuple[tuple[str, str], ...]
    doubtful: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {
            "path": str(self.path),
            "written": [asdict(row) for row in self.written],
            "kept": [asdict(row) for row in self.kept],
            "missing": [{"item": item, "region": region} for item, region in self.missing],
            "doubtful": [{"item": item, "region": region} for item, region in self.doubtful],
        }


def refresh_prices(
    path: Path,
    regions: Iterable[str],
    api: RetailApi,
    *,
    today: date,
    progress: Callable[[str], None] = lambda _: None,
) -> Refreshed:
    """Ask the API for every item that the product prices, and write the file whole or not at all.

    Rows that somebody wrote by hand, with another source, win: an agreed price is not overwritten.

    Args:
        path: The price file; made if there is none.
        regions: Regions to ask for, as ARM names them.
        api: The API.
        today: The day that new rows get.
        progress: Told what is asked; nobody is if left out.

    Raises:
        PlanError: The file at hand is wrong, or a region is none that environments may stand in.
        SetupError: The API cannot be reached or answers in another form; the file stays as it was.
    """
    regions = tuple(dict.fromkeys(regions))
    _refuse_unknown(regions)
    present = read_file(path, known=known_units()) if path.is_file() else ()
    by_hand = {(row.item, row.region) for row in present if not row.source.startswith(_SOURCE)}
    found: dict[tuple[str, str], Price] = {}
    missing: list[tuple[str, str]] = []
    doubtful: list[tuple[str, str]] = []
    for region in regions:
        for query in queries(region):
            progress(query.about)
            rows = list(api.rows(query.filter))
            for meter in query.meters:
                key = (meter.item, "Global" if meter.is_global else region)
                fitting = [row for row in rows if meter.fits(row) and row["armRegionName"] == key[1]]
                amounts = {row["retailPrice"] for row in fitting}
                if not amounts:
                    missing.append(key)
                elif len(amounts) > 1 or min(amounts) <= 0:
                    doubtful.append(key)
                elif key not in by_hand:
                    found[key] = _price(meter, fitting[0], key[1], today)
    kept = tuple(row for row in present if (row.item, row.region) not in found)
    _write(path, write_rows((*kept, *found.values())))
    return Refreshed(
        path=path,
        written=tuple(found.values()),
        kept=kept,
        missing=tuple(dict.fromkeys(missing)),
        doubtful=tuple(dict.fromkeys(doubtful)),
    )


def _refuse_unknown(regions: Iterable[str]) -> None:
    unknown = [region for region in regions if region not in REGIONS]
    if unknown:
        raise PlanError(
            Diagnostic(
                code="CST024",
                summary="no region that environments may stand in",
                detail=f"found {', '.join(repr(one) for one in unknown)}; allowed: {', '.join(REGIONS)}",
                remedy="name regions as Azure Resource Manager does, such as westeurope",
            )
        )


def _price(meter: Meter | MachineMeter, row: dict[str, Any], region: str, today: date) -> Price:
    return Price(
        item=meter.item,
        region=region,
        scope="global" if meter.is_global else "region",
        currency=str(row["currencyCode"]),
        unit=meter.unit,
        price=float(row["retailPrice"]),
        date=today.isoformat(),
        source=f"{_SOURCE}, meter {row['meterId']}",
        note=f"{row['productName']}, {row['meterName']}, in effect since {row['effectiveStartDate'][:10]}",
    )


def _write(path: Path, content: str) -> None:
    """Put the file in place at once, so that a reader and a killed run leave the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=".prices-", suffix=".csv", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
