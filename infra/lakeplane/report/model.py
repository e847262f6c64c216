"""The one object that the summary, the HTML page and scripts are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lakeplane.report.facts import LakeFacts
from lakeplane.report.status import EnvironmentStatus, ModelStatus
from lakeplane.report.steps import Step

__all__ = ["Latency", "LayerChange", "NoChampion", "RunReport", "ScoringReport", "Step", "champion"]


@dataclass(frozen=True, slots=True)
class LayerChange:
    """What the engine did to one stack: resources by operation."""

    layer: str
    changes: Mapping[str, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Closed-loop figures at one concurrency."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class ScoringReport:
    """The scoring service, asked over HTTP and compared with the model in process.

    Attributes:
        model: Name and version that the service answered with.
        rows: Rows that were scored both ways.
        largest_difference: Largest absolute difference between both; 0 when they are identical.
        latencies: Requests per second and milliseconds by concurrency.
    """

    model: str
    rows: int
    largest_difference: float
    latencies: Mapping[int, Latency] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoChampion:
    """A model of which no version holds the alias `champion`, so nothing is served.

    Attributes:
        model: `catalog.schema.name`.
        reason: What became of its newest version, in the promotion gate's own words.
        remedy: What brings a champion, and how to serve without one.
    """

    model: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.model} has no champion: {self.reason}"


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run from spec to scored forecast; without a champion there is no `scoring`."""

    environment: str
    spec: Path
    finished: str
    seconds: float
    steps: tuple[Step, ...]
    layers: tuple[LayerChange, ...]
    status: EnvironmentStatus
    facts: LakeFacts
    scoring: ScoringReport | None
    no_champion: NoChampion | None
    places: Mapping[str, str]
    next_steps: tuple[tuple[str, str], ...]


def champion(status: EnvironmentStatus) -> ModelStatus | None:
    """Return the model version that holds the alias `champion`, if any does."""
    return next((model for model in status.models if "champion" in model.aliases), None)
