"""Pictures of a run, as SVG text that needs nothing but the page it stands in."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl

from lakeplane.report.facts import ForecastError, ForecastSeries
from lakeplane.report.status import TableStatus

mpl.use("svg")

from matplotlib import dates
from matplotlib.figure import Figure

__all__ = ["draw_errors", "draw_forecast", "draw_tables"]

ACTUAL, FORECAST, BASELINE = "#1f2937", "#0f766e", "#c2a878"
LAYER_COLOURS = {"bronze": "#a16207", "silver": "#94a3b8", "gold": "#eab308"}
# Text stays text in the SVG (readable by screen readers), and ids do not change from run to run.
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lakeplane",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#9ca3af",
    "axes.labelcolor": "#374151",
    "xtick.color": "#6b7280",
    "ytick.color": "#6b7280",
}


def draw_forecast(series: ForecastSeries) -> str:
    """Draw actual, forecast and baseline of one load over its held-back hours."""
    with mpl.rc_context(STYLE):
        figure, axes = _figure(9.0, 2.4)
        axes.plot(series.hours, series.baseline, color=BASELINE, linewidth=0.9, label="seasonal-naive")
        axes.plot(series.hours, series.actual, color=ACTUAL, linewidth=1.2, label="actual")
        axes.plot(series.hours, series.forecast, color=FORECAST, linewidth=1.2, label="forecast")
        axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(axes.xaxis.get_major_locator()))
        axes.set_ylabel("MW")
        axes.margins(x=0.01)
        axes.legend(frameon=False, ncols=3, loc="upper right", bbox_to_anchor=(1, 1.22))
        return _svg(figure, f"forecast against actual of load {series.load}")


def draw_errors(errors: Sequence[ForecastError]) -> str:
    """Draw each distinct load's error against the baseline's: points below the line are better."""
    with mpl.rc_context(STYLE):
        figure, axes = _figure(4.4, 4.0)
        ours = [error.mase for error in errors]
        baseline = [error.mase_baseline for error in errors]
        top = 1.05 * max([*ours, *baseline, 1e-9])
        axes.plot([0, top], [0, top], color=BASELINE, linewidth=1)
        axes.scatter(baseline, ours, s=8, color=FORECAST, alpha=0.5, linewidths=0)
        axes.set_xlim(0, top)
        axes.set_ylim(0, top)
        axes.set_xlabel("scaled error (MASE) of seasonal-naive")
        axes.set_ylabel("scaled error (MASE) of the model")
        return _svg(figure, "scaled error by load, model against seasonal-naive")


def draw_tables(tables: Sequence[TableStatus]) -> str:
    """Draw the rows of each table, on a logarithmic scale since layers differ by orders of magnitude."""
    counted = [table for table in tables if table.rows is not None]
    with mpl.rc_context(STYLE):
        figure, axes = _figure(9.0, 0.6 + 0.3 * max(len(counted), 1))
        names = [table.name for table in counted]
        rows = [max(table.rows or 0, 0) for table in counted]
        bars = axes.barh(names, rows, color=[LAYER_COLOURS.get(table.layer, ACTUAL) for table in counted])
        axes.bar_label(bars, labels=[f" {count:,}" for count in rows], color="#374151")
        axes.set_xscale("symlog")
        axes.invert_yaxis()
        axes.set_xlabel("rows")
        return _svg(figure, "rows per table")


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Figure, title: str) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    # Fixed inches would overflow a narrow page; the view box keeps the proportions.
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r'\1 width="100%"', svg, count=1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
