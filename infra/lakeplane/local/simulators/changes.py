"""What changed inputs mean for a resource that exists: an update in place, or a replacement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lakeplane.provider_models.create_only import must_replace
from lakeplane.provider_models.wire import reveal

__all__ = ["Change", "Kind", "compare"]

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")


class Kind(StrEnum):
    """What happened to one value."""

    ADDED = "added"
    DELETED = "deleted"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Change:
    """One input that differs, at its full path such as `tasks[2].libraries[0].whl`."""

    path: str
    kind: Kind
    replaces: bool

    @property
    def top_level(self) -> str:
        """The input that holds the value."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


def compare(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Compare what a resource has with what it shall have; an unknown counts as a change.

    Only a change that a source calls create-only replaces: where nobody knows, the services in question
    (Databricks' and Azure's) take an update.
    """
    return [
        Change(path, kind, bool(must_replace(token, path)))
        for path, kind in _differences(reveal(old), reveal(new), "")
    ]


def _differences(old: Any, new: Any, path: str) -> Iterator[tuple[str, Kind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping) and "$unknown" not in new:
        for key in sorted({*old, *new}):
            inner = _inside(path, key)
            if key not in new:
                yield inner, Kind.DELETED
            elif key not in old:
                yield inner, Kind.ADDED
            else:
                yield from _differences(old[key], new[key], inner)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            inner = f"{path}[{index}]"
            if index >= len(new):
                yield inner, Kind.DELETED
            elif index >= len(old):
                yield inner, Kind.ADDED
            else:
                yield from _differences(old[index], new[index], inner)
    elif old != new or type(old) is not type(new):
        yield path, Kind.UPDATED


def _inside(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key
