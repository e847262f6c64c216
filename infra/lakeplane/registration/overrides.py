"""A team's own values for inputs that its spec has no key for, in the services' own words."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeplane.diagnostics import Diagnostic
from lakeplane.provider_models.arm import ARM_TYPES
from lakeplane.provider_models.sdk_types import is_args_class
from lakeplane.registration.metadata import record_of
from lakeplane.registration.mistakes import nearest, shown
from lakeplane.registration.shapes import Anything, Entries, Items, OneOf, Record, Shape, Walk
from lakeplane.registration.values import LATER, peel

__all__ = ["Overrides"]

_Part = str | int
# `a.b[0].c`, and `labels["a.b/c"]` for keys that hold a dot.
_PART = re.compile(r'\.?([A-Za-z_$][\w$-]*)|\[(\d+)\]|\["([^"]+)"\]')
_SYNTAX = "write it as in `a.b[0].c`"
_KUBERNETES_IDENTITY = frozenset(
    {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}
)


class _RefusedError(Exception):
    """Carries why a value can't be put where it should go, and what to do instead."""

    def __init__(self, summary: str, remedy: str) -> None:
        super().__init__(summary, remedy)


@dataclass(slots=True)
class Overrides:
    """Values by the name of a resource, then by the path of an input.

    A path is written in the service's camelCase, as previews and ARM templates show it, such as
    `networkProfile.loadBalancerSku`, `ipRules[0].action` or `tags["a.b"]`. A value replaces what stands
    there. Names that make up a resource's identity stay as planned: another name is another resource, and
    what it held would be deleted.

    Attributes:
        wanted: What the spec's `overrides` says.
        findings: What is wrong with it.
        names: Names of the resources seen so far.
        applied: Names of those that were overridden.
    """

    wanted: Mapping[str, Mapping[str, Any]]
    findings: list[Diagnostic] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    applied: set[str] = field(default_factory=set)

    def apply(self, name: str, type_: str, record: Record, props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a resource's inputs with the spec's values in their places.

        Args:
            name: Name of the resource in the program.
            type_: Its type token.
            record: What its inputs may be.
            props: Its inputs by their Python names; left as they are.
        """
        self.names.add(name)
        if name not in self.wanted:
            return props
        if name in self.applied:
            self._find("REG010", name, None, "two resources have this name", "name it by its type as well")
            return props
        self.applied.add(name)
        merged: dict[str, Any] = dict(props)
        for path, value in self.wanted[name].items():
            try:
                parts = _parts(path)
                shape = _shape_at(record, parts)
            except _RefusedError as refused:
                self._find("REG007", name, path, *refused.args)
                continue
            if _is_identity(type_, record, parts):
                summary = "a name that makes up what the resource is"
                self._find("REG008", name, path, summary, "change the spec's own keys instead")
                continue
            walk = Walk(path=["overrides", name, path])
            peeled = peel(value)
            if peeled is not LATER:
                shape.check(walk, peeled, False)
            if walk.mistakes:
                self.findings += [mistake.diagnostic(name, type_) for mistake in walk.mistakes]
                continue
            try:
                merged = _put(merged, record, parts, value)
            except _RefusedError as refused:
                self._find("REG009", name, path, *refused.args)
        return merged

    def unmatched(self, elsewhere: set[str]) -> list[Diagnostic]:
        """Find the names that no resource has, here or in the stacks whose overridden names are given."""
        return [
            Diagnostic(
                code="REG006",
                summary="no resource has this name",
                detail=f"found {name!r}; this stack has {shown(sorted(self.names))}",
                remedy=f"did you mean {near!r}?"
                if (near := nearest(name, self.names))
                else "take a name that `lakeplane preview` shows",
                path=("overrides", name),
            )
            for name in sorted(set(self.wanted) - self.applied - elsewhere)
        ]

    def _find(self, code: str, name: str, path: str | None, summary: str, remedy: str) -> None:
        keys = ("overrides", name) if path is None else ("overrides", name, path)
        self.findings.append(Diagnostic(code=code, summary=summary, remedy=remedy, path=keys, resource=name))


def _is_identity(type_: str, record: Record, parts: tuple[_Part, ...]) -> bool:
    top = parts[0]
    if type_.startswith("kubernetes:"):
        return (
            parts[:1] in _KUBERNETES_IDENTITY or parts[:2] in _KUBERNETES_IDENTITY or parts == ("metadata",)
        )
    arm = ARM_TYPES.get(type_)
    if top == "name" or (arm is not None and (top in arm.name_inputs or top == arm.scope)):
        return True
    return any(part.endswith("Name") for part in _input_names(record, parts))


def _parts(path: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    position = 0
    while position < len(path):
        match = _PART.match(path, position)
        if match is None:
            raise _RefusedError(f"the path breaks off at {path[position:]!r}", _SYNTAX)
        word, index, quoted = match.groups()
        parts.append(int(index) if index is not None else word or quoted)
        position = match.end()
    if not parts or isinstance(parts[0], int):
        raise _RefusedError("the path names no input", _SYNTAX)
    return tuple(parts)


def _steps(shape: Shape, part: _Part) -> Iterator[Shape]:
    """Yield what may stand under a part of a path."""
    match shape:
        case Record() if part in shape.by_wire:
            yield shape.by_wire[str(part)].shape
        case Items() if isinstance(part, int):
            yield shape.of
        case Entries() if isinstance(part, str):
            yield shape.of_key.get(part, shape.of)
        case OneOf():
            for alternative in shape.alternatives:
                yield from _steps(alternative, part)
        case Anything():
            yield shape


def _shape_at(record: Record, parts: tuple[_Part, ...]) -> Shape:
    shapes: list[Shape] = [record]
    for part in parts:
        below = [step for shape in shapes for step in _steps(shape, part)]
        if not below:
            known = [name for shape in shapes for name in _names(shape)]
            near = nearest(part, known)
            remedy = (
                f"did you mean {near!r}?" if near else f"allowed: {shown(known) or 'a list or map has none'}"
            )
            raise _RefusedError(f"no such input: {part}", remedy)
        shapes = below
    return shapes[0] if len(shapes) == 1 else OneOf(tuple(shapes))


def _names(shape: Shape) -> Iterator[str]:
    match shape:
        case Record():
            yield from shape.by_wire
        case OneOf():
            for alternative in shape.alternatives:
                yield from _names(alternative)


def _input_names(record: Record, parts: tuple[_Part, ...]) -> Iterator[str]:
    """Yield those parts of a path that name inputs, not keys of a free map."""
    shapes: list[Shape] = [record]
    for part in parts:
        if isinstance(part, str) and any(part in set(_names(shape)) for shape in shapes):
            yield part
        shapes = [step for shape in shapes for step in _steps(shape, part)]


def _put(holder: Any, shape: Shape | None, parts: tuple[_Part, ...], value: Any) -> Any:
    """Return a copy of `holder` that has `value` at a path; what is shared with others stays as it is."""
    if not parts:
        return value
    part = parts[0]
    if holder is None:
        holder = [] if isinstance(part, int) else {}
    if is_args_class(type(holder)):
        record = record_of(type(holder))
        clone = copy.copy(holder)
        property_ = record.by_wire[str(part)]
        vars(clone)[property_.python] = _put(
            vars(holder).get(property_.python), property_.shape, parts[1:], value
        )
        return clone
    if isinstance(holder, list | tuple) and isinstance(part, int):
        if part >= len(holder):
            raise _RefusedError(f"the list has {len(holder)} items", "name one of them, or replace the list")
        items = list(holder)
        items[part] = _put(items[part], _first(shape, part), parts[1:], value)
        return items
    if isinstance(holder, Mapping) and isinstance(part, str):
        known = shape.by_wire.get(part) if isinstance(shape, Record) else None
        spelt = known.python if known is not None and known.python in holder else part
        return {**holder, spelt: _put(holder.get(spelt), _first(shape, part), parts[1:], value)}
    raise _RefusedError(
        "the path leads into a value that is known only later", "replace that value as a whole"
    )


def _first(shape: Shape | None, part: _Part) -> Shape | None:
    return next(_steps(shape, part), None) if shape is not None else None
