"""Values that are documents themselves, such as a cluster policy's definition: compared inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lakeplane.preview.differences import Difference, differences

__all__ = ["ToldDifference", "told_differences"]


@dataclass(frozen=True, slots=True)
class ToldDifference:
    """A difference as people are told it.

    Attributes:
        path: Where the value stands; inside a document, with the path there behind an arrow.
        before: What the base has.
        after: What it becomes.
        replaces: Whether it replaces the resource; None if nobody knows.
        certain: Whether it changes for sure.
    """

    path: str
    before: Any
    after: Any
    replaces: bool | None
    certain: bool


def told_differences(found: tuple[Difference, ...]) -> list[ToldDifference]:
    """Return differences for people: of two JSON texts what differs inside them, as they are otherwise."""
    return [told for one in found for told in _told(one)]


def _told(one: Difference) -> Iterator[ToldDifference]:
    before, after = _document(one.before), _document(one.after)
    inner = differences(before, after) if before is not None and after is not None else ()
    if not inner:
        yield ToldDifference(one.path, one.before, one.after, one.replaces, one.certain)
    for each in inner:
        path = f"{one.path} → {each.path}"
        yield ToldDifference(path, each.before, each.after, one.replaces, one.certain)


def _document(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
