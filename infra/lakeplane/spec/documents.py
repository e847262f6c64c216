"""YAML documents as plain data that remembers where every key and value stands.

A document is data from somebody else: it is read without constructors, its size, depth and aliases are
limited, and whatever is wrong comes back as findings.
"""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.reader import ReaderError

from lakeplane.diagnostics import Diagnostic, Location
from lakeplane.errors import SpecError
from lakeplane.spec.yaml_nodes import MAX_VALUES, build_data
from lakeplane.spec.yaml_text import place_after, read_text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Document", "KeyPath", "read_document"]

KeyPath = tuple[str | int, ...]
"""Keys and indexes that lead to a value."""

_MAX_DEPTH = 40
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    keys: dict[KeyPath, Location] = field(default_factory=dict)
    values: dict[KeyPath, Location] = field(default_factory=dict)

    def locate(self, path: KeyPath, *, key: bool = False) -> Location:
        """Return where a value stands; for one that is missing, the key of what it is missing in.

        Args:
            path: Keys and indexes that lead to the value.
            key: Return the place of the value's key, if it has one.
        """
        if path in self.values:
            return self.keys.get(path, self.values[path]) if key else self.values[path]
        for length in range(len(path) - 1, 0, -1):
            around = path[:length]
            if around in self.values:
                return self.keys.get(around, self.values[around])
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
    read = _parse(read_text(path, what), str(path), what)
    # One command reads the same file several times: whoever changes what is read changes a copy.
    return Document(read.file, copy.deepcopy(read.data), [*read.findings], dict(read.keys), dict(read.values))


@functools.lru_cache(maxsize=32)
def _parse(text: str, file: str, what: str) -> Document:
    try:
        _scan(text, file, what)
        root = YAML(typ="rt", pure=True).compose(text)
    except ReaderError:
        raise SpecError(_forbidden_character(text, file)) from None
    except YAMLError as error:
        raise SpecError(_syntax_error(error, file)) from None
    if not isinstance(root, MappingNode):
        raise SpecError(_not_a_mapping(root, file, what))
    document = Document(file)
    document.data = build_data(root, file, document.findings, document.keys, document.values)
    return document


def _scan(text: str, file: str, what: str) -> None:
    """Look at the events alone: several documents, nesting and aliases cost nothing here."""
    depth = documents = aliases = 0
    for event in YAML(typ="rt", pure=True).parse(text):
        place = Location(file, event.start_mark.line + 1, event.start_mark.column + 1)
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        documents += isinstance(event, DocumentStartEvent)
        aliases += isinstance(event, AliasEvent)
        if documents > 1:
            raise SpecError(
                Diagnostic(
                    code="SPC004",
                    summary=f"several documents in one {what}",
                    detail="found a second document; allowed: one",
                    remedy="keep one document a file",
                    location=place,
                )
            )
        if depth > _MAX_DEPTH or aliases > MAX_VALUES:
            raise SpecError(
                Diagnostic(
                    code="SPC006",
                    summary=f"{what} is nested too deeply",
                    detail=f"found more than {_MAX_DEPTH} levels; allowed: {_MAX_DEPTH}",
                    remedy="check brackets and indentation before that place",
                    location=place,
                )
            )


def _forbidden_character(text: str, file: str) -> Diagnostic:
    found = _FORBIDDEN.search(text)
    return Diagnostic(
        code="SPC002",
        summary="character that YAML does not allow",
        detail=f"found U+{ord(found.group()):04X}" if found else "",
        remedy="remove the character; in double quotes it can be written as an escape",
        location=place_after(text[: found.start()] if found else "", file),
    )


def _syntax_error(error: YAMLError, file: str) -> Diagnostic:
    problem, place = "cannot be parsed", Location(file, 1, 1)
    if isinstance(error, MarkedYAMLError):
        problem = _first_line(error.problem or error.context or problem)
        mark, start = error.problem_mark or error.context_mark, error.context_mark
        if mark:
            place = Location(file, mark.line + 1, mark.column + 1)
        if error.context and start and mark and start.line != mark.line:
            problem += f", {_first_line(error.context)} that begins in line {start.line + 1}"
    return Diagnostic(
        code="SPC003",
        summary="not YAML",
        detail=problem,
        remedy="check indentation, quotes and colons there and before",
        location=place,
    )


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:150]


def _not_a_mapping(root: Node | None, file: str, what: str) -> Diagnostic:
    kind = "nothing" if root is None else "a list" if isinstance(root, SequenceNode) else "a single value"
    return Diagnostic(
        code="SPC005",
        summary=f"{what} is not a mapping of keys to values",
        detail=f"found {kind}",
        remedy="write one `key: value` a line; `lakeplane new` prints a spec to start from",
        location=Location(file, root.start_mark.line + 1, root.start_mark.column + 1)
        if root
        else Location(file, 1, 1),
    )
