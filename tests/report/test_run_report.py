"""What people see of a run: the summary on a terminal and the HTML page, from real Delta tables."""

from __future__ import annotations

import io
import math
import os
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from rich.console import Console

from lakeplane.report.facts import LakeFacts, local_path, read_facts
from lakeplane.report.html import render_page, write_page
from lakeplane.report.model import Latency, LayerChange, RunReport, ScoringReport, Step, champion
from lakeplane.report.status import (
    EnvironmentStatus,
    JobStatus,
    LastRun,
    ModelStatus,
    TableStatus,
    count_resources,
)
from lakeplane.report.summary import print_summary

GOLDEN = Path(__file__).parent / "golden"
LOADS = ("H0-A <&> 0.002", "G1-C 0.1", "L2-A 0.05", "BL-H 1.2")


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    """A lake with the three tables that the report reads, as the workloads write them."""
    gold = tmp_path / "stlake" / "gold"
    hours = [datetime(2016, 12, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(48)]
    write_deltalake(
        str(gold / "data_quality"),
        pa.table(
            {"reason": ["wrong_date", "broken_number"], "injected": [3, 5], "quarantined": [3, 4]},
        ),
    )
    write_deltalake(
        str(gold / "load_forecast_error"),
        pa.table(
            {
                "load_group": list(LOADS),
                "loads_represented": [100, 50, 10, 1],
                "mae": [0.1, 0.2, 0.3, 0.4],
                "mae_baseline": [0.2, 0.3, 0.2, 0.5],
                "mase": [0.5, 0.6, 1.5, 0.8],
                "mase_baseline": [1.0, 0.9, 1.0, 1.0],
            }
        ),
    )
    write_deltalake(
        str(gold / "load_forecast"),
        pa.table(
            {
                "load_group": [load for load in LOADS for _ in hours],
                "hour_utc": hours * len(LOADS),
                "actual": [float(n % 24) for n in range(48)] * len(LOADS),
                "forecast": [float(n % 24) + 0.5 for n in range(48)] * len(LOADS),
                "baseline": [float(n % 24) + 1.0 for n in range(48)] * len(LOADS),
            }
        ),
    )
    return tmp_path


def _tables(*names: str) -> tuple[TableStatus, ...]:
    return tuple(
        TableStatus(name, "gold", f"abfss://gold@stlake.dfs.core.windows.net/{name.split('.')[1]}", 0, 10)
        for name in names
    )


TABLES = ("gold.data_quality", "gold.load_forecast", "gold.load_forecast_error")


def _report(facts: LakeFacts) -> RunReport:
    status = EnvironmentStatus(
        environment="local",
        resources={"azure-native:resources:ResourceGroup": 1, "databricks:index/job:Job": 2},
        layers={
            "foundation": {"azure-native:resources:ResourceGroup": 1},
            "contents": {"databricks:index/job:Job": 2},
        },
        tables=_tables(*TABLES),
        models=(
            ModelStatus(
                "local.ml.load_forecast",
                "2",
                ("champion",),
                {
                    "mae": 0.25,
                    "mae_baseline": 0.3,
                    "mase": 0.85,
                    "mase_baseline": 0.975,
                    "loads_distinct": 4.0,
                    "loads_total": 161.0,
                },
            ),
            ModelStatus("local.ml.load_forecast", "1", (), {}),
        ),
        jobs=(
            JobStatus("forecasting", None),
            JobStatus("medallion", LastRun("SUCCESS", "2026-11-24T00:00:00+00:00", 61.2)),
        ),
    )
    return RunReport(
        environment="local",
        spec=Path("stacks/environments/local.yaml"),
        finished="2026-11-24T00:02:00+00:00",
        seconds=120.0,
        steps=(Step("job medallion", 61.2, "gold 9.0 s"),),
        layers=(LayerChange("foundation", {"create": 1}, 4.0),),
        status=status,
        facts=facts,
        scoring=ScoringReport(
            "local.ml.load_forecast version 2",
            72,
            0.0,
            {1: Latency(1000, 2500.0, 0.4, 0.9), 8: Latency(1000, 5000.0, 1.2, 2.5)},
        ),
        no_champion=None,
        places={"report": ".lakeplane/local/report.html"},
        next_steps=(("lakeplane status local", "the same facts"),),
    )


def test_count_resources_leaves_out_components_providers_and_reads() -> None:
    deployment = {
        "deployment": {
            "resources": [
                {"type": "pulumi:pulumi:Stack", "custom": False},
                {"type": "lakeplane:lake:DataLake", "custom": False},
                {"type": "pulumi:providers:databricks", "custom": True},
                {"type": "azure-native:storage:StorageAccount", "custom": True},
                {"type": "azure-native:storage:StorageAccount", "custom": True, "external": True},
            ]
        }
    }
    assert count_resources(deployment) == {"azure-native:storage:StorageAccount": 1}


def test_read_facts_reads_quality_errors_and_the_loads_that_stand_for_most(storage: Path) -> None:
    facts = read_facts(_tables(*TABLES), storage)
    assert [(row.reason, row.injected, row.quarantined) for row in facts.quality] == [
        ("broken_number", 5, 4),
        ("wrong_date", 3, 3),
    ]
    assert [error.load for error in facts.errors] == sorted(LOADS)
    assert [series.load for series in facts.series] == list(LOADS[:3])
    assert facts.series[0].forecast[1] == 1.5


def _with_unknown_errors(storage: Path) -> None:
    """Rewrite the errors as the workload does where it does not know them: as NULL."""
    write_deltalake(
        str(storage / "stlake" / "gold" / "load_forecast_error"),
        pa.table(
            {
                "load_group": list(LOADS),
                "loads_represented": [100, 50, 10, 1],
                "mae": pa.array([0.1, None, 0.3, 0.4], pa.float64()),
                "mae_baseline": [0.2, 0.3, 0.2, 0.5],
                "mase": pa.array([0.5, None, None, 0.8], pa.float64()),
                "mase_baseline": pa.array([1.0, 0.9, None, 1.0], pa.float64()),
            }
        ),
        mode="overwrite",
    )


def test_unknown_errors_are_left_out_of_the_picture_and_counted(storage: Path, tmp_path: Path) -> None:
    _with_unknown_errors(storage)
    facts = read_facts(_tables(*TABLES), storage)
    assert [error.load for error in facts.errors] == sorted([LOADS[0], LOADS[3]])
    assert facts.loads_without_error == 2
    assert [series.load for series in facts.series] == [LOADS[0], LOADS[3]]
    page = write_page(_report(facts), tmp_path / "report.html").read_text(encoding="utf-8")
    assert "2 of 2 distinct loads" in page
    assert "They stand for 101 loads" in page
    assert "Distinct loads left out: 2" in page
    output = io.StringIO()
    print_summary(Console(file=output, width=100, color_system=None), _report(facts))
    assert "distinct loads whose error is unknown: 2" in output.getvalue()


def test_errors_that_are_all_unknown_leave_a_page_without_that_picture(storage: Path, tmp_path: Path) -> None:
    path = str(storage / "stlake" / "gold" / "load_forecast_error")
    table = DeltaTable(path).to_pyarrow_table()
    nothing = pa.array([None] * len(table), pa.float64())
    write_deltalake(path, table.set_column(table.column_names.index("mae"), "mae", nothing), mode="overwrite")
    facts = read_facts(_tables(*TABLES), storage)
    assert (facts.errors, facts.series, facts.loads_without_error) == ((), (), 4)
    page = write_page(_report(facts), tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Distinct loads left out: 4" in page


def test_hours_without_a_forecast_are_gaps_in_the_curve(storage: Path, tmp_path: Path) -> None:
    path = str(storage / "stlake" / "gold" / "load_forecast")
    table = DeltaTable(path).to_pyarrow_table()
    values = [None if hour < 5 else 1.0 for hour in range(len(table))]
    at = table.column_names.index("forecast")
    write_deltalake(path, table.set_column(at, "forecast", pa.array(values, pa.float64())), mode="overwrite")
    facts = read_facts(_tables(*TABLES), storage)
    assert sum(math.isnan(value) for series in facts.series for value in series.forecast) == 5
    assert "<svg" in write_page(_report(facts), tmp_path / "report.html").read_text(encoding="utf-8")


def test_read_facts_of_an_environment_that_never_ran_are_empty(tmp_path: Path) -> None:
    assert read_facts(_tables(*TABLES), tmp_path) == LakeFacts()


def test_local_path_maps_the_lake_and_leaves_paths_alone() -> None:
    storage = Path("/lake")
    assert local_path("abfss://gold@st1.dfs.core.windows.net/a/b", storage) == Path("/lake/st1/gold/a/b")
    assert local_path("file:/tmp/x", storage) == Path("/tmp/x")


def test_champion_is_the_version_that_holds_the_alias() -> None:
    status = _report(LakeFacts()).status
    found = champion(status)
    assert found is not None
    assert found.version == "2"


def test_summary_shows_what_the_golden_file_shows(storage: Path) -> None:
    output = io.StringIO()
    print_summary(
        Console(file=output, width=100, color_system=None), _report(read_facts(_tables(*TABLES), storage))
    )
    text = "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"
    golden = GOLDEN / "summary.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


class _Page(HTMLParser):
    """Collects what a browser would fetch and the tags that stay open."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.text: list[str] = []
        self.charts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.charts += tag == "svg"
        self.fetched += [
            value or ""
            for name, value in attrs
            if name in {"src", "href"} and not (value or "").startswith("#")
        ]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_page_is_one_file_with_charts_and_escapes_what_it_shows(storage: Path, tmp_path: Path) -> None:
    path = write_page(_report(read_facts(_tables(*TABLES), storage)), tmp_path / "report.html")
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert page.fetched == []
    assert page.charts == 3 + 1 + 1
    assert "H0-A <&> 0.002" in "".join(page.text)
    assert "3 of 4 distinct loads" in "".join(page.text)
    assert "unknown" in page.text, "metrics that version 1 never had are no zeros"
    assert not path.with_suffix(".partial").exists()


def test_page_of_a_bare_environment_renders_without_charts() -> None:
    bare = _report(LakeFacts())
    status = EnvironmentStatus("local", {}, layers={"foundation": {}, "contents": {}})
    html = render_page(
        RunReport(
            **{**{name: getattr(bare, name) for name in bare.__slots__}, "status": status, "scoring": None}
        )
    )
    assert "<svg" not in html


def test_page_of_the_same_run_has_the_same_bytes(storage: Path) -> None:
    facts = read_facts(_tables(*TABLES), storage)
    first, second = render_page(_report(facts)), render_page(_report(facts))
    assert re.sub(r"\s+", " ", first) == re.sub(r"\s+", " ", second)
