"""What is to be said of a judgement as a whole: exceptions, and what nobody could decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane_policies.catalogue import RULES_BY_CODE, rules_about
from lakeplane_policies.rule import Violation
from lakeplane_policies.settings import RuleException, Settings
from lakeplane_policies.stack import Stack

__all__ = ["Tally", "notices"]


@dataclass(slots=True)
class Tally:
    """Counts while resources are judged.

    Attributes:
        excepted: Violations that an exception covers, by its place in the settings.
        undecidable: Violations that hang on a value that nobody knows yet.
        types: Resource types that were met.
    """

    excepted: dict[int, set[tuple[str, str]]] = field(default_factory=dict)
    undecidable: set[tuple[str, str, str]] = field(default_factory=set)
    types: set[str] = field(default_factory=set)

    def see(self, stack: Stack) -> None:
        """Remember which types are there, which tells whether an exception could have matched."""
        self.types.update(one.type for one in stack.resources.values())

    def excepts(self, code: str, urn: str, violation: Violation, settings: Settings) -> bool:
        """Tell whether a valid exception covers a violation, and count it either way."""
        place = str(violation.path)
        for index, exception in enumerate(settings.exceptions):
            if exception.until >= settings.today and exception.covers(code, urn):
                self.excepted.setdefault(index, set()).add((urn, place))
                return True
        if violation.undecidable:
            self.undecidable.add((code, urn, place))
        return False


def notices(tally: Tally, settings: Settings) -> Iterator[Diagnostic]:
    """Tell of exceptions that are wrong, over or without effect, and count those that hold.

    Nothing is said of an exception whose rule is about no type that was met: its resource may stand in
    another stack.
    """
    for index, exception in enumerate(settings.exceptions):
        yield from _wrong(index, exception, tally, settings)
    if tally.excepted:
        count = sum(len(each) for each in tally.excepted.values())
        yield Diagnostic(
            code="POL004",
            summary=f"findings that exceptions cover: {count}",
            severity=Severity.NOTE,
            detail="; ".join(
                f"{one.rule} on {one.resource} until {one.until.isoformat()} ({one.owner}: {one.reason})"
                for index, one in enumerate(settings.exceptions)
                if index in tally.excepted
            ),
            path=("exceptions",),
        )
    if tally.undecidable:
        yield Diagnostic(
            code="POL005",
            summary=f"findings that nobody can decide before the update: {len(tally.undecidable)}",
            severity=Severity.NOTE,
            detail="rules " + ", ".join(sorted({code for code, _, _ in tally.undecidable})),
            remedy="give the values in the program, or let the rule be judged again during the update",
        )


def _wrong(index: int, exception: RuleException, tally: Tally, settings: Settings) -> Iterator[Diagnostic]:
    rule = RULES_BY_CODE.get(exception.rule)
    if rule is None:
        yield Diagnostic(
            code="POL001",
            summary="exception to a rule that doesn't exist",
            detail=f"found {exception.rule!r}; allowed: the codes that `lakeplane policy rules` lists",
            remedy="name a rule's code, or remove the exception",
            path=("exceptions", index, "rule"),
        )
    elif exception.until < settings.today:
        yield Diagnostic(
            code="POL002",
            summary="exception is over",
            severity=Severity.ERROR if settings.tier == "prod" else Severity.WARNING,
            detail=f"{exception.rule} on {exception.resource} ended on {exception.until.isoformat()}; "
            f"owner: {exception.owner}",
            remedy="put right what it covered and remove it, or give a later day with the reason for it",
            path=("exceptions", index, "until"),
        )
    elif index not in tally.excepted and any(rule in rules_about(one) for one in tally.types):
        yield Diagnostic(
            code="POL003",
            summary="exception covers nothing",
            severity=Severity.WARNING,
            detail=f"nothing named {exception.resource!r} breaks {exception.rule}",
            remedy="correct the resource's name, or remove the exception",
            path=("exceptions", index, "resource"),
        )
