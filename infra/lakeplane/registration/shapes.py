"""What a value may be, compiled once from the SDKs' type hints, and the check of a value against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lakeplane.provider_models.sdk_types import is_args_class
from lakeplane.registration.mistakes import Kind, Mistake, kind_of, nearest, shown
from lakeplane.registration.values import LATER, peel

__all__ = ["Anything", "Choice", "Entries", "Items", "OneOf", "Property", "Record", "Scalar", "Shape", "Walk"]


@dataclass(slots=True)
class Walk:
    """The state of one check.

    Attributes:
        path: Where the check stands.
        mistakes: What was found so far.
    """

    path: list[str | int] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def add(self, kind: Kind, found: str, allowed: str, suggestion: str = "") -> None:
        """Note a mistake where the check stands."""
        self.mistakes.append(Mistake(kind, tuple(self.path), found, allowed, suggestion))


class Shape(Protocol):
    """What a value may be."""

    def check(self, walk: Walk, value: Any, translated: bool) -> None:
        """Note what is wrong with a value.

        Args:
            walk: Where the value stands, and what was found so far.
            value: The value, peeled.
            translated: The SDK renames keys of a dictionary here, so both spellings are right.
        """


@dataclass(frozen=True, slots=True)
class Anything:
    """The SDK says nothing about the value."""

    def check(self, walk: Walk, value: Any, translated: bool) -> None:
        """Accept it."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, a boolean or a number.

    Attributes:
        types: Python types that the value may have; `float` stands for any number.
        name: What a reader calls that.
    """

    types: frozenset[type]
    name: str

    def check(self, walk: Walk, value: Any, translated: bool) -> None:
        """Compare the types; a whole number may be written as `2.0`, as the wire does."""
        del translated
        cls = type(value)
        if cls in self.types or (cls is int and float in self.types):
            return
        if cls is float and int in self.types and value.is_integer():
            return
        if isinstance(value, str) and str in self.types:
            return
        walk.add("type", kind_of(value), f"allowed: {self.name}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values.

    Attributes:
        values: The values.
        folded: The values as they are compared.
        any_case: The service takes every letter case, as Azure does.
        scalar: What the value must be before it is compared.
    """

    values: tuple[Any, ...]
    folded: frozenset[Any]
    any_case: bool
    scalar: Scalar

    def check(self, walk: Walk, value: Any, translated: bool) -> None:
        """Compare the value with each of the choices."""
        if isinstance(value, str):
            if (value.casefold() if self.any_case else value) in self.folded:
                return
        elif not isinstance(value, bool) and isinstance(value, int | float) and value in self.folded:
            return
        before = len(walk.mistakes)
        self.scalar.check(walk, value, translated)
        if len(walk.mistakes) == before:
            walk.add("value", kind_of(value), f"allowed: {shown(self.values)}", nearest(value, self.values))


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    of: Shape

    def check(self, walk: Walk, value: Any, translated: bool) -> None:
        """Check each item."""
        if not isinstance(value, list | tuple):
            walk.add("type", kind_of(value), "allowed: a list")
            return
        for index, item in enumerate(value):
            peeled = peel(item)
            if peeled is not LATER:
                walk.path.append(index)
                self.of.check(walk, peeled, translated)
                walk.path.pop()


@dataclass(frozen=True, slots=True)
class Entries:
    """A map with free keys.

    Attributes:
        of: What each value may be.
        of_key: What the values of some keys may be.
    """

    of: Shape
    of_key: Mapping[str, Shape] = field(default_factory=dict)

    def check(self, walk: Walk, value: Any, translated: bool) -> None:
        """Check each value."""
        if not isinstance(value, Mapping):
            walk.add("type", kind_of(value), "allowed: a map")
            return
        for key, item in value.items():
            peeled = peel(item)
            if peeled is not LATER:
                walk.path.append(key)
                self.of_key.get(key, self.of).check(walk, peeled, translated)
                walk.path.pop()


@dataclass(slots=True)
class Property:
    """One input of a generated class.

    Attributes:
        python: Name in Python.
        wire: Name on the wire.
        required: The service demands it.
        constant: The only value it may have, where the class has such a one.
        compile: Makes its shape when it is first needed.
    """

    python: str
    wire: str
    required: bool
    constant: str | None
    compile: Callable[[], Shape]
    _shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        """What the input may be."""
        if self._shape is None:
            self._shape = self.compile()
        return self._shape

    @property
    def is_free_text(self) -> bool:
        """Whether every text is right."""
        shape = self.shape
        return self.constant is None and isinstance(shape, Scalar) and str in shape.types

    def check(self, walk: Walk, key: str, value: Any, translated: bool) -> None:
        """Check the input under the name that its author used."""
        peeled = peel(value)
        if peeled is LATER:
            return
        walk.path.append(key)
        if self.constant is not None and peeled != self.constant:
            suggestion = nearest(peeled, [self.constant])
            walk.add("value", kind_of(peeled), f"allowed: {self.constant}", suggestion)
        else:
            self.shape.check(walk, peeled, translated)
        walk.path.pop()


Relation = Callable[[Walk, Mapping[str, Any]], None]
"""Notes mistakes that show only when several inputs of an object are seen together, by their wire names."""


@dataclass(slots=True)
class Record:
    """An object of a generated class.

    Attributes:
        cls: The SDK's class.
        name: What the service calls it.
        by_wire: Its inputs by their names on the wire.
        by_python: The same by their names in Python.
        record_of: Returns the record of another class.
        relation: What its inputs must be to each other.
        required: Those of its inputs that the service demands.
    """

    cls: type[object]
    name: str
    by_wire: dict[str, Property]
    by_python: dict[str, Property]
    record_of: Callable[[type[object]], Record]
    relation: Relation | None = None
    required: tuple[Property, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.required = tuple(each for each in self.by_wire.values() if each.required)

    def check(self, walk: Walk, value: Any, translated: bool) -> None:
        """Check each input, and that none is unknown or missing."""
        cls = type(value)
        if cls is not self.cls and is_args_class(cls):
            # Another class may have the same inputs; only its names on the wire count.
            names = self.record_of(cls).by_python
            value = {names[key].wire: item for key, item in vars(value).items() if key in names}
            translated = False
        elif cls is self.cls:
            value, translated = vars(value), True
        elif not isinstance(value, Mapping):
            walk.add("type", kind_of(value), f"allowed: an object of {self.name}")
            return
        given = self._check_inputs(walk, value, translated)
        for property_ in self.required:
            if property_.wire not in given:
                walk.path.append(property_.python if translated else property_.wire)
                walk.add("missing", "", f"{self.name} needs it")
                walk.path.pop()
        if self.relation is not None:
            self.relation(walk, given)

    def _check_inputs(self, walk: Walk, value: Mapping[str, Any], translated: bool) -> dict[str, Any]:
        given: dict[str, Any] = {}
        untranslated: list[str] = []
        for key, item in value.items():
            if item is None:
                continue
            property_ = self.by_python.get(key) if translated else None
            if property_ is None:
                property_ = self.by_wire.get(key)
            if property_ is None and key in self.by_python:
                untranslated.append(key)
                property_ = self.by_python[key]
            if property_ is None:
                known = self.by_python if translated else self.by_wire
                walk.path.append(key)
                walk.add("unknown", repr(key), f"allowed: {shown(known)}", nearest(key, known))
                walk.path.pop()
            else:
                given[property_.wire] = item
                property_.check(walk, key, item, translated)
        if untranslated:
            names = ", ".join(f"{key} (the service's {self.by_python[key].wire})" for key in untranslated)
            walk.add("dictionary", f"the names {names}", f"allowed: {self.name} by its names on the wire")
        return given

    def fits(self, value: Any) -> bool | None:
        """Tell whether a value says by its constant that it is this record; `None` if it doesn't say."""
        cls = type(value)
        if is_args_class(cls):
            return cls is self.cls
        if not isinstance(value, Mapping):
            return False
        for property_ in self.by_wire.values():
            if property_.constant is not None:
                said = peel(value.get(property_.wire, value.get(property_.python)))
                if said is not LATER:
                    return bool(said == property_.constant)
        return None


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of several shapes."""

    alternatives: tuple[Shape, ...]

    def check(self, walk: Walk, value: Any, translated: bool) -> None:
        """Accept what one of the shapes accepts; else tell what the nearest one finds.

        The SDK doesn't know which shape is meant, so it renames no keys of a dictionary here.
        """
        nearest_so_far: tuple[tuple[int, int], list[Mistake]] | None = None
        del translated
        for shape in self.alternatives:
            attempt = Walk(walk.path)
            shape.check(attempt, value, False)
            if not attempt.mistakes:
                return
            rank = (_distance(shape, value), len(attempt.mistakes))
            if nearest_so_far is None or rank < nearest_so_far[0]:
                nearest_so_far = (rank, attempt.mistakes)
        if nearest_so_far is not None:
            walk.mistakes += nearest_so_far[1]


def _distance(shape: Shape, value: Any) -> int:
    """Say how far a value is from being meant as a shape at all."""
    match shape:
        case Record():
            return {True: 0, None: 1, False: 3}[shape.fits(value)]
        case Items():
            return 1 if isinstance(value, list | tuple) else 4
        case Entries():
            return 2 if isinstance(value, Mapping) else 4
        case _:
            return 1 if isinstance(value, str | bool | int | float) else 4
