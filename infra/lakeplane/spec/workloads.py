"""Bundled workloads: the manifests `workload.yaml` of the installed distribution `lakeplane-workloads`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError
from lakeplane.spec.documents import read_document
from lakeplane.spec.findings import findings_of
from lakeplane.spec.interpolation import check_references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lakeplane.spec.documents import Document

__all__ = ["JobCost", "TableContract", "Workload", "find_workloads", "load_workload", "read_workload"]

_PACKAGE = "lakeplane_workloads"
Layer = Literal["bronze", "silver", "gold", "ml"]


@dataclass(frozen=True, slots=True)
class TableContract:
    """A table that a workload promises.

    Attributes:
        name: `schema.table`; the catalog is the environment's.
        layer: Which layer of the lake it belongs to.
        description: What a row is.
    """

    name: str
    layer: str
    description: str


@dataclass(frozen=True, slots=True)
class JobCost:
    """What a workload declares of one of its jobs, for the estimate of cost alone.

    Attributes:
        expected_minutes: Minutes of one run; not declared if absent.
        runs_per_month: Runs a month that no schedule tells; not declared if absent.
        serverless_dbus: Databricks units of one run on serverless compute; not declared if absent.
    """

    expected_minutes: float | None
    runs_per_month: float | None
    serverless_dbus: float | None


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload's manifest.

    Attributes:
        name: Name of the workload, and of its folder.
        description: What it does.
        jobs: Jobs by key, in the form of the Jobs REST API, with `${…}` still in them.
        tables: Tables that it promises.
        models: Registered models that it makes, without catalog and schema.
        path: The manifest's file.
        costs: What it declares of its jobs' use, by the job's key.
    """

    name: str
    description: str
    jobs: Mapping[str, dict[str, Any]]
    tables: tuple[TableContract, ...]
    models: tuple[str, ...]
    path: Path
    costs: Mapping[str, JobCost]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_Amount = Annotated[float, Field(ge=0, le=1e6)]


class _Table(_Model):
    """A table that the workload promises.

    Attributes:
        name: Schema and table, joined with a dot; the catalog is the environment's.
        layer: Layer of the lake: bronze, silver, gold or ml.
        description: What a row is.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
    layer: Layer
    description: str = ""


class _JobCost(_Model):
    """What is expected of a job, for the estimate of cost alone.

    Attributes:
        expected_minutes: Minutes of one run; the job is not priced if left out.
        runs_per_month: Runs a month that no schedule tells, started by hand or by an event; none if left out.
        serverless_dbus: Databricks units of one run on serverless compute; not priced if left out.
    """

    expected_minutes: _Amount | None = None
    runs_per_month: _Amount | None = None
    serverless_dbus: _Amount | None = None


class _Resources(_Model):
    """What the workload deploys.

    Attributes:
        jobs: Jobs by key, in the form of the Jobs REST API.
    """

    jobs: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]


class _Manifest(_Model):
    """The file `workload.yaml`.

    Attributes:
        name: Name of the workload, and of its folder.
        description: What it does.
        resources: What it deploys, in the form of a bundle's `resources`.
        tables: Tables that it promises.
        models: Registered models that it makes, without catalog and schema.
        cost: What is expected of its jobs, by the job's key; they are not priced if left out.
    """

    name: str
    description: str = ""
    resources: _Resources
    tables: Annotated[tuple[_Table, ...], Strict(strict=False)] = ()
    models: Annotated[tuple[str, ...], Strict(strict=False)] = ()
    cost: dict[str, _JobCost] = Field(default_factory=dict)


def find_workloads() -> Mapping[str, Path]:
    """Find the bundled workloads: name to manifest, in alphabetical order; empty if none is installed."""
    try:
        root = Path(str(files(_PACKAGE)))
    except ModuleNotFoundError:
        return MappingProxyType({})
    return MappingProxyType(
        {manifest.parent.name: manifest for manifest in sorted(root.glob("*/workload.yaml"))}
    )


def load_workload(name: str) -> Workload:
    """Load the manifest of a bundled workload.

    Raises:
        SpecError: There is no such workload, or its manifest is wrong.
    """
    known = find_workloads()
    if name not in known:
        raise SpecError(
            Diagnostic(
                code="SPC040",
                summary="no such workload",
                detail=f"found {name[:60]!r}; allowed: {', '.join(known) or 'none is installed'}",
                remedy="name a bundled workload, or install the distribution that holds it",
            )
        )
    file = known[name].stat()
    return _read_once(known[name], file.st_mtime_ns, file.st_size)


@cache
def _read_once(path: Path, changed: int, size: int) -> Workload:
    """Read a manifest once as long as it doesn't change; a preview asks for it more than once."""
    del changed, size
    return read_workload(path)


def read_workload(path: Path) -> Workload:
    """Read and check a workload's manifest.

    Raises:
        SpecError: The manifest is wrong; holds every finding.
    """
    document = read_document(path, what="workload manifest")
    findings = list(document.findings)
    try:
        manifest = _Manifest.model_validate(document.data)
    except ValidationError as error:
        findings += findings_of(error.errors(include_url=False), _Manifest, document, "WKL")
        raise SpecError(findings) from None
    findings += check_references(manifest.resources.jobs, document, ("resources", "jobs"))
    if manifest.name != path.parent.name:
        findings.append(
            Diagnostic(
                code="WKL020",
                summary="workload is not named after its folder",
                detail=f"found {manifest.name!r}; allowed: {path.parent.name}",
                remedy="rename one of the two",
                path=("name",),
                location=document.locate(("name",)),
            )
        )
    findings += _costs_of_nothing(manifest, document)
    if findings:
        raise SpecError(findings)
    return Workload(
        name=manifest.name,
        description=manifest.description,
        jobs=MappingProxyType(manifest.resources.jobs),
        tables=tuple(TableContract(one.name, one.layer, one.description) for one in manifest.tables),
        models=manifest.models,
        path=path,
        costs=MappingProxyType({key: JobCost(**dict(use)) for key, use in manifest.cost.items()}),
    )


def _costs_of_nothing(manifest: _Manifest, document: Document) -> Iterator[Diagnostic]:
    jobs = manifest.resources.jobs
    for key in manifest.cost:
        if key not in jobs:
            yield Diagnostic(
                code="WKL026",
                summary="cost is declared of a job that does not exist",
                detail=f"found {key!r}; allowed: {', '.join(jobs)}",
                remedy="name a job of resources.jobs",
                path=("cost", key),
                location=document.locate(("cost", key), key=True),
            )
