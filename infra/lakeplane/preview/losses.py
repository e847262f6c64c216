"""Findings about what an update destroys, may destroy, or is refused to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.preview.aliases import Matches, urn_name, urn_type
from lakeplane.preview.base import BaseLayer
from lakeplane.preview.changes import LayerChanges
from lakeplane.preview.model import Change, PreviewedResource

__all__ = ["find_losses", "past", "reason"]

_KEEP = (
    "keep what it is named and where it lies; if the program only names it otherwise, declare the former "
    "name as an alias; if it shall go, bring what it holds elsewhere first"
)


def find_losses(changes: LayerChanges, before: BaseLayer | None) -> Iterator[Diagnostic]:
    """Find what a layer would lose, and what the engine would refuse.

    Args:
        changes: What happens to the layer's resources.
        before: What there was.
    """
    before = before or BaseLayer()
    for one in changes.resources:
        if one.resource.urn in before.resources or one.former_urn or one.change is Change.DELETE:
            yield from _of_resource(one, before)
    yield from _clashes(changes.matches)
    if changes.settled:
        yield Diagnostic(
            code="PRV014",
            summary="values that are known only after the update are taken to stay",
            severity=Severity.NOTE,
            detail=f"{changes.settled} in {changes.layer} come from resources that are updated in place",
        )


def _of_resource(one: PreviewedResource, before: BaseLayer) -> Iterator[Diagnostic]:
    resource = one.resource
    name = f"{urn_type(resource.urn).rpartition(':')[2]} {resource.name}"
    old = before.resources.get(one.former_urn or resource.urn)
    is_protected = old is not None and old.protect and (one.change is Change.DELETE or resource.protect)
    if one.change.loses and is_protected:
        yield Diagnostic(
            code="PRV011",
            summary=f"{name} is protected and would be {past(one)}",
            detail=reason(one) + (f"; it holds {one.lost}" if one.lost else ""),
            remedy=f"undo the change, or name it: `lakeplane up --unprotect NAME`; {_KEEP}",
            resource=resource.urn,
            path=_path(one),
        )
    elif one.lost:
        yield Diagnostic(
            code="PRV010",
            summary=f"{name} would be {past(one)}, and it holds data: {one.lost}",
            severity=Severity.WARNING,
            detail=reason(one),
            remedy=_KEEP,
            resource=resource.urn,
            path=_path(one),
        )
    elif one.endangered:
        yield Diagnostic(
            code="PRV012",
            summary=f"{name} may be replaced, and it holds data: {one.endangered}",
            severity=Severity.WARNING,
            detail=reason(one)
            + ("; it is protected, so that the update stops there" if is_protected else ""),
            remedy="ask the engine with --engine where there is one, or find out before you merge",
            resource=resource.urn,
            path=_path(one),
        )
    if one.change is Change.REPLACE and resource.import_id:
        yield Diagnostic(
            code="PRV015",
            summary=f"{name} is imported by its id and would be replaced",
            detail=reason(one),
            remedy="leave out the import once the resource is adopted, or undo the change",
            resource=resource.urn,
            path=_path(one),
        )


def _clashes(matches: Matches) -> Iterator[Diagnostic]:
    for urn, claimed, other in matches.clashes:
        yield Diagnostic(
            code="PRV013",
            summary="two resources were one",
            detail=f"{urn_name(urn)} and {urn_name(other)} both are what {claimed} was",
            remedy="take the alias off one of them",
            resource=urn,
        )


def past(one: PreviewedResource) -> str:
    """Say what becomes of a resource that goes."""
    return "deleted" if one.change is Change.DELETE else "replaced"


def _path(one: PreviewedResource) -> tuple[str | int, ...]:
    return next((found.keys for found in one.differences if found.replaces is not False), ())


def reason(one: PreviewedResource) -> str:
    """Say why a resource goes, by the first inputs that replace it and by what reaches it from others."""
    paths = [found.path for found in one.differences if found.replaces is not False]
    parts = [f"{_listed(paths)} can't be changed in place"] if paths else []
    if one.change is Change.MAY_REPLACE and paths:
        parts = [f"{_listed(paths)} may not be changeable in place, or are known only after the update"]
    parts += one.reasons
    if not parts and one.change is Change.DELETE:
        parts = ["the program has it no more"]
    return "; ".join(parts)


def _listed(paths: Iterable[str], most: int = 3) -> str:
    found = list(paths)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
