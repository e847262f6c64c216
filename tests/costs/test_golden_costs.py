"""What people see of cost and quota, for a first environment, for production and for as much as one can use.

`UPDATE_GOLDEN=1` writes what is printed now; look at the difference before committing it.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from lakeplane.preview.cost_tables import print_cost, print_quota

from .conftest import Previews

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["dev", "prod", "examples/max", "hub"])
def test_tables_are_those_of_the_golden_file(name: str, previewed: Previews) -> None:
    out = io.StringIO()
    console = Console(file=out, width=120)
    print_cost(console, previewed(name).cost)
    console.print()
    print_quota(console, previewed(name).quota)
    shown = "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
    golden = GOLDEN / f"{name.rpartition('/')[2]}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "lines", "not_priced"), [("dev", 22, 52), ("prod", 29, 40), ("examples/max", 35, 54)]
)
def test_how_much_is_priced_and_how_much_is_not(
    name: str, lines: int, not_priced: int, previewed: Previews
) -> None:
    cost = previewed(name).cost
    assert (len(cost.lines), len(cost.not_priced)) == (lines, not_priced)
    assert all(one.what and one.reason for one in cost.not_priced)
    told = {finding.code: finding for finding in previewed(name).findings}["CST003"]
    assert told.summary == f"{not_priced} things that cost money are in no sum"
