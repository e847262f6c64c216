"""The report of a run as one page that needs no other file and no network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lakeplane.report import charts
from lakeplane.report.model import RunReport, champion

__all__ = ["render_page", "write_page"]


def render_page(report: RunReport) -> str:
    """Return the page as HTML text; everything that is not a chart of ours is escaped."""
    environment = Environment(
        loader=PackageLoader("lakeplane.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    errors = report.facts.errors
    drawn = SimpleNamespace(
        forecast=[Markup(charts.draw_forecast(series)) for series in report.facts.series],  # noqa: S704 - our own SVG
        errors=Markup(charts.draw_errors(errors)) if errors else "",  # noqa: S704 - our own SVG
        tables=Markup(charts.draw_tables(report.status.tables)) if report.status.tables else "",  # noqa: S704 - our own SVG
    )
    return environment.get_template("page.html.j2").render(
        report=report,
        best=champion(report.status),
        better=sum(error.mase < error.mase_baseline for error in errors),
        worst=sorted(errors, key=lambda error: error.mase_baseline - error.mase)[:5],
        caught=all(quality.injected == quality.quarantined for quality in report.facts.quality),
        rows_of=_rows_of(report),
        charts=drawn,
    )


def _rows_of(report: RunReport) -> Callable[[str], int | None]:
    rows = {table.name: table.rows for table in report.status.tables}
    return rows.get


def write_page(report: RunReport, path: Path) -> Path:
    """Write the page to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".partial")
    beside.write_text(render_page(report), encoding="utf-8")
    beside.replace(path)
    return path
