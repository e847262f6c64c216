"""What `lakeplane up --run` tells at its end: the service scored, the report written, what to try next."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lakeplane.cli.environment import Environment, Live, Target
from lakeplane.cli.status import open_registry, read_status
from lakeplane.cli.terminal import Progress

if TYPE_CHECKING:
    from lakeplane.report.model import LayerChange, NoChampion, RunReport, ScoringReport

__all__ = ["report_run"]


def report_run(live: Live, layers: tuple[LayerChange, ...], progress: Progress, started: float) -> RunReport:
    """Score the champion over HTTP, put together what a run did, and write it as a page on the local target.

    Args:
        live: The environment.
        layers: What the engine did.
        progress: Holds the steps so far, and is told the last ones.
        started: When the run began, by `time.monotonic`.
    """
    from lakeplane.report.facts import read_facts
    from lakeplane.report.html import write_page
    from lakeplane.report.model import RunReport

    environment = live.environment
    absent = _find_no_champion(live, progress)
    scoring = None if absent else _score(live, progress)
    with progress.step("report") as say:
        status = read_status(live)
        report = RunReport(
            environment=environment.name,
            spec=environment.path,
            finished=datetime.now(tz=UTC).isoformat(timespec="seconds"),
            seconds=time.monotonic() - started,
            steps=tuple(progress.steps),
            layers=layers,
            status=status,
            facts=read_facts(status.tables, environment.files.storage),
            scoring=scoring,
            no_champion=absent,
            places=_places(environment),
            next_steps=_next_steps(environment, absent),
        )
        if live.target is Target.LOCAL:
            say(str(write_page(report, environment.files.report)))
    return report


def _find_no_champion(live: Live, progress: Progress) -> NoChampion | None:
    """Return why there is nothing to score with, where the gate has kept back every version there is."""
    from lakeplane.scoring import find_no_champion

    plan = live.environment.plan
    registry = open_registry(live) if "forecasting" in plan.spec.workloads else None
    if registry is None:
        return None
    absent = find_no_champion(registry, f"{plan.catalog}.ml.{plan.spec.serving.model}")
    if absent is not None:
        with progress.step("scoring service") as say:
            say(f"left out: {absent}")
    return absent


def _score(live: Live, progress: Progress) -> ScoringReport | None:
    """Ask the scoring service over HTTP and compare it with the model in process, on the local target."""
    if live.cloud is None or "forecasting" not in live.environment.plan.spec.workloads:
        return None
    from lakeplane.report.status import read_tables
    from lakeplane.scoring import check_service, running_service, score_in_process

    plan = live.environment.plan
    model = f"{plan.catalog}.ml.{plan.spec.serving.model}@champion"
    files = live.environment.files
    tracking = live.cloud.mlflow_url
    # The service loads the model in a process of its own, so this one does the same meanwhile.
    with progress.step("scoring service") as say, ThreadPoolExecutor(1) as beside:
        tables = read_tables(live.workspace(), plan.catalog)
        scored = beside.submit(score_in_process, model, tracking, tables, files.storage)
        with running_service(model, tracking, files.logs, port=0) as service:
            say(f"{service.url} serves {model}")
            report = check_service(service.url, model, scored.result())
        say(f"{report.rows} rows over HTTP and in process, largest difference {report.largest_difference:g}")
    return report


def _places(environment: Environment) -> dict[str, str]:
    files = environment.files
    return {
        "report": str(files.report),
        "tables and files of the lake": str(files.storage),
        "experiments and models": str(files.mlflow),
        "state of the stacks": str(files.state),
        "logs": str(files.logs),
    }


def _next_steps(environment: Environment, absent: NoChampion | None) -> tuple[tuple[str, str], ...]:
    name = environment.name
    return (
        (f"lakeplane run forecasting --env {name}", "train and judge again, to have a champion")
        if absent
        else (f"lakeplane serve --env {name}", "the scoring service, for your own requests"),
        (f"lakeplane run medallion --env {name}", "one workload again; only new files are read"),
        (f"lakeplane status {name} --format json", "the same facts for scripts"),
        (f"lakeplane preview {name}", "what the program registers, without an engine"),
        (f"lakeplane destroy {name} --target local", "remove all of it, with proof"),
    )
