"""`lakeplane prices refresh` against the retail price API's shapes, over real HTTP on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lakeplane.costs import bundled_prices, load_prices
from lakeplane.costs.meters import METERS, queries
from lakeplane.costs.price_rows import Price, read_rows, write_rows
from lakeplane.costs.retail import RetailApi, refresh_prices
from lakeplane.errors import PlanError, SetupError
from lakeplane.layout import ProjectLayout

from .conftest import ENVIRONMENTS
from .retail_server import RetailServer, price_row, serving

TODAY = date(2026, 12, 1)


def machine(price: float, size: str = "Standard_D4ds_v5", **given: Any) -> dict[str, Any]:
    name = size.removeprefix("Standard_").replace("_", " ")
    return price_row(
        **{
            "serviceName": "Virtual Machines",
            "productName": "Virtual Machines Ddsv5 Series",
            "armSkuName": size,
            "skuName": name,
            "meterName": name,
            "unitOfMeasure": "1 Hour",
            "retailPrice": price,
            **given,
        }
    )


def dbu(meter: str, price: float, **given: Any) -> dict[str, Any]:
    return price_row(
        **{
            "serviceName": "Azure Databricks",
            "productName": "Azure Databricks",
            "armSkuName": "",
            "skuName": meter.removesuffix(" DBU"),
            "meterName": meter,
            "unitOfMeasure": "1 Hour",
            "retailPrice": price,
            **given,
        }
    )


ROWS = [
    machine(0.25),
    # What else the API has of a size: nothing of it is the price of Linux on demand.
    machine(0.45, productName="Virtual Machines Ddsv5 Series Windows"),
    machine(0.04, skuName="D4ds v5 Spot", meterName="D4ds v5 Spot"),
    machine(0.06, skuName="D4ds v5 Spot", productName="Virtual Machines Ddsv5 Series Windows"),
    machine(0.05, skuName="D4ds v5 Low Priority"),
    machine(1000.0, type="Reservation"),
    machine(0.2, type="DevTestConsumption"),
    machine(0.3, armRegionName="eastus"),
    price_row(retailPrice=21.68),
    price_row(retailPrice=0.5, meterName="P10 LRS Disk Mount"),
    dbu("Premium Jobs Compute DBU", 0.31),
    dbu("Premium All-Purpose Photon DBU", 0.56),
    dbu("Premium - Free Trial Jobs Compute DBU", 0.0),
    dbu("Premium Serverless SQL DBU", 0.92, productName="Azure Databricks Regional"),
    dbu("Premium Serverless SQL DBU", 9.99, productName="Another product"),
    price_row(
        serviceName="NAT Gateway",
        productName="NAT Gateway",
        skuName="Standard",
        meterName="Standard Gateway",
        unitOfMeasure="1 Hour",
        armRegionName="Global",
        retailPrice=0.046,
    ),
    *(
        price_row(
            productName="Azure Data Lake Storage Gen2 Hierarchical Namespace",
            skuName="Hot GZRS",
            meterName="Hot GZRS Data Stored",
            unitOfMeasure="1 GB/Month",
            tierMinimumUnits=float(least),
            retailPrice=price,
        )
        for least, price in ((0, 0.04), (51_200, 0.039), (512_000, 0.038))
    ),
]


def refresh(server: RetailServer, path: Path, *regions: str) -> Any:
    api = RetailApi(server.url, retry_seconds=0.01)
    return refresh_prices(path, regions or ("westeurope",), api, today=TODAY)


def test_prices_of_every_kind_are_found_among_what_else_the_api_has(tmp_path: Path) -> None:
    path = tmp_path / "stacks" / "prices.csv"
    with serving(RetailServer(ROWS)) as server:
        found = refresh(server, path)
    by_item = {row.item: row for row in found.written}
    assert {item: row.price for item, row in by_item.items()} == {
        "vm:Standard_D4ds_v5": 0.25,
        "vm_spot:Standard_D4ds_v5": 0.04,
        "managed_disk_p10_month": 21.68,
        "databricks:premium:jobs_compute": 0.31,
        "databricks:premium:all_purpose_photon": 0.56,
        "databricks:premium:sql_serverless": 0.92,
        "nat_gateway_hour": 0.046,
        "storage:blob_hot_gzrs_gb_month": 0.04,
        "storage:blob_hot_gzrs_gb_month_next_450tb": 0.039,
        "storage:blob_hot_gzrs_gb_month_over_500tb": 0.038,
    }
    assert by_item["nat_gateway_hour"].is_global
    assert by_item["vm:Standard_D4ds_v5"] == Price(
        item="vm:Standard_D4ds_v5",
        region="westeurope",
        scope="region",
        currency="USD",
        unit="hour",
        price=0.25,
        date="2026-12-01",
        source="Azure Retail Prices API, meter 137d3f72-fe0e-4a78-b5d0-92d704aa3cac",
        note="Virtual Machines Ddsv5 Series, D4ds v5, in effect since 2018-05-01",
    )
    assert ("vm:Standard_D8ds_v5", "westeurope") in found.missing
    assert found.doubtful == ()


def test_what_is_written_wins_over_the_bundled_prices(tmp_path: Path) -> None:
    project = ProjectLayout(tmp_path)
    with serving(RetailServer(ROWS)) as server:
        refresh(server, project.prices)
    table = load_prices(project)
    found = table.find("vm:Standard_D4ds_v5", "westeurope")
    assert found is not None
    assert found.price == 0.25
    gateway = table.find("nat_gateway_hour", "japaneast")
    assert gateway is not None
    assert table.find("vm:Standard_D8ds_v5", "westeurope") == bundled_prices().find(
        "vm:Standard_D8ds_v5", "westeurope"
    )


@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_pages_are_followed_to_their_end(page_size: int, tmp_path: Path) -> None:
    with serving(RetailServer(ROWS, page_size=page_size)) as server:
        found = refresh(server, tmp_path / "prices.csv")
    assert len(found.written) == 10


def test_several_prices_of_one_item_are_told_and_never_chosen_from(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        machine(0.26, productName="Virtual Machines Ddsv5 Series v2"),
        dbu("Premium Jobs Light Compute DBU", 0.0),
    ]
    with serving(RetailServer(rows)) as server:
        found = refresh(server, tmp_path / "prices.csv")
    assert found.doubtful == (
        ("vm:Standard_D4ds_v5", "westeurope"),
        ("databricks:premium:jobs_light", "westeurope"),
    )
    assert not {"vm:Standard_D4ds_v5", "databricks:premium:jobs_light"} & {row.item for row in found.written}


def test_another_region_and_prices_by_hand_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    agreed = Price(
        item="databricks:premium:jobs_compute",
        region="westeurope",
        scope="region",
        currency="USD",
        unit="DBU",
        price=0.2,
        date="2026-01-01",
        source="our agreement",
    )
    path.write_text(write_rows([agreed]), "utf-8")
    with serving(RetailServer(ROWS)) as server:
        refresh(server, path, "eastus")
        found = refresh(server, path, "westeurope")
    prices = {(row.item, row.region): row.price for row in read_rows(path.read_text("utf-8"), "prices.csv")}
    assert prices["databricks:premium:jobs_compute", "westeurope"] == 0.2
    assert prices["vm:Standard_D4ds_v5", "eastus"] == 0.3
    assert prices["vm:Standard_D4ds_v5", "westeurope"] == 0.25
    assert agreed in found.kept


def test_a_second_renewal_changes_nothing_but_days(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    with serving(RetailServer(ROWS)) as server:
        refresh(server, path)
        first = path.read_bytes()
        refresh(server, path)
    assert path.read_bytes() == first
    assert [one.name for one in tmp_path.iterdir()] == ["prices.csv"], "nothing is left beside it"


def test_a_moment_of_failures_is_waited_out(tmp_path: Path) -> None:
    with serving(RetailServer(ROWS, failures=[429, 503, 429])) as server:
        assert len(refresh(server, tmp_path / "prices.csv").written) == 10


@pytest.mark.parametrize(
    ("server", "code"),
    [
        (RetailServer(ROWS, failures=[503] * 20), "CST021"),
        (RetailServer(ROWS, failures=[400] * 20), "CST021"),
        (RetailServer(ROWS, failures=[302] * 20), "CST021"),
        (RetailServer(ROWS, body=b"<html>sign in to the proxy</html>"), "CST022"),
        (RetailServer(ROWS, body=b"[]"), "CST022"),
        (RetailServer(ROWS, body=b'{"Items": {}}'), "CST022"),
        (RetailServer(ROWS, body=b'{"Items": [1]}'), "CST022"),
        (RetailServer(ROWS, body=json.dumps({"Items": [price_row(retailPrice="1")]}).encode()), "CST022"),
        (RetailServer(ROWS, body=json.dumps({"Items": [price_row(meterName=None)]}).encode()), "CST022"),
        (RetailServer(ROWS, body=json.dumps({"Items": [], "NextPageLink": 5}).encode()), "CST022"),
        (RetailServer([machine(0.1, currencyCode="EUR")]), "CST022"),
        (RetailServer(ROWS, page_size=1, next_host="http://prices.example"), "CST023"),
        (RetailServer(ROWS, page_size=1, next_host="file://"), "CST023"),
        (RetailServer([machine(0.1, meterId=str(each)) for each in range(60)], page_size=1), "CST022"),
    ],
)
def test_an_api_that_fails_leaves_the_file_as_it_was(server: RetailServer, code: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(write_rows([]), "utf-8")
    before = path.read_bytes()
    with serving(server), pytest.raises(SetupError) as caught:
        refresh(server, path)
    (finding,) = caught.value.findings
    assert finding.code == code
    assert finding.remedy
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["prices.csv"]


def test_an_api_that_nobody_answers_at_is_told(tmp_path: Path) -> None:
    with serving(RetailServer([])) as server:
        gone = server.url
    with pytest.raises(SetupError) as caught:
        refresh_prices(tmp_path / "p.csv", ["westeurope"], RetailApi(gone, retry_seconds=0.01), today=TODAY)
    assert caught.value.findings[0].code == "CST020"
    assert "--endpoint" in caught.value.findings[0].remedy


@pytest.mark.parametrize("endpoint", ["http://prices.example/api", "ftp://127.0.0.2/x", "file:///etc/passwd"])
def test_prices_are_never_read_in_the_clear(endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        refresh_prices(tmp_path / "p.csv", ["westeurope"], RetailApi(endpoint), today=TODAY)
    assert caught.value.findings[0].code == "CST025"


def test_unknown_regions_are_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as caught:
        refresh_prices(
            tmp_path / "p.csv", ["westeurope", "mars"], RetailApi("https://prices.example"), today=TODAY
        )
    assert caught.value.findings[0].code == "CST024"
    assert "'mars'" in caught.value.findings[0].detail


def test_a_wrong_file_at_hand_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("item;price\n", "utf-8")
    with pytest.raises(PlanError):
        refresh_prices(path, ["westeurope"], RetailApi("https://prices.example"), today=TODAY)


def test_only_what_the_product_needs_is_asked_for(tmp_path: Path) -> None:
    with serving(RetailServer(ROWS)) as server:
        refresh(server, tmp_path / "prices.csv")
    filters = [parse_qs(urlsplit(path).query)["$filter"][0] for path in server.asked]
    assert len(filters) == len(set(filters)) == len(list(queries("westeurope")))
    assert all("priceType eq 'Consumption'" in one and "serviceName eq '" in one for one in filters)
    assert all(
        "armRegionName eq 'westeurope'" in one or "armRegionName eq 'Global'" in one for one in filters
    )
    assert all(len(path) < 2000 for path in server.asked)


def test_every_meter_is_one_item_and_its_unit_is_the_tables() -> None:
    assert len({meter.item for meter in METERS}) == len(METERS)
    units = {item: row.unit for (item, _), row in bundled_prices().rows.items()}
    for meter in METERS:
        assert units.get(meter.item, meter.unit) == meter.unit, meter.item


def test_command_line(tmp_path: Path) -> None:
    """As a user runs it: the file beside the specs, and the next preview's cost with it."""
    shutil.copy(ENVIRONMENTS.parents[1] / "Pulumi.yaml", tmp_path)
    (tmp_path / "stacks").mkdir()
    with serving(RetailServer(ROWS)) as server:
        command = ["lakeplane", "prices", "refresh", "--region", "westeurope", "--endpoint", server.url]
        done = run([*command, "--format", "json"], tmp_path)
        plain = run(command, tmp_path)
    assert (done.returncode, plain.returncode) == (0, 0), done.stderr + plain.stderr
    assert len(json.loads(done.stdout)["written"]) == 10
    assert plain.stdout.startswith("wrote 10 prices into stacks/prices.csv, kept 0\n")
    assert "no price of vm:Standard_D8ds_v5 in westeurope\n" in plain.stdout
    assert len(load_prices(ProjectLayout(tmp_path)).rows) > len(bundled_prices().rows)
    refused = run([*command[:4], "mars"], tmp_path)
    assert refused.returncode == 1
    assert "error[CST024]" in refused.stderr


def run(command: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        env=own,
    )
