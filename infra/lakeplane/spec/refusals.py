"""The error with which a model refuses a value, so that it becomes a finding with code and remedy."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

__all__ = ["finding"]


def finding(
    code: str, summary: str, *, allowed: str = "", remedy: str = "", at: str = ""
) -> PydanticCustomError:
    """Make the error that becomes a finding.

    Args:
        code: Code of the finding, such as `SPC031`.
        summary: What is wrong.
        allowed: What would be right.
        remedy: What the user should do.
        at: Key below the refused value that the finding is really about, if it is about one.
    """
    # pydantic fills {braces} of a message from the context, so the texts travel in the context alone.
    return PydanticCustomError(
        code,
        "{summary}",
        {"summary": summary, "allowed": allowed, "remedy": remedy, "at": at},
    )
