"""Where a finding stands in the project's files: in the spec, in the program, or at least in which spec."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lakeplane.diagnostics import Diagnostic, Location
from lakeplane.errors import SpecError
from lakeplane.preview.model import Preview
from lakeplane.spec.documents import Document, read_document

__all__ = ["place_findings"]


def place_findings(preview: Preview) -> list[tuple[Diagnostic, Location | None]]:
    """Return each finding with its place, as a path from the project's directory.

    That is where the finding says it stands; else the key of the spec that it names; else where the program
    makes the resource that it is about; else the beginning of the spec. There is none only without a spec.
    """
    sources = {one.resource.urn: one.resource.source for one in preview.resources if one.resource.source}
    document = _document(preview)
    return [(finding, _place(finding, preview, document, sources)) for finding in preview.findings]


def _document(preview: Preview) -> Document | None:
    try:
        return read_document(preview.spec) if preview.spec else None
    except SpecError:
        return None


def _place(
    finding: Diagnostic, preview: Preview, document: Document | None, sources: Mapping[str, str]
) -> Location | None:
    location = finding.location
    if location is None and finding.resource is None and finding.path and document is not None:
        location = document.locate(finding.path)
    if location is not None:
        inside = _relative(Path(location.file), preview.root)
        return Location(inside or location.file, location.line, location.column)
    file, _, line = sources.get(finding.resource or "", "").rpartition(":")
    if file and line.isdigit() and (inside := _relative(Path(file), preview.root)):
        return Location(inside, int(line), 1)
    if preview.spec is not None:
        return Location(_relative(preview.spec, preview.root) or str(preview.spec), 1, 1)
    return None


def _relative(path: Path, root: Path | None) -> str | None:
    """Return a path below the root with forward slashes; nothing if it lies elsewhere."""
    if root is None:
        return None
    # A preview tells places from the root; what is wrong with a spec, as the user named it.
    found = root / path if (root / path).is_file() else Path.cwd() / path
    try:
        return found.resolve().relative_to(root.resolve()).as_posix()
    except (OSError, ValueError):
        return None
