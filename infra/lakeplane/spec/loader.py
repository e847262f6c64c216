"""Loading of environment specs: file to checked, frozen spec, or every finding at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError
from lakeplane.spec.documents import read_document
from lakeplane.spec.findings import findings_of
from lakeplane.spec.models import EnvironmentSpec
from lakeplane.spec.workloads import find_workloads

if TYPE_CHECKING:
    from pathlib import Path

    from lakeplane.spec.documents import Document

__all__ = ["load_spec", "parse_spec"]


def load_spec(path: Path) -> EnvironmentSpec:
    """Load and check the spec of one environment.

    Args:
        path: The YAML file; findings show it as given.

    Raises:
        SpecError: The file or its content is wrong; holds every finding, in the order of the file.
    """
    document = read_document(path)
    _take_from_hub(document.data, path)
    return parse_spec(document)


def _take_from_hub(data: dict[str, Any], path: Path) -> None:
    """Fill in what an environment leaves to the hub whose spec lies beside: subscription, tenant, account."""
    network = data.get("network")
    name = network.get("hub") if isinstance(network, dict) else None
    beside = path.parent / f"{name}.yaml"
    if not isinstance(name, str) or not beside.is_file():
        return  # the plan tells of a hub that cannot be found
    hub = read_document(beside).data
    for key in ("subscription", "tenant"):
        if key not in data and key in hub:
            data[key] = hub[key]
    account = hub.get("databricks", {}).get("account_id") if isinstance(hub.get("databricks"), dict) else None
    databricks = data.get("databricks", {})
    if account is not None and isinstance(databricks, dict):
        data["databricks"] = {"account": account, **databricks}


def parse_spec(document: Document) -> EnvironmentSpec:
    """Check a document that has been read.

    Raises:
        SpecError: The content is wrong; holds every finding, in the order of the file.
    """
    if document.data.get("kind") == "hub":
        raise SpecError(_hub(document))
    findings = list(document.findings)
    try:
        spec = EnvironmentSpec.model_validate(
            document.data, context={"workloads": frozenset(find_workloads())}
        )
    except ValidationError as error:
        findings += findings_of(error.errors(include_url=False), EnvironmentSpec, document)
    if findings:
        raise SpecError(sorted(findings, key=lambda one: (one.location is None, one.location, one.code)))
    return spec


def _hub(document: Document) -> Diagnostic:
    return Diagnostic(
        code="HUB006",
        summary="this is the spec of a hub, where an environment's is needed",
        detail="found kind: hub; allowed: no key `kind`",
        remedy="name an environment's spec; the verbs up, preview, validate and destroy take hubs as well",
        path=("kind",),
        location=document.locate(("kind",), key=True),
    )
