"""What a question to Azure came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lakeplane.azure.errors import AzureError

__all__ = ["Result", "State", "fails", "not_checked"]


class State(StrEnum):
    """What is known of a need: met, short of its most, missing, not known, or not to be asked at all.

    A warning is a question that got no answer, about something that the program itself never touches.
    """

    OK = "ok"
    SHORT = "short"
    MISSING = "missing"
    NOT_CHECKED = "not checked"
    WARNING = "warning"
    UNASKED = "unasked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of a preflight.

    Attributes:
        code: Stable identifier, `PRF` and a number, for whatever isn't met; also of what is, for scripts.
        area: What it belongs to, such as `quota`.
        subject: What was asked about.
        state: What is known. A need that couldn't be asked about is never met.
        found: What was found, in a few words.
        remedy: What to do; empty where there is nothing to do.
    """

    code: str
    area: str
    subject: str
    state: State
    found: str
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain data for JSON."""
        return {
            "code": self.code,
            "area": self.area,
            "subject": self.subject,
            "state": self.state.value,
            "found": self.found,
            "remedy": self.remedy or None,
        }


def fails(results: Iterable[Result]) -> bool:
    """Tell whether an `up` would fail, or whether nobody knows: what is unknown is no pass."""
    return any(result.state in (State.MISSING, State.NOT_CHECKED) for result in results)


def not_checked(area: str, subject: str, error: AzureError) -> Result:
    """Say that a question got no answer.

    Args:
        area: What it belongs to.
        subject: What was asked about.
        error: What came instead.
    """
    if error.status == 429:
        wait = f" after {error.retry_after:.0f} s" if error.retry_after is not None else " later"
        remedy = f"run the same command again{wait}: Azure limits how often a subscription is asked"
    elif error.is_refused:
        remedy = "ask as somebody with the role Reader on the scope named here"
    else:
        remedy = "check the network between here and Azure, then run the same command again"
    return Result(
        code="PRF001",
        area=area,
        subject=subject,
        state=State.NOT_CHECKED,
        found=str(error),
        remedy=remedy,
    )
