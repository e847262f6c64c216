"""YAML nodes as plain data: text, numbers, lists and mappings, with the place of each.

No constructor of the YAML library runs, so that a tag makes nothing; aliases are followed as far as they
unfold into little; a key that comes twice is a finding, where YAML libraries keep the last in silence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lakeplane.diagnostics import Diagnostic, Location
from lakeplane.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lakeplane.spec.documents import KeyPath

__all__ = ["MAX_VALUES", "build_data"]

MAX_VALUES = 20_000
"""Most values of one document, aliases unfolded."""

_TAG = "tag:yaml.org,2002:"
_CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    "null": lambda _text: None,
    "bool": lambda text: text == "true",
    "int": lambda text: int(text, 0 if re.match(r"[-+]?0[xob]", text) else 10),
    "float": lambda text: float(text.replace(".inf", "inf").replace(".nan", "nan")),
}


def build_data(
    root: MappingNode,
    file: str,
    findings: list[Diagnostic],
    keys: dict[KeyPath, Location],
    values: dict[KeyPath, Location],
) -> dict[str, Any]:
    """Build plain data from a mapping, adding to `findings`, `keys` and `values` what it meets.

    Raises:
        SpecError: Aliases unfold without end or into too much.
    """
    return _Builder(file, findings, keys, values).mapping(root, ())


class _Builder:
    def __init__(
        self,
        file: str,
        findings: list[Diagnostic],
        keys: dict[KeyPath, Location],
        values: dict[KeyPath, Location],
    ) -> None:
        self._file = file
        self._findings = findings
        self._keys = keys
        self._values = values
        self._count = 0
        self._open: list[Node] = []

    def mapping(self, node: Node, path: KeyPath) -> dict[str, Any]:
        self._enter(node, path)
        built = dict(self._entries(node, path))
        self._open.pop()
        return built

    def _value(self, node: Node, path: KeyPath) -> Any:
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        self._enter(node, path)
        built = (
            [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
            if isinstance(node, SequenceNode)
            else self._scalar(node, path)
        )
        self._open.pop()
        return built

    def _enter(self, node: Node, path: KeyPath) -> None:
        self._count += 1
        if self._count > MAX_VALUES or any(node is outer for outer in self._open):
            raise SpecError(
                Diagnostic(
                    code="SPC006",
                    summary="aliases unfold without end or into too much",
                    detail=f"allowed: {MAX_VALUES} values, no alias to a value that it is part of",
                    remedy="write the values out",
                    location=self._place(node),
                )
            )
        self._values[path] = self._place(node)
        self._open.append(node)

    def _entries(self, node: Node, path: KeyPath) -> Iterator[tuple[str, Any]]:
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, ScalarNode) or key_node.tag not in (f"{_TAG}str", "!"):
                found = (
                    key_node.value[:60] if isinstance(key_node, ScalarNode) else "a list or mapping as key"
                )
                self._note("SPC007", "key is not text", place, path, found, "write the key as a plain word")
                continue
            inner = (*path, str(key_node.value))
            if inner in self._keys:
                found = f"a second one, the first in line {self._keys[inner].line}"
                self._note("SPC011", "duplicate key", place, inner, found, "keep one of the two")
                continue
            self._keys[inner] = place
            value = self._value(value_node, inner)
            if value is None and not value_node.value:
                self._values[inner] = place  # a value left out would stand in the next line
            yield str(key_node.value), value

    def _scalar(self, node: Node, path: KeyPath) -> Any:
        text = str(node.value)
        kind = str(node.tag).removeprefix(_TAG)
        if kind in ("str", "timestamp", "!"):
            return text
        if kind not in _CONVERSIONS:
            self._note("SPC007", "tag is not supported", self._place(node), path, kind[:60], "remove the tag")
            return text
        try:
            return _CONVERSIONS[kind](text.replace("_", "").lower())
        except ValueError:
            # `!!int` in front of a word, or a number of more digits than Python reads.
            self._note(
                "SPC007", "value does not fit its tag", self._place(node), path, text[:60], "remove the tag"
            )
            return text

    def _place(self, node: Node) -> Location:
        return Location(self._file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _note(self, code: str, summary: str, place: Location, path: KeyPath, found: str, remedy: str) -> None:
        self._findings.append(
            Diagnostic(
                code=code, summary=summary, detail=f"found {found}", remedy=remedy, path=path, location=place
            )
        )
