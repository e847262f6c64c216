"""Files of prices: one row an item and region, in CSV."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from lakeplane.diagnostics import Diagnostic, Location
from lakeplane.errors import PlanError

__all__ = ["Price", "read_file", "read_rows", "write_rows"]

_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_SCOPES = ("region", "global")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of one item in one region.

    Attributes:
        item: What is priced, such as `vm:Standard_D4ds_v5` or `nat_gateway_hour`.
        region: Region that the price was seen in; empty for numbers that are no prices.
        scope: `region`: it holds there alone. `global`: the item has one meter for all regions.
        currency: `USD`; empty for numbers that are no prices.
        unit: What one costs that much: `hour`, `GB-month`, `DBU`.
        price: Price of one unit, without tax or discount.
        date: Day on which it was seen.
        source: Where it was seen.
        note: The source's own words, and doubts.
    """

    item: str
    region: str
    scope: str
    currency: str
    unit: str
    price: float
    date: str
    source: str
    note: str = ""

    @property
    def is_global(self) -> bool:
        """Whether it holds in all regions."""
        return self.scope == "global"

    @property
    def origin(self) -> str:
        """Source and date, and where the price was seen if it holds elsewhere too."""
        seen = f", seen in {self.region}, one price for all regions" if self.is_global and self.region else ""
        return f"{self.source}, {self.date}{seen}"


_FIELDS = tuple(Price.__dataclass_fields__)
_REQUIRED = tuple(field for field in _FIELDS if field != "note")


def read_file(path: Path, *, known: Mapping[str, str]) -> tuple[Price, ...]:
    """Read a price file.

    Args:
        path: The file.
        known: Unit of each item that the product asks for.

    Raises:
        PlanError: It is no text, or rows are wrong; holds every finding.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PlanError(
            _finding("CST013", "the price file is not text in UTF-8", str(path), 1, error.reason, "UTF-8")
        ) from error
    return read_rows(text, str(path), known=known)


def read_rows(text: str, name: str, *, known: Mapping[str, str] | None = None) -> tuple[Price, ...]:
    """Read the rows of a price file.

    Args:
        text: The file's content.
        name: Its path, as findings show it.
        known: Unit of each item that the product asks for; units of other items are not checked.

    Raises:
        PlanError: Rows are wrong; holds every finding.
    """
    reader = csv.DictReader(io.StringIO(text), restval="")
    missing = [field for field in _REQUIRED if field not in (reader.fieldnames or ())]
    if missing:
        raise PlanError(_finding("CST010", "columns are missing", name, 1, missing, ", ".join(_FIELDS)))
    findings: list[Diagnostic] = []
    rows: dict[tuple[str, str], Price] = {}
    for raw in reader:
        line = reader.line_num
        wrong = list(_check(raw, name, line, known or {}))
        key = (raw["item"], raw["region"])
        if key in rows:
            wrong.append(
                _finding("CST011", "a price is given twice", name, line, key, "one row an item and region")
            )
        findings += wrong
        if not wrong:
            rows[key] = _row(raw)
    if findings:
        raise PlanError(findings)
    return tuple(rows.values())


def _row(raw: Mapping[str, str]) -> Price:
    return Price(
        item=raw["item"],
        region=raw["region"],
        scope=raw["scope"],
        currency=raw["currency"],
        unit=raw["unit"],
        price=float(raw["price"]),
        date=raw["date"],
        source=raw["source"],
        note=raw.get("note", ""),
    )


def write_rows(rows: Iterable[Price]) -> str:
    """Return rows as a file's content, always the same for the same rows."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in sorted(rows, key=lambda one: (one.item, one.region)):
        writer.writerow({**asdict(row), "price": f"{row.price:.10g}"})
    return out.getvalue()


def _check(raw: Mapping[str, str], name: str, line: int, known: Mapping[str, str]) -> Iterator[Diagnostic]:
    if not raw["item"] or not raw["source"]:
        yield _finding("CST012", "a price without its item or source", name, line, raw["item"], "both")
    if not _is_amount(raw["price"]):
        yield _finding("CST012", "not a price", name, line, raw["price"], "a number, 0 or more")
    if not _DATE.fullmatch(raw["date"]):
        yield _finding("CST012", "not a day", name, line, raw["date"], "a day such as 2026-08-31")
    if raw["scope"] not in _SCOPES:
        yield _finding("CST012", "no such scope", name, line, raw["scope"], ", ".join(_SCOPES))
    if raw["currency"] not in ("USD", ""):
        yield _finding("CST012", "another currency", name, line, raw["currency"], "USD, as budgets are")
    unit = known.get(raw["item"], raw["unit"])
    if raw["unit"] != unit:
        yield _finding("CST012", f"another unit than {raw['item']} has", name, line, raw["unit"], unit)


def _is_amount(text: str) -> bool:
    try:
        amount = float(text)
    except ValueError:
        return False
    return math.isfinite(amount) and amount >= 0


def _finding(code: str, summary: str, name: str, line: int, found: object, allowed: str) -> Diagnostic:
    return Diagnostic(
        code=code,
        summary=summary,
        detail=f"found {found!r}; allowed: {allowed}",
        remedy="correct the row, or write the file anew with `lakeplane prices refresh`",
        location=Location(name, line, 1),
    )
