"""References in workload manifests: `${var.…}` and `${resources.….id}`, in the form that bundles use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lakeplane.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lakeplane.spec.documents import Document, KeyPath
    from lakeplane.spec.models import EnvironmentSpec

__all__ = ["VARIABLES", "check_references", "interpolate", "spec_values"]

VARIABLES = (
    "catalog",
    "environment",
    "wheel",
    "runtime",
    "gpu_runtime",
    "node_type",
    "gpu_node_type",
    "max_workers",
)
"""Variables that a manifest may refer to as `${var.NAME}`."""

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_RESOURCE = re.compile(r"resources\.(cluster_policies|instance_pools|sql_warehouses)\.[a-z][a-z0-9_]*\.id")
_ALLOWED = (
    f"{', '.join(f'${{var.{name}}}' for name in VARIABLES)}, "
    "${resources.cluster_policies.KEY.id}, ${resources.instance_pools.KEY.id}, "
    "${resources.sql_warehouses.main.id}"
)


def spec_values(spec: EnvironmentSpec, *, wheel: Any) -> dict[str, Any]:
    """Return the value of every variable in an environment, by reference such as `var.catalog`.

    Args:
        spec: The environment.
        wheel: Where the workloads' wheel lies in the workspace; text, or an output that becomes it.
    """
    return {
        "var.catalog": spec.name,
        "var.environment": spec.name,
        "var.wheel": wheel,
        "var.runtime": spec.databricks.runtime,
        "var.gpu_runtime": spec.databricks.gpu_runtime,
        "var.node_type": spec.databricks.node_type,
        "var.gpu_node_type": spec.databricks.gpu_node_type,
        "var.max_workers": spec.databricks.max_workers,
    }


def interpolate(value: Any, values: Mapping[str, Any]) -> Any:
    """Replace references by values, in all texts of nested data.

    A text that is nothing but one reference becomes the value itself, of whatever type (a number, an output
    of a resource); inside a longer text the value is written out.

    Args:
        value: Nested data of dictionaries, lists and scalars.
        values: Value of each reference, such as `var.catalog`.

    Raises:
        KeyError: A reference has no value; its key is the reference.
    """
    if isinstance(value, dict):
        return {key: interpolate(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate(item, values) for item in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return values[whole[1]]
    return _REFERENCE.sub(lambda match: str(values[match[1]]), value)


def check_references(value: Any, document: Document, path: KeyPath) -> list[Diagnostic]:
    """Find the references that no environment can resolve.

    Args:
        value: Nested data of the manifest.
        document: The manifest, for places.
        path: Path of `value` in the manifest.
    """
    return [
        Diagnostic(
            code="WKL021",
            summary="unknown reference",
            detail=f"found ${{{reference[:80]}}}; allowed: {_ALLOWED}",
            remedy="use one of those allowed; values known at run time are written {{job.parameters.x}}",
            path=place,
            location=document.locate(place),
        )
        for place, reference in _references(value, path)
        if not (_RESOURCE.fullmatch(reference) or reference.removeprefix("var.") in _variables(reference))
    ]


def _variables(reference: str) -> tuple[str, ...]:
    return VARIABLES if reference.startswith("var.") else ()


def _references(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _references(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, (*path, index))
    elif isinstance(value, str):
        yield from ((path, match[1]) for match in _REFERENCE.finditer(value))
