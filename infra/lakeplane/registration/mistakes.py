"""What a check of inputs finds, and how it is told to whoever wrote them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from lakeplane.diagnostics import Diagnostic

__all__ = ["Kind", "Mistake", "nearest", "shown"]

Kind = Literal["unknown", "type", "value", "missing", "dictionary"]

_CODES: dict[Kind, str] = {
    "unknown": "REG001",
    "type": "REG002",
    "value": "REG003",
    "missing": "REG004",
    "dictionary": "REG005",
}
_SUMMARIES: dict[Kind, str] = {
    "unknown": "no such input",
    "type": "wrong type",
    "value": "not an allowed value",
    "missing": "a required input is missing",
    "dictionary": "a dictionary that reaches the service untranslated",
}
_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Mistake:
    """One input that the service could not mean.

    Attributes:
        kind: What sort of mistake it is.
        path: Names and indexes that lead to the input, as its author spelt them.
        found: What stands there; empty where nothing does.
        allowed: What may stand there.
        suggestion: What was probably meant; empty if nothing is near.
    """

    kind: Kind
    path: tuple[str | int, ...]
    found: str
    allowed: str
    suggestion: str = ""

    def diagnostic(self, resource: str, type_: str) -> Diagnostic:
        """Tell the mistake as a finding about a resource of a type."""
        found = f"found {self.found}; " if self.found else ""
        return Diagnostic(
            code=_CODES[self.kind],
            summary=_SUMMARIES[self.kind],
            detail=f"{type_}: {found}{self.allowed}",
            remedy=self._remedy(),
            path=self.path,
            resource=resource,
        )

    def _remedy(self) -> str:
        match self.kind:
            case "dictionary":
                return "use the SDK's Args classes here, or the service's own camelCase names"
            case "missing":
                return "give it a value"
            case _:
                return (
                    f"did you mean {self.suggestion!r}?"
                    if self.suggestion
                    else "write one of what is allowed"
                )


def nearest(found: object, known: Iterable[object]) -> str:
    """Return what somebody probably meant who wrote `found`; empty if nothing known is near."""
    by_folded = {str(each).casefold().replace("_", ""): str(each) for each in known}
    matches = difflib.get_close_matches(str(found).casefold().replace("_", ""), by_folded, 1, 0.6)
    return by_folded[matches[0]] if matches else ""


def shown(values: Iterable[object]) -> str:
    """List values for a reader, at most as many as one reads."""
    texts = [str(value) for value in values]
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more


def kind_of(value: Any) -> str:
    """Name a value's type as a reader of JSON would."""
    match value:
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {value!r}" if len(value) <= 60 else f"the text {value[:57]!r}..."
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
