"""YAML documents as plain data that remembers where every key and value stands.

A document is data from somebody else: it is read without constructors, its size, depth and aliases are
limited, and whatever is wrong comes back as findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from lakeplane.diagnostics import Diagnostic, Location
from lakeplane.errors import SpecError

__all__ = ["Document", "Path_", "read_document"]

Path_ = tuple[str | int, ...]

_MAX_BYTES = 256 * 1024
_MAX_DEPTH = 40
_MAX_NODES = 20_000
_TAG = "tag:yaml.org,2002:"


_CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    "null": lambda _text: None,
    "bool": lambda text: text == "true",
    "int": lambda text: int(text, 0 if re.match(r"[-+]?0[xob]", text) else 10),
    "float": lambda text: float(text.replace(".inf", "inf").replace(".nan", "nan")),
}


@dataclass(slots=True)
class Document:
    """One YAML mapping and the places of its parts.

    Attributes:
        file: Path of the file, as the user gave it.
        data: The mapping as plain Python data.
        findings: What is wrong with it as YAML, such as duplicate keys.
        keys: Where the key of each path stands.
        values: Where the value of each path stands.
    """

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    keys: dict[Path_, Location] = field(default_factory=dict)
    values: dict[Path_, Location] = field(default_factory=dict)

    def locate(self, path: Path_, *, key: bool = False) -> Location:
        """Return where a value stands, or the nearest thing around it that the document has.

        Args:
            path: Keys and indexes that lead to the value.
            key: Prefer the place of the value's key.
        """
        places = (self.keys, self.values) if key else (self.values, self.keys)
        for length in range(len(path), 0, -1):
            for place in places:
                if path[:length] in place:
                    # What is missing below a part stands nowhere: point at the key of that part.
                    return (
                        self.keys.get(path[:length], place[path[:length]])
                        if length < len(path)
                        else place[path]
                    )
        return self.values.get((), Location(self.file, 1, 1))


def read_document(path: Path, *, what: str = "spec") -> Document:
    """Read a file that holds one YAML mapping.

    Args:
        path: The file; findings show it as given.
        what: What the file is meant to be, for the findings' wording.

    Raises:
        SpecError: The file cannot be read, is not YAML, or its root is no mapping. Findings that leave data
            to look at (duplicate keys and the like) come in the document instead.
    """
    file = str(path)
    text = _decode(_read(path, what), file)
    document = Document(file)
    parser = YAML(typ="rt", pure=True)
    try:
        _scan(parser, text, file, what)
        root = YAML(typ="rt", pure=True).compose(text)
    except ReaderError as error:
        raise SpecError(_forbidden_character(error, text, file)) from None
    except MarkedYAMLError as error:
        raise SpecError(_syntax_error(error, file)) from None
    except YAMLError as error:
        raise SpecError(_finding("SPC003", "not YAML", Location(file, 1, 1), str(error))) from None
    if not isinstance(root, MappingNode):
        raise SpecError(_not_a_mapping(root, file, what))
    document.data = _Builder(document).build(root)
    return document


def _finding(
    code: str, summary: str, location: Location | None, detail: str = "", remedy: str = ""
) -> Diagnostic:
    return Diagnostic(code=code, summary=summary, detail=detail, remedy=remedy, location=location)


def _read(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SpecError(
            _finding(
                "SPC001",
                f"{what} cannot be read",
                None,
                f"{path}: {reason.lower()}",
                "give the path of a YAML file that you may read, such as stacks/environments/local.yaml",
            )
        ) from None
    if len(content) > _MAX_BYTES:
        raise SpecError(
            _finding(
                "SPC006",
                f"{what} is too large",
                Location(str(path), 1, 1),
                f"found more than {_MAX_BYTES // 1024} KiB; allowed: {_MAX_BYTES // 1024} KiB",
                "check that this is the right file",
            )
        )
    return content


def _decode(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        raise SpecError(
            _finding(
                "SPC002",
                "not text in UTF-8",
                _after(before, file),
                f"found byte 0x{content[error.start]:02x}",
                "save the file as UTF-8",
            )
        ) from None


def _after(before: str, file: str) -> Location:
    lines = before.split("\n")
    return Location(file, len(lines), len(lines[-1]) + 1)


def _forbidden_character(error: ReaderError, text: str, file: str) -> Diagnostic:
    match = re.search(r"[^\x09\x0A\x0D\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", text)
    place = _after(text[: match.start()], file) if match else Location(file, 1, 1)
    character = ord(match.group()) if match else error.character
    return _finding(
        "SPC002",
        "character that YAML does not allow",
        place,
        f"found U+{character:04X}" if isinstance(character, int) else f"found {character!r}",
        "remove the character; in double quotes it can be written as an escape",
    )


def _syntax_error(error: MarkedYAMLError, file: str) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    place = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file, 1, 1)
    problem = (error.problem or error.context or "cannot be parsed").strip().splitlines()[0]
    return _finding(
        "SPC003", "not YAML", place, problem[:200], "check indentation, quotes and colons at that place"
    )


def _not_a_mapping(root: Node | None, file: str, what: str) -> Diagnostic:
    kind = "nothing" if root is None else "a list" if isinstance(root, SequenceNode) else "a single value"
    place = (
        Location(file, root.start_mark.line + 1, root.start_mark.column + 1) if root else Location(file, 1, 1)
    )
    return _finding(
        "SPC005",
        f"{what} is not a mapping of keys to values",
        place,
        f"found {kind}",
        "write one `key: value` a line; `lakeplane new` prints a spec to start from",
    )


def _scan(parser: YAML, text: str, file: str, what: str) -> None:
    """Look at the events alone: several documents, nesting and aliases cost nothing here."""
    depth = documents = aliases = 0
    for event in parser.parse(text):
        place = Location(file, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise SpecError(
                    _finding(
                        "SPC004",
                        f"several documents in one {what}",
                        place,
                        "found a second document; allowed: one",
                        "keep one document a file",
                    )
                )
        elif isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        elif isinstance(event, AliasEvent) and isinstance(event, NodeEvent):
            aliases += 1
        if depth > _MAX_DEPTH or aliases > _MAX_NODES:
            raise SpecError(
                _finding(
                    "SPC006",
                    f"{what} is nested too deeply",
                    place,
                    f"found more than {_MAX_DEPTH} levels; allowed: {_MAX_DEPTH}",
                    "check brackets and indentation before that place",
                )
            )


class _Builder:
    """Builds plain data from nodes, noting places, and findings as it meets them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes = 0
        self._open: list[Node] = []

    def build(self, root: MappingNode) -> dict[str, Any]:
        built = self._value(root, ())
        return built if isinstance(built, dict) else {}

    def _place(self, node: Node) -> Location:
        return Location(self._document.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _value(self, node: Node, path: Path_) -> Any:
        self._nodes += 1
        if self._nodes > _MAX_NODES or any(node is outer for outer in self._open):
            raise SpecError(
                _finding(
                    "SPC006",
                    "aliases unfold without end or into too much",
                    self._place(node),
                    f"allowed: {_MAX_NODES} values, no alias to a value that it is part of",
                    "write the values out",
                )
            )
        self._document.values[path] = self._place(node)
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self._open.append(node)
        try:
            if isinstance(node, SequenceNode):
                return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
            return dict(self._entries(node, path))
        finally:
            self._open.pop()

    def _entries(self, node: Node, path: Path_) -> Iterator[tuple[str, Any]]:
        seen: dict[str, Location] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, ScalarNode) or key_node.tag not in (f"{_TAG}str", "!"):
                self._note(
                    "SPC007",
                    "key is not text",
                    place,
                    path,
                    _shown(key_node),
                    "write the key as a plain word",
                )
                continue
            key = str(key_node.value)
            if key in seen:
                self._note(
                    "SPC011",
                    "duplicate key",
                    place,
                    (*path, key),
                    f"first given in line {seen[key].line}",
                    "keep one of the two",
                )
                continue
            seen[key] = place
            self._document.keys[*path, key] = place
            yield key, self._value(value_node, (*path, key))

    def _scalar(self, node: ScalarNode, path: Path_) -> Any:
        text = str(node.value)
        kind = str(node.tag).removeprefix(_TAG)
        if kind in ("str", "timestamp", "!"):
            return text
        if kind not in _CONVERSIONS:
            self._note(
                "SPC007",
                "tag that is not supported",
                self._place(node),
                path,
                f"found {kind[:60]}",
                "remove the tag",
            )
            return text
        try:
            return _CONVERSIONS[kind](text.replace("_", "").lower())
        except ValueError:
            # Only an explicit tag such as `!!int` in front of something else leads here.
            self._note(
                "SPC007",
                "value does not fit its tag",
                self._place(node),
                path,
                f"found {text[:60]!r}",
                "remove the tag",
            )
            return text

    def _note(self, code: str, summary: str, place: Location, path: Path_, detail: str, remedy: str) -> None:
        self._document.findings.append(
            Diagnostic(code=code, summary=summary, detail=detail, remedy=remedy, path=path, location=place)
        )


def _shown(node: Node) -> str:
    return (
        f"found {str(node.value)[:60]!r}"
        if isinstance(node, ScalarNode)
        else "found a list or mapping as key"
    )
