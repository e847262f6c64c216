"""What a rule is, and the most common kind: an input that must have one of a few values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane_policies.reading import State, read

__all__ = ["Rule", "Violation", "must_be"]


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a resource breaks a rule.

    Attributes:
        path: Where in the inputs.
        found: What stands there, in words.
    """

    path: str
    found: str


Judge = Callable[[Mapping[str, Any]], Iterator[Violation]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that no resource of some types may do.

    Attributes:
        code: Stable identifier; also the name of the rule's file.
        title: What must hold, in lower case and without a final full stop.
        types: Resource types that the rule is about.
        judge: Finds what breaks it. An unknown or absent value must be judged too, never passed over.
        remedy: What to write instead.
        sources: Other catalogues' names for the same thing.
    """

    code: str
    title: str
    types: tuple[str, ...]
    judge: Judge
    remedy: str
    sources: tuple[str, ...]


def must_be(path: str, *allowed: Any) -> Judge:
    """Demand that an input is set to one of the values; absent and unknown values break the rule."""

    def judge(inputs: Mapping[str, Any]) -> Iterator[Violation]:
        match read(inputs, path):
            case State.ABSENT:
                yield Violation(path, "it is not set")
            case State.UNKNOWN:
                yield Violation(path, "it is not known before the update, so nobody can say that it holds")
            case value if value not in allowed or isinstance(value, bool) != isinstance(allowed[0], bool):
                yield Violation(path, f"it is {value!r}")

    return judge
