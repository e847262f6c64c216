"""What changes between two sets of inputs, value by value.

Values carry the markers of `lakeplane.provider_models.wire`, secrets sealed by `lakeplane.preview.seals`: no
secret ever stands in a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.preview.property_paths import ABSENT, PropertyPath, at, parse_path, to_text
from lakeplane.preview.seals import compare_secrets, is_secret, without_seals
from lakeplane.provider_models.wire import is_unknown

__all__ = ["Difference", "apply", "differences"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that changes.

    Attributes:
        path: Where it stands among the inputs, on the wire and as Pulumi writes it.
        before: What the base has; `{"$absent": True}` if nothing, `{"$secret": True}` for a secret,
            `{"$unknown": True}` for what nobody knows.
        after: What it becomes, in the same words.
        replaces: Whether it replaces the resource; None if nobody knows.
        certain: Whether it changes for sure: an unknown may turn out to be what it was.
    """

    path: str
    before: Any
    after: Any
    replaces: bool | None = False
    certain: bool = True

    @property
    def keys(self) -> PropertyPath:
        """The path, in parts."""
        return parse_path(self.path)


def differences(before: Any, after: Any) -> tuple[Difference, ...]:
    """Compare two values; each difference stands as deep inside as both sides have a container.

    Lists are compared item by item, as the engine does: what is inserted moves what follows.
    """
    return tuple(_compare((), before, after))


def apply(found: tuple[Difference, ...], before: Any) -> Any:
    """Return what `before` becomes by differences that `differences` found."""
    ordered = sorted(found, key=lambda one: _order(one.keys))
    made = before
    for difference in ordered:
        if difference.after != ABSENT:
            made = _set(made, difference.keys, difference.after)
    # What goes from a list goes from its end, so that the places of the others stay.
    for difference in reversed(ordered):
        if difference.after == ABSENT:
            made = _set(made, difference.keys, ABSENT)
    return made


def _compare(path: PropertyPath, before: Any, after: Any) -> Iterator[Difference]:
    if is_secret(before) or is_secret(after):
        equal = False if ABSENT in (before, after) else compare_secrets(before, after)
        if equal is not True:
            yield _difference(path, before, after, certain=equal is False)
    elif is_unknown(before) or is_unknown(after):
        yield _difference(path, before, after, certain=False)
    elif isinstance(before, Mapping) and isinstance(after, Mapping) and ABSENT not in (before, after):
        for name in sorted({*before, *after}):
            yield from _compare((*path, name), before.get(name, ABSENT), after.get(name, ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            yield from _compare((*path, index), _item(before, index), _item(after, index))
    elif not _equal(before, after):
        yield _difference(path, before, after, certain=True)


def _difference(path: PropertyPath, before: Any, after: Any, *, certain: bool) -> Difference:
    if is_secret(before) or is_secret(after):
        # What is secret now may have stood in clear before, and the other way round.
        before, after = _hidden(before), _hidden(after)
    return Difference(to_text(path), without_seals(before), without_seals(after), certain=certain)


def _hidden(value: Any) -> Any:
    return value if value == ABSENT or is_unknown(value) else {"$secret": True}


def _item(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else ABSENT


def _equal(before: Any, after: Any) -> bool:
    # A number that equals a truth value is another value all the same.
    return bool(before == after) and isinstance(before, bool) is isinstance(after, bool)


def _order(path: PropertyPath) -> tuple[tuple[bool, str, int], ...]:
    return tuple(
        (
            isinstance(part, int),
            str(part) if isinstance(part, str) else "",
            part if isinstance(part, int) else 0,
        )
        for part in path
    )


def _set(value: Any, path: PropertyPath, wanted: Any) -> Any:
    if not path:
        return wanted
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        assert isinstance(first, int)
        made = list(value)
        if first < len(made):
            made[first] = _set(made[first], rest, wanted)
            if made[first] == ABSENT:
                made.pop(first)
            return made
        return [*made, _set(at(value, (first,)), rest, wanted)]
    changed = dict(value)
    changed[first] = _set(changed.get(first, ABSENT), rest, wanted)
    return {name: item for name, item in changed.items() if item != ABSENT}
