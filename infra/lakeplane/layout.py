"""Where things lie in a project and on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

__all__ = ["EnvironmentLayout", "ProjectLayout", "cache_dir", "find_project"]


def cache_dir() -> Path:
    """Return the cache that outlives projects: `LAKEPLANE_CACHE`, else the user's cache directory."""
    explicit = os.environ.get("LAKEPLANE_CACHE")
    if explicit:
        return Path(explicit)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "lakeplane"


@dataclass(frozen=True, slots=True)
class EnvironmentLayout:
    """Files of one environment on the local target, all under `.lakeplane/<environment>/`."""

    root: Path

    @property
    def pulumi_home(self) -> Path:
        """Private `PULUMI_HOME`, so that the user's own set-up stays untouched."""
        return self.root / "pulumi-home"

    @property
    def project(self) -> Path:
        """The engine's own project file and stack settings, so that the user's stay untouched."""
        return self.root / "project"

    @property
    def state(self) -> Path:
        """Directory of the engine's file backend."""
        return self.root / "state"

    @property
    def passphrase(self) -> Path:
        """File that holds the stacks' passphrase, readable by its owner only."""
        return self.root / "passphrase"

    @property
    def cloud(self) -> Path:
        """Everything the simulated cloud keeps: its store, the lake's files, MLflow."""
        return self.root / "cloud"

    @property
    def storage(self) -> Path:
        """The lake: `<storage account>/<container>/…`."""
        return self.cloud / "storage"

    @property
    def mlflow(self) -> Path:
        """Database and artifacts of the MLflow server."""
        return self.cloud / "mlflow"

    @property
    def logs(self) -> Path:
        """Log files of the processes that lakeplane starts."""
        return self.root / "logs"

    @property
    def report(self) -> Path:
        """The HTML report of the last run."""
        return self.root / "report.html"


@dataclass(frozen=True, slots=True)
class ProjectLayout:
    """Files of one project, the directory that holds `Pulumi.yaml`."""

    root: Path

    @property
    def pulumi_file(self) -> Path:
        """The project file."""
        return self.root / "Pulumi.yaml"

    @property
    def stacks(self) -> Path:
        """The Pulumi program; specs are found relative to it."""
        return self.root / "stacks"

    @property
    def environments(self) -> Path:
        """The specs, one YAML file an environment."""
        return self.stacks / "environments"

    @property
    def prices(self) -> Path:
        """The project's own prices, which win over the bundled ones; committed, so that all see the same."""
        return self.stacks / "prices.csv"

    @property
    def private(self) -> Path:
        """What lakeplane keeps for itself in the project; never committed."""
        return self.root / ".lakeplane"

    @property
    def wheels(self) -> Path:
        """Built wheels of the workloads, one directory a source hash."""
        return self.private / "wheels"

    def environment(self, name: str) -> EnvironmentLayout:
        """Return the layout of one environment on the local target."""
        return EnvironmentLayout(self.private / name)


def find_project(start: Path | None = None) -> ProjectLayout:
    """Find the project that holds `start`, by default the working directory.

    Raises:
        SetupError: No directory from `start` upwards holds a `Pulumi.yaml`.
    """
    origin = (start or Path.cwd()).resolve()
    for directory in (origin, *origin.parents):
        if (directory / "Pulumi.yaml").is_file():
            return ProjectLayout(directory)
    raise SetupError(
        Diagnostic(
            code="SET001",
            summary="no Pulumi project here",
            detail=f"no Pulumi.yaml in {origin} or above it",
            remedy="run the command inside a lakeplane project, or pass the path of a spec that lies in one",
        )
    )
