"""The summary of a run as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from lakeplane.report.model import RunReport, champion
from lakeplane.report.status import EnvironmentStatus

__all__ = ["print_status", "print_summary"]


def print_summary(console: Console, report: RunReport) -> None:
    """Print what the run did, what it left and what to try next."""
    print_status(console, report.status)
    if report.facts.quality:
        _show(console, _quality(report))
    best = champion(report.status)
    if best is not None:
        _show(console, _accuracy(report))
    if report.no_champion is not None:
        absent = report.no_champion
        _show(
            console,
            _pairs(f"no champion of {absent.model}", [("reason", absent.reason), ("remedy", absent.remedy)]),
        )
        console.print()
    if report.scoring is not None:
        _show(console, _scoring(report))
    _show(console, _pairs("where things lie", report.places.items()))
    console.print()
    _show(console, _pairs("what to try next", report.next_steps))


def print_status(console: Console, status: EnvironmentStatus) -> None:
    """Print what an environment holds: resources by layer and kind, tables, models, jobs."""
    resources = _table(f"resources of {status.environment}", "layer", "kind", "#count")
    layers = status.layers or {"all": status.resources}
    for layer, kinds in layers.items():
        for kind, count in kinds.items():
            resources.add_row(layer, kind, f"{count}")
    resources.add_row("", "in all", f"{sum(status.resources.values())}", style="bold")
    _show(console, resources)
    if status.tables:
        tables = _table("tables", "table", "#version", "#rows")
        for table in status.tables:
            tables.add_row(table.name, _count(table.version), _count(table.rows))
        _show(console, tables)
    if status.models:
        models = _table("models", "model", "#version", "aliases")
        for model in status.models:
            models.add_row(model.name, model.version, ", ".join(model.aliases))
        _show(console, models)
    if status.jobs:
        jobs = _table("jobs", "job", "last run", "started", "#seconds")
        for job in status.jobs:
            run = job.last_run
            jobs.add_row(
                job.name,
                run.state if run else "never",
                run.started if run else "",
                f"{run.seconds:.1f}" if run else "",
            )
        _show(console, jobs)


def _show(console: Console, table: Table) -> None:
    """Print a table below its title, which may be wider than the table."""
    title, caption, table.title, table.caption = table.title, table.caption, None, None
    console.print(title, style="bold", soft_wrap=True, highlight=False)
    console.print(table)
    if caption:
        console.print(f"{caption}\n", style="dim", soft_wrap=True, highlight=False)


def _quality(report: RunReport) -> Table:
    table = _table("quarantine against injected", "reason", "#injected", "#quarantined")
    for quality in report.facts.quality:
        same = quality.injected == quality.quarantined
        table.add_row(
            quality.reason, f"{quality.injected:,}", f"{quality.quarantined:,}", style="" if same else "red"
        )
    return table


def _accuracy(report: RunReport) -> Table:
    best = champion(report.status)
    metrics = best.metrics if best else {}
    distinct, total = metrics.get("loads_distinct", 0), metrics.get("loads_total", 0)
    name = f"{best.name} version {best.version}" if best else ""
    table = _table(
        f"accuracy of {name}: {distinct:,.0f} distinct loads that stand for {total:,.0f}",
        "error on held-back weeks",
        "#model",
        "#seasonal-naive",
    )
    if report.facts.loads_without_error:
        table.caption = f"distinct loads whose error is unknown: {report.facts.loads_without_error:,}"
    for label, key in (("MAE, megawatts", "mae"), ("MASE", "mase")):
        table.add_row(
            label,
            f"{metrics.get(key, float('nan')):.5f}",
            f"{metrics.get(f'{key}_baseline', float('nan')):.5f}",
        )
    return table


def _scoring(report: RunReport) -> Table:
    scoring = report.scoring
    table = _table("scoring service", "concurrency", "#requests", "#per second", "#p50 ms", "#p99 ms")
    if scoring is None:
        return table
    table.caption = (
        f"{scoring.model}: {scoring.rows} rows over HTTP and in process, "
        f"largest difference {scoring.largest_difference:g}"
    )
    for concurrency, latency in scoring.latencies.items():
        table.add_row(
            f"{concurrency}",
            f"{latency.requests:,}",
            f"{latency.per_second:,.0f}",
            f"{latency.p50_ms:.2f}",
            f"{latency.p99_ms:.2f}",
        )
    return table


def _pairs(title: str, pairs: Iterable[tuple[str, str]]) -> Table:
    table = Table(title=title, box=None, show_header=False, padding=(0, 2, 0, 0))
    for label, text in pairs:
        table.add_row(label, text)
    return table


def _table(title: str, *columns: str) -> Table:
    """Make a table; a column whose name starts with `#` holds numbers."""
    table = Table(title=title, box=box.SIMPLE_HEAD)
    for column in columns:
        if column.startswith("#"):
            table.add_column(column[1:], justify="right", no_wrap=True)
        else:
            table.add_column(column, overflow="fold")
    return table


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
