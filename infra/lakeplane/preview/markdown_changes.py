"""The changed resources of a pull request's comment, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakeplane.preview.escaping import fenced
from lakeplane.preview.inner_documents import told_differences
from lakeplane.preview.model import Change, Preview, PreviewedResource
from lakeplane.preview.told_values import told_pair
from lakeplane.preview.words import counted, kind_of

__all__ = ["Budget", "change_blocks"]

_TITLES = {
    Change.REPLACE: "Replaced",
    Change.DELETE: "Deleted",
    Change.MAY_REPLACE: "May be replaced",
    Change.UPDATE: "Updated",
    Change.MAY_UPDATE: "May be updated",
    Change.CREATE: "Created",
    Change.IMPORT: "Imported",
    Change.SAME: "Named otherwise, and nothing else",
}
_MOST_DIFFERENCES = 12
_MOST_NAMES = 200


@dataclass(slots=True)
class Budget:
    """How many bytes are left."""

    left: int

    def share(self, part: float) -> Budget:
        """Return a budget of a part of what is left."""
        return Budget(int(self.left * part))

    def spend(self, lines: Sequence[str]) -> None:
        """Take off what lines need."""
        self.left -= sum(len(line.encode()) + 1 for line in lines)

    def fitting(self, lines: Sequence[str]) -> int:
        """Return how many of the lines fit."""
        left = self.left
        for count, line in enumerate(lines):
            left -= len(line.encode()) + 1
            if left < 0:
                return count
        return len(lines)


def change_blocks(preview: Preview, budget: Budget) -> Iterator[str]:
    """Write what changes, the gravest first; what has no room with its values is named, then counted.

    Where nothing is compared, names would say nothing that the counts don't.
    """
    if not preview.is_compared:
        return
    shown = [one for one in preview.changed if one.is_managed]
    for change, title in _TITLES.items():
        group = [one for one in shown if one.change is change]
        if not group:
            continue
        lines, missing = _group(group, budget)
        block = [
            f"<details><summary>{title}: {counted(len(group), 'resource')}</summary>",
            "",
            *lines,
            "",
            *(
                [f"{counted(missing, 'more resource')}, which this comment has no room for.", ""]
                if missing
                else []
            ),
            "</details>",
            "",
        ]
        budget.spend(block)
        yield from block


def _group(group: Sequence[PreviewedResource], budget: Budget) -> tuple[list[str], int]:
    """Return the lines of a group, and how many of its resources have no place in them."""
    full = [list(_lines(one)) for one in group]
    # What is graver comes first and may take most of the room; something is left for the rest.
    room = budget.share(0.7)
    count = _fitting(full, room)
    if count == len(full):
        return fenced([line for lines in full for line in lines], "diff"), 0
    shown = [line for lines in full[:count] for line in lines]
    room.spend(shown)
    names = [f"  {_title(one)}" for one in group[count : count + _MOST_NAMES]]
    names = names[: room.fitting(names)]
    return fenced([*shown, *names], "diff"), len(group) - count - len(names)


def _fitting(blocks: Sequence[Sequence[str]], room: Budget) -> int:
    left = Budget(int(room.left * 0.8))
    for count, lines in enumerate(blocks):
        left.spend(lines)
        if left.left < 0:
            return count
    return len(blocks)


def _lines(one: PreviewedResource) -> Iterator[str]:
    yield f"@@ {_title(one)} @@"
    for reason in one.reasons[:3]:
        yield f"# {reason}"
    if one.former_urn:
        yield f"# it was {one.former_urn}"
    told = told_differences(one.differences)
    for difference in told[:_MOST_DIFFERENCES]:
        note = (
            "  # replaces"
            if difference.replaces
            else "  # may replace"
            if difference.replaces is None
            else ""
        )
        maybe = "" if difference.certain else "  # may be the same"
        before, after = told_pair(difference.before, difference.after)
        yield f"- {difference.path}: {before}"
        yield f"+ {difference.path}: {after}{note}{maybe}"
    if len(told) > _MOST_DIFFERENCES:
        yield f"# {counted(len(told) - _MOST_DIFFERENCES, 'more value')}"


def _title(one: PreviewedResource) -> str:
    held = f", holds {one.holds}" if one.holds and one.change is not Change.CREATE else ""
    return f"{one.layer} {one.resource.name} ({kind_of(one.resource.type)}{held})"
