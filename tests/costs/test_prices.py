"""The price table: whole, sourced, chosen rightly where sources disagree; and a project's own prices."""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from pathlib import Path

import pytest

from lakeplane.costs import Price, PriceTable, bundled_prices, load_prices
from lakeplane.costs.price_rows import read_rows, write_rows
from lakeplane.errors import PlanError
from lakeplane.layout import ProjectLayout
from lakeplane.spec.regions import REGIONS
from lakeplane.spec.sizes import vm_sizes

DATA = files("lakeplane.costs") / "data"
HEAD = "item,region,scope,currency,unit,price,date,source,note\n"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text("utf-8").splitlines()))


USED, ASIDE = rows("prices.csv"), rows("prices_set_aside.csv")


def test_rows_come_once_and_in_order() -> None:
    keys = [(row["item"], row["region"]) for row in USED]
    assert keys == sorted(set(keys))
    assert len(keys) == len(bundled_prices().rows) == 278


def test_every_row_has_source_date_unit_and_region() -> None:
    for row in (*USED, *ASIDE):
        assert re.match(r"[\w.-]+/[\w.-]+ \S", row["source"]), row
        assert row["unit"], row
        assert bool(row["region"]) is bool(row["currency"]), row
        assert row["region"] in (*REGIONS, ""), row
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", row["date"]) or "no date" in row["reason"], row


def test_rows_set_aside_have_a_reason_and_are_never_used() -> None:
    used = {(row["item"], row["region"], row["price"], row["date"]) for row in USED}
    assert len(ASIDE) == 25
    for row in ASIDE:
        assert row["reason"]
        assert (row["item"], row["region"], row["price"], row["date"]) not in used


def test_machines_with_two_meters_cost_what_the_one_of_linux_does() -> None:
    """Prices of AMD sizes are linear in cores; the doubled ones are those of Windows."""
    for region in ("eastus", "westeurope"):
        for family in ("D{}ads_v5", "E{}ads_v5"):
            sizes = [f"Standard_{family.format(cores)}" for cores in (4, 8, 16, 32)]
            found = [(bundled_prices().find(f"vm:{size}", region), vm_sizes().get(size)) for size in sizes]
            a_core = {round(row.price / size.vcpus, 6) for row, size in found if row and size}
            assert len(a_core) == 1, (region, family, a_core)


def test_every_machine_of_the_size_table_has_a_price_in_two_regions() -> None:
    for size in vm_sizes():
        for region in ("eastus", "westeurope"):
            assert bundled_prices().find(f"vm:{size}", region), (size, region)


def test_a_price_of_another_region_is_no_answer() -> None:
    assert bundled_prices().find("aks_standard_uptime_hour", "eastus")
    assert bundled_prices().find("aks_standard_uptime_hour", "westeurope") is None
    assert bundled_prices().find("storage:blob_hot_lrs_gb_month", "westeurope") is None


def test_one_meter_for_all_regions_says_where_it_was_seen() -> None:
    found = bundled_prices().find("private_endpoint_hour", "westeurope")
    assert found is not None
    assert found.region == "westus"
    assert found.origin.endswith("2024-07-01, seen in westus, one price for all regions")
    assert "one meter for all regions (ahmadabdalla/azure-cost-calculator" in found.note


def test_numbers_that_are_no_prices_are_factors_alone() -> None:
    assert bundled_prices().factor("databricks:photon_multiplier:jobs_compute") == 2.5
    assert bundled_prices().factor("databricks:premium:jobs_compute") is None
    assert bundled_prices().factor("nothing") is None


def own(tmp_path: Path, text: str) -> ProjectLayout:
    project = ProjectLayout(tmp_path)
    project.stacks.mkdir()
    project.prices.write_text(text, "utf-8")
    return project


def test_a_project_without_prices_has_the_bundled_ones(tmp_path: Path) -> None:
    assert load_prices(ProjectLayout(tmp_path)) is bundled_prices()


def test_a_projects_own_price_wins(tmp_path: Path) -> None:
    row = "vm:Standard_D4ds_v5,westeurope,region,USD,hour,0.2,2026-09-01,our agreement 4711,\n"
    table = load_prices(own(tmp_path, HEAD + row))
    found = table.find("vm:Standard_D4ds_v5", "westeurope")
    assert found is not None
    assert (found.price, found.origin) == (0.2, "our agreement 4711, 2026-09-01")
    assert table.find("vm:Standard_D4ds_v5", "eastus") == bundled_prices().find(
        "vm:Standard_D4ds_v5", "eastus"
    )


@pytest.mark.parametrize(
    ("row", "code", "told"),
    [
        (
            "vm:a,eastus,region,USD,hour,cheap,2026-09-01,us,",
            "CST012",
            "found 'cheap'; allowed: a number, 0 or more",
        ),
        ("vm:a,eastus,region,USD,hour,-1,2026-09-01,us,", "CST012", "found '-1'"),
        ("vm:a,eastus,region,USD,hour,nan,2026-09-01,us,", "CST012", "found 'nan'"),
        ("vm:a,eastus,region,USD,hour,1,yesterday,us,", "CST012", "found 'yesterday'"),
        (
            "vm:a,eastus,region,EUR,hour,1,2026-09-01,us,",
            "CST012",
            "found 'EUR'; allowed: USD, as budgets are",
        ),
        ("vm:a,eastus,world,USD,hour,1,2026-09-01,us,", "CST012", "found 'world'; allowed: region, global"),
        (",eastus,region,USD,hour,1,2026-09-01,us,", "CST012", "found ''"),
        (
            "nat_gateway_hour,eastus,region,USD,month,1,2026-09-01,us,",
            "CST012",
            "found 'month'; allowed: hour",
        ),
        ("vm:a,eastus", "CST012", "found ''"),
    ],
)
def test_wrong_rows_are_told_with_their_place(row: str, code: str, told: str, tmp_path: Path) -> None:
    project = own(tmp_path, f"{HEAD}\n{row}\n")
    with pytest.raises(PlanError) as caught:
        load_prices(project)
    first = caught.value.findings[0]
    assert first.code == code
    assert told in " ".join(finding.detail for finding in caught.value.findings)
    assert first.location is not None
    assert (first.location.file, first.location.line) == (str(project.prices), 3)
    assert first.remedy


def test_all_wrong_rows_are_told_at_once(tmp_path: Path) -> None:
    row = "vm:a,eastus,region,USD,hour,x,2026-09-01,us,\n"
    with pytest.raises(PlanError) as caught:
        load_prices(own(tmp_path, HEAD + row + row.replace(",x,", ",y,")))
    assert [str(finding.location).rpartition("prices.csv")[2] for finding in caught.value.findings] == [
        ":2:1",
        ":3:1",
    ]


def test_a_price_twice_is_refused(tmp_path: Path) -> None:
    row = "vm:a,eastus,region,USD,hour,1,2026-09-01,us,\n"
    with pytest.raises(PlanError) as caught:
        load_prices(own(tmp_path, HEAD + row + row))
    assert [finding.code for finding in caught.value.findings] == ["CST011"]


@pytest.mark.parametrize("content", [b"", b"item;price\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_price_file_is_refused(content: bytes, tmp_path: Path) -> None:
    project = own(tmp_path, "")
    project.prices.write_bytes(content)
    with pytest.raises(PlanError) as caught:
        load_prices(project)
    assert caught.value.findings[0].code in ("CST010", "CST013")


def test_what_is_written_is_read_again() -> None:
    table = bundled_prices()
    text = write_rows(table.rows.values())
    assert PriceTable.of(read_rows(text, "prices.csv")) == table
    assert text == (DATA / "prices.csv").read_text("utf-8")
    row = Price(
        item="a",
        region="b",
        scope="region",
        currency="USD",
        unit="hour",
        price=1e-7,
        date="2026-01-01",
        source="x, y",
    )
    assert read_rows(write_rows([row]), "x") == (row,)
