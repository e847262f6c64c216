"""A part of a long command and what it took."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One finished part; `note` is the last thing that it said."""

    name: str
    seconds: float
    note: str = ""
