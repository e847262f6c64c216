"""What `base_program` says of a base, read tolerantly: the commit may be older or newer than this."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from lakeplane.costs import Cost, CostLine, NotPriced
from lakeplane.diagnostics import Diagnostic
from lakeplane.preview.base import BaseLayer
from lakeplane.preview.newness import FindingKey, covered_key, finding_key
from lakeplane.preview.resource_document import read_resource
from lakeplane.preview.state_values import without_place

__all__ = ["read_cost", "read_covered", "read_findings", "read_layers"]

Row = TypeVar("Row", CostLine, NotPriced)


def read_layers(document: Mapping[str, Any]) -> dict[str, BaseLayer]:
    """Return the resources by layer."""
    layers: dict[str, dict[str, Any]] = {}
    for one in document.get("resources", ()):
        resource = read_resource(one)
        resource = dataclasses.replace(resource, inputs=without_place(resource.inputs))
        layers.setdefault(str(one.get("layer")), {})[resource.urn] = resource
    return {name: BaseLayer(resources) for name, resources in layers.items()}


def read_findings(document: Mapping[str, Any]) -> tuple[FindingKey, ...]:
    """Return what the findings are known by, each as often as it was found."""
    return _keys(document.get("findings", ()), finding_key)


def read_covered(document: Mapping[str, Any]) -> frozenset[FindingKey] | None:
    """Return what the findings that exceptions cover are known by; None if the commit can't tell."""
    return frozenset(_keys(document["covered"], covered_key)) if "covered" in document else None


def read_cost(document: Mapping[str, Any]) -> Cost | None:
    """Return what the base costs by its own spec, manifests and prices; None if the commit can't tell."""
    cost = document.get("cost")
    if not isinstance(cost, Mapping):
        return None
    try:
        lines = tuple(_row(CostLine, one) for one in cost["lines"])
        return Cost(
            currency=str(cost["currency"]),
            lines=lines,
            not_priced=tuple(_row(NotPriced, one) for one in cost["not_priced"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _row(kind: type[Row], document: Mapping[str, Any]) -> Row:
    known = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in document.items() if name in known})


def _keys(
    findings: Iterable[Mapping[str, Any]], key_of: Callable[[Diagnostic], FindingKey]
) -> tuple[FindingKey, ...]:
    return tuple(
        key_of(
            Diagnostic(
                code=str(one.get("code")),
                summary=str(one.get("summary") or ""),
                detail=str(one.get("detail") or ""),
                path=tuple(one.get("path") or ()),
                resource=one.get("resource"),
            )
        )
        for one in findings
    )
