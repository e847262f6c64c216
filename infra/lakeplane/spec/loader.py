"""Loading of environment specs: file to checked, frozen spec, or every finding at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

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
    return parse_spec(read_document(path))


def parse_spec(document: Document) -> EnvironmentSpec:
    """Check a document that has been read.

    Raises:
        SpecError: The content is wrong; holds every finding, in the order of the file.
    """
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
