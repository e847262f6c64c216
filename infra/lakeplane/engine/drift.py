"""What is no longer as a stack's state says: the engine's own refresh, looked at and not carried out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent

__all__ = ["Difference", "Drifted", "read_drift", "without_ignored"]

_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)')


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is not what was deployed.

    Attributes:
        path: Where, in the provider's own words, such as `tags.owner`.
        deployed: What was deployed; None if it was not set. The engine hides secrets.
        found: What is there now; None if it is not set.
    """

    path: str
    deployed: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Drifted:
    """One resource that is not what was deployed.

    Attributes:
        urn: The engine's name of it.
        change: `changed`, or `gone` if somebody deleted it.
        differences: What changed; empty for one that is gone.
    """

    urn: str
    change: str
    differences: tuple[Difference, ...] = ()

    @property
    def type(self) -> str:
        """Its type token."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        differences = [
            {"path": one.path, "deployed": one.deployed, "found": one.found} for one in self.differences
        ]
        return {
            "urn": self.urn,
            "type": self.type,
            "name": self.name,
            "change": self.change,
            "differences": differences,
        }


def read_drift(event: EngineEvent) -> Drifted | None:
    """Read one event of a refresh that is only looked at; None if it tells of no drift."""
    if event.res_outputs_event is None:
        return None
    step = event.res_outputs_event.metadata
    operation = str(getattr(step.op, "value", step.op))
    if operation == "delete":
        return Drifted(step.urn, "gone")
    if operation != "update":
        return None
    old = {**(step.old.outputs or {}), **(step.old.inputs or {})} if step.old else {}
    new = {**(step.new.outputs or {}), **(step.new.inputs or {})} if step.new else {}
    paths = sorted(step.detailed_diff or step.diffs or ())
    return Drifted(
        step.urn, "changed", tuple(Difference(path, at(old, path), at(new, path)) for path in paths)
    )


def without_ignored(
    drifted: Iterable[Drifted], ignored: Iterable[str], by_program: Mapping[str, Iterable[str]]
) -> Iterator[Drifted]:
    """Leave out what is meant to change by itself.

    Args:
        drifted: What was found.
        ignored: `NAME` or `NAME:PATH`, with `*` and `?`, that the user ignores, with all below the path.
        by_program: Paths that the program itself ignores, by URN.
    """
    rules = [rule.partition(":") for rule in ignored]
    for one in drifted:
        mine = [path or "*" for name, _, path in rules if fnmatchcase(one.name, name)]
        if one.change == "gone":
            if "*" not in mine:
                yield one
            continue
        covers = [*mine, *by_program.get(one.urn, ())]
        left = tuple(each for each in one.differences if not any(_covers(path, each.path) for path in covers))
        if left:
            yield Drifted(one.urn, one.change, left)


def at(properties: Mapping[str, Any], path: str) -> Any:
    """Return the value at a property path such as `a.b[0]["c.d"]`; None if there is none."""
    value: Any = properties
    for quoted, index, name in _STEP.findall(path):
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
        else:
            value = value.get(quoted or name) if isinstance(value, Mapping) else None
    return value


def _covers(pattern: str, path: str) -> bool:
    return fnmatchcase(path, pattern) or path.startswith((f"{pattern}.", f"{pattern}["))
