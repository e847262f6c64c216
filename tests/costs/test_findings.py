"""What a budget has to say, and how much is not priced."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from lakeplane.costs import Cost, CostLine, NotPriced, check_budget, tell_unpriced
from lakeplane.diagnostics import Severity
from lakeplane.layout import find_project
from lakeplane.preview.estimate import estimate
from lakeplane.spec import load_spec

from .conftest import ENVIRONMENTS, Previews


def line(expected: float, high: float, name: str = "one") -> CostLine:
    return CostLine(
        resource=f"urn:pulumi:x::y::t::{name}",
        service="s",
        what="w",
        unit="hour",
        unit_price=1,
        quantity=expected,
        low=0,
        expected=expected,
        high=high,
        source="here",
    )


COST = Cost(
    lines=(line(60, 100, "cheap"), line(80, 100, "dear")),
    not_priced=(
        NotPriced(resource="r", what="w", reason="r", at_most=5.0),
        NotPriced(resource="r", what="v", reason="r"),
    ),
)


@pytest.mark.parametrize(("tier", "severity"), [("prod", "error"), ("test", "warning"), ("dev", "warning")])
def test_expected_over_the_budget(tier: str, severity: str) -> None:
    (finding,) = check_budget(COST, 100, tier=tier)
    assert (finding.code, finding.severity.value, finding.dotted_path) == (
        "CST001",
        severity,
        "monthly_budget",
    )
    assert finding.detail == (
        "expected 140.00 USD; budget 100.00 USD; "
        "dearest: dear 80.00 USD, cheap 60.00 USD; "
        "2 things not priced, 1 of them could cost 5.00 USD at most"
    )
    assert "monthly_budget" in finding.remedy


def test_only_the_most_over_the_budget_is_a_note() -> None:
    (finding,) = check_budget(COST, 150, tier="prod")
    assert (finding.code, finding.severity) == ("CST002", Severity.NOTE)
    assert finding.detail == (
        "up to 205.00 USD; budget 150.00 USD; expected 140.00 USD, at most 200.00 USD; "
        "2 things not priced, 1 of them could cost 5.00 USD at most"
    )


@pytest.mark.parametrize("cost", [COST, Cost(not_priced=(replace(COST.not_priced[0], at_most=204.0),))])
def test_what_is_not_priced_counts_with_its_bound(cost: Cost) -> None:
    (finding,) = check_budget(cost, 203, tier="prod")
    assert finding.code == "CST002"
    assert "budget 203.00 USD" in finding.detail


@pytest.mark.parametrize(
    ("cost", "budget"), [(COST, 205), (COST, None), (Cost(), 1), (Cost(not_priced=COST.not_priced), 5)]
)
def test_nothing_to_say_of_the_budget(cost: Cost, budget: float | None) -> None:
    assert list(check_budget(cost, budget, tier="prod")) == []


def test_unpriced_things_are_counted_with_their_most() -> None:
    (finding,) = tell_unpriced(COST)
    assert finding.summary == "2 things that cost money are in no sum"
    assert (
        finding.detail == "the preview lists them with their reasons; 1 of them could cost 5.00 USD at most"
    )
    assert list(tell_unpriced(Cost())) == []


def test_budget_is_told_with_its_place_in_the_spec(tmp_path: Path, previewed: Previews) -> None:
    text = (
        (ENVIRONMENTS / "dev.yaml").read_text("utf-8").replace("monthly_budget: 1500", "monthly_budget: 100")
    )
    spec = tmp_path / "dev.yaml"
    spec.write_text(text, "utf-8")
    resources = [one.resource for one in previewed("dev").resources]
    found = estimate(load_spec(spec), spec, find_project(ENVIRONMENTS), resources)
    budget = next(finding for finding in found.findings if finding.code == "CST001")
    assert budget.location is not None
    line_number = text.splitlines().index("monthly_budget: 100") + 1
    assert (budget.location.file, budget.location.line) == (str(spec), line_number)


@pytest.mark.parametrize("name", ["dev", "prod", "examples/max", "hub"])
def test_committed_specs_are_within_their_budgets(name: str, previewed: Previews) -> None:
    assert not {"CST001", "CST004"} & {finding.code for finding in previewed(name).findings}


def test_every_code_is_documented_once() -> None:
    room = Path(str(files("lakeplane.costs")))
    documented = [
        line.split("`")[1]
        for line in (room / "README.md").read_text("utf-8").splitlines()
        if 'id="cst' in line
    ]
    used = {
        code for path in room.rglob("*.py") for code in re.findall(r'"(CST\d{3})"', path.read_text("utf-8"))
    }
    assert documented == sorted(used)


def test_every_module_is_in_the_rooms_table() -> None:
    room = Path(str(files("lakeplane.costs")))
    table = (room / "README.md").read_text("utf-8")
    modules = {path.name for path in room.glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if f"`{name}`" not in table} == set()
