"""Changes single values of a spec's file, and leaves every other character as it is.

YAML libraries write documents anew, with other indentation and quotes than their authors'. Here the library
only tells where things stand, and the text is changed there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lakeplane.diagnostics import Diagnostic, Location
from lakeplane.errors import SpecError
from lakeplane.spec.hub import is_hub, load_hub
from lakeplane.spec.loader import load_spec
from lakeplane.spec.yaml_text import read_text

__all__ = ["edit_spec", "set_values"]

Value = str | int | Sequence[int]


def edit_spec(path: Path, changes: Mapping[tuple[str, ...], Value]) -> None:
    """Set values in the spec of an environment or a hub; replaced at once, and only if it stays right.

    Args:
        path: The spec.
        changes: Values by their keys' path, such as `("serving", "image")`.

    Raises:
        SpecError: The spec is wrong, or would be with these values; the file stays as it is.
    """
    _load(path)
    real = path.resolve()
    text = set_values(_read(real), changes, file=str(path))
    beside = real.with_name(f".{real.name}.partial")
    try:
        with beside.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        shutil.copymode(real, beside)
        _check(beside, path)
        beside.replace(real)
    finally:
        beside.unlink(missing_ok=True)


def _read(path: Path) -> str:
    read_text(path, "spec")  # refuses what is too large or no text
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def _load(path: Path) -> None:
    if is_hub(path):
        load_hub(path)
    else:
        load_spec(path)


def _check(written: Path, path: Path) -> None:
    try:
        _load(written)
    except SpecError as error:
        raise SpecError([_about(path, finding) for finding in error.findings]) from None


def _about(path: Path, finding: Diagnostic) -> Diagnostic:
    place = finding.location
    return replace(finding, location=replace(place, file=str(path)) if place else None)


def set_values(text: str, changes: Mapping[tuple[str, ...], Value], *, file: str = "spec") -> str:
    """Return the text of a YAML mapping with values set; keys that are missing are added.

    Args:
        text: The document.
        changes: Values by their keys' path.
        file: What findings call the document.

    Raises:
        SpecError: A value stands in a form that cannot be changed in its place.
    """
    for keys, value in changes.items():
        text = _Editor(text, file).set(keys, value)
    return text


class _Editor:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def set(self, keys: tuple[str, ...], value: Value) -> str:
        node = YAML(typ="rt", pure=True).compose(self._text)
        for depth, key in enumerate(keys):
            if not isinstance(node, MappingNode):
                raise self._refusal(node, keys)
            pair = next((pair for pair in node.value if pair[0].value == key), None)
            if pair is None:
                return self._add(node, keys[depth:], value)
            found = pair[1]
            if found.start_mark.index < pair[0].start_mark.index:
                raise self._refusal(pair[0], keys)  # an alias of something that stands elsewhere
            if depth == len(keys) - 1:
                return self._replace(pair[0], found, value, keys, flow=bool(node.flow_style))
            if isinstance(found, ScalarNode) and _is_empty(found) and not node.flow_style:
                return self._fill(pair[0], keys[depth + 1 :], value)
            node = found
        raise self._refusal(node, keys)

    def _replace(self, key: Node, node: Node, value: Value, keys: tuple[str, ...], *, flow: bool) -> str:
        in_place = node.style not in ("|", ">") if isinstance(node, ScalarNode) else _is_flow_sequence(node)
        if not in_place:
            raise self._refusal(node, keys)
        start, end = node.start_mark.index, node.end_mark.index
        written = _written(value, flow=flow)
        if _is_empty(node):  # it is said to stand where the next thing does
            start = end = self._text.index(":", key.end_mark.index) + 1
            written = f" {written}"
        return f"{self._text[:start]}{written}{self._text[end:]}"

    def _fill(self, key: Node, keys: tuple[str, ...], value: Value) -> str:
        """Give a key without a value, such as `serving:`, its first one."""
        end = self._line_end(key.end_mark.index)
        lines = list(_lines(keys, value, key.start_mark.column + 2))
        return self._insert(end, lines)

    def _add(self, node: MappingNode, keys: tuple[str, ...], value: Value) -> str:
        if node.flow_style:
            inner = _written(value, flow=True)
            for key in reversed(keys[1:]):
                inner = f"{{{key}: {inner}}}"
            at = _end(node) if node.value else node.start_mark.index + 1
            joint = ", " if node.value else ""
            return f"{self._text[:at]}{joint}{keys[0]}: {inner}{self._text[at:]}"
        column = node.value[0][0].start_mark.column
        lines = list(_lines(keys, value, column))
        if column == 0:  # a section of its own: behind everything, comments too
            return self._insert(len(self._text), ["", *lines])
        return self._insert(self._line_end(_end(node)), lines)

    def _insert(self, at: int, lines: Sequence[str]) -> str:
        before, after = self._text[:at], self._text[at:]
        if before and not before.endswith("\n"):
            before += self._newline
        return before + "".join(f"{line}{self._newline}" for line in lines) + after

    def _line_end(self, index: int) -> int:
        """Return where the line after the one of `index` begins."""
        found = self._text.find("\n", index)
        return len(self._text) if found < 0 else found + 1

    def _refusal(self, node: Node, keys: tuple[str, ...]) -> SpecError:
        return SpecError(
            Diagnostic(
                code="SPC041",
                summary="the value cannot be changed where it stands",
                detail="found an alias, a block of text or a list over several lines",
                remedy="write it as one plain value in its own place, then run the command again",
                path=keys,
                location=Location(self._file, node.start_mark.line + 1, node.start_mark.column + 1),
            )
        )


def _is_empty(node: Node) -> bool:
    return int(node.start_mark.index) == int(node.end_mark.index)


def _is_flow_sequence(node: Node) -> bool:
    return isinstance(node, SequenceNode) and bool(node.flow_style)


def _end(node: MappingNode) -> int:
    """Return where the last value of a mapping ends; an alias ends with its key's line."""
    key, value = node.value[-1]
    if value.start_mark.index < key.start_mark.index:
        return int(key.end_mark.index)
    while isinstance(value, SequenceNode) and value.value and not value.flow_style:
        value = value.value[-1]
    if isinstance(value, MappingNode) and value.value and not value.flow_style:
        return _end(value)
    # What spans whole lines ends at the beginning of the next one.
    whole_lines = value.end_mark.column == 0 and value.end_mark.index > 0
    return int(value.end_mark.index) - (1 if whole_lines else 0)


def _lines(keys: tuple[str, ...], value: Value, column: int) -> Iterator[str]:
    key, *inner = keys
    if not inner:
        yield f"{' ' * column}{key}: {_written(value, flow=False)}"
        return
    yield f"{' ' * column}{key}:"
    yield from _lines(tuple(inner), value, column + 2)


def _written(value: Value, *, flow: bool) -> str:
    if isinstance(value, str):
        return f'"{value}"' if flow else value
    return str(value) if isinstance(value, int) else f"[{', '.join(map(str, value))}]"
