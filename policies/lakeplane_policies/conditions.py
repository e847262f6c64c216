"""Parts that most rules are made of: an input that must have one of a few values, in every item of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lakeplane_policies.addresses import opens_to_everybody
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import Condition, Violation
from lakeplane_policies.settings import Settings

__all__ = [
    "NOT_SET",
    "all_of",
    "by_mode",
    "every",
    "in_turn",
    "must",
    "must_be",
    "must_not_be",
    "named_ranges",
    "show",
    "unknown",
]

NOT_SET = "it is not set"
_NOT_KNOWN = "undecidable: it is not known before the update, so nobody can say that it holds"


def show(value: Any) -> str:
    """Say what a value is, shortened."""
    text = repr(value)
    return f"it is {text if len(text) <= 60 else text[:57] + '...'}"


def unknown(*path: str | int) -> Violation:
    """Say that the answer hangs on a value that nobody knows yet."""
    return Violation(path, _NOT_KNOWN, undecidable=True)


def must(
    path: str, test: Callable[[Any], bool], wanted: str = "", *, absent: str | None = NOT_SET
) -> Condition:
    """Demand something of an input.

    Args:
        path: Where it stands.
        test: Tells whether a known value will do.
        wanted: What would do, in words; the rule's remedy says it if left out.
        absent: What to say of a value that isn't set; `None` only where the service's own default is right.
    """
    where = tuple(path.split("."))

    def condition(inputs: Any, settings: Settings) -> Iterator[Violation]:
        del settings
        value = read(inputs, path)
        if value is State.UNKNOWN:
            yield unknown(*where)
        elif value is State.ABSENT:
            if absent is not None:
                yield Violation(where, absent)
        elif not _passes(test, value):
            yield Violation(where, show(value) + (f"; wanted: {wanted}" if wanted else ""))

    return condition


def must_be(path: str, *allowed: Any) -> Condition:
    """Demand that an input is set to one of the values; `true` as a text is not the boolean."""
    kinds = {type(one) for one in allowed}
    return must(path, lambda value: type(value) in kinds and value in allowed)


def must_not_be(path: str, *refused: Any) -> Condition:
    """Refuse some values, in any letter case; an input that isn't set has none of them."""
    folded = {_fold(one) for one in refused}
    return must(path, lambda value: _fold(value) not in folded, absent=None)


def every(path: str, condition: Condition, *, absent: str | None = None) -> Condition:
    """Demand something of every item of a list.

    Args:
        path: Where the list stands.
        condition: What to demand; its paths count from the item.
        absent: What to say of a list that isn't set; nothing if left out, for it has no item that is wrong.
    """
    where = tuple(path.split("."))

    def judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
        items = read(inputs, path)
        if items is State.UNKNOWN:
            yield unknown(*where)
        elif items is State.ABSENT:
            if absent is not None:
                yield Violation(where, absent)
        elif not isinstance(items, list):
            yield Violation(where, show(items))
        else:
            for index, item in enumerate(items):
                if item is State.UNKNOWN:
                    yield unknown(*where, index)
                    continue
                for found in condition(item, settings):
                    yield replace(found, path=(*where, index, *found.path))

    return judge


def all_of(*conditions: Condition) -> Condition:
    """Demand several things."""

    def condition(inputs: Any, settings: Settings) -> Iterator[Violation]:
        for one in conditions:
            yield from one(inputs, settings)

    return condition


def in_turn(*conditions: Condition) -> Condition:
    """Demand several things of which each means nothing without the one before."""

    def condition(inputs: Any, settings: Settings) -> Iterator[Violation]:
        for one in conditions:
            if found := list(one(inputs, settings)):
                yield from found
                return

    return condition


def by_mode(*, private: Condition, allow_list: Condition) -> Condition:
    """Demand what the access mode asks for; while nobody says which it is, either will do."""

    def condition(inputs: Any, settings: Settings) -> Iterator[Violation]:
        if settings.access_mode == "private":
            yield from private(inputs, settings)
        elif settings.access_mode == "allow_list" or list(private(inputs, settings)):
            yield from allow_list(inputs, settings)

    return condition


def named_ranges(path: str, key: str = "", *, absent: str | None = None) -> Condition:
    """Refuse address ranges that hold everybody, in a list of ranges or of objects with a range.

    Args:
        path: Where the list stands.
        key: Name of the range in each item; the item is the range if left out.
        absent: What to say of a list that isn't set; nothing if left out, where such a list lets nobody in.
    """

    def condition(item: Any, settings: Settings) -> Iterator[Violation]:
        del settings
        value = read(item, key) if key else item
        where = (key,) if key else ()
        if value is State.UNKNOWN:
            yield unknown(*where)
        elif value is State.ABSENT:
            yield Violation(where, NOT_SET)
        elif opens_to_everybody(value):
            yield Violation(where, f"{show(value)}, which holds everybody")

    return every(path, condition, absent=absent)


def _passes(test: Callable[[Any], bool], value: Any) -> bool:
    try:
        return test(value)
    except (TypeError, ValueError):  # the value is of another kind than the test is about
        return False


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else (type(value), value)
