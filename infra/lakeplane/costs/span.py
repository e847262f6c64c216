"""Amounts that are not known exactly: the least, what is expected, and the most."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Factor", "Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """An amount from its least to its most; none is negative.

    Attributes:
        low: The least.
        expected: What is expected.
        high: The most.
    """

    low: float
    expected: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.expected <= self.high:
            raise ValueError(f"not in order: {self.low}, {self.expected}, {self.high}")

    @classmethod
    def of(cls, amount: float) -> Span:
        """Return an amount that is known exactly."""
        return cls(amount, amount, amount)

    @classmethod
    def within(cls, low: float, expected: float, high: float) -> Span:
        """Return an amount whose expectation is brought between its least and its most."""
        return cls(low, min(max(low, expected), high), high)

    def __mul__(self, other: Span) -> Span:
        return Span(self.low * other.low, self.expected * other.expected, self.high * other.high)

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.expected + other.expected, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a quantity, as people read it: `2 nodes (1 to 3)`.

    Attributes:
        amount: How much of it.
        unit: Of what, in the singular: `node`, `h`, `GB`.
    """

    amount: Span
    unit: str

    @classmethod
    def of(cls, amount: float, unit: str) -> Factor:
        """Return a factor that is known exactly."""
        return cls(Span.of(amount), unit)

    def __str__(self) -> str:
        amount = self.amount
        is_word = len(self.unit) > 2 and self.unit.replace(" ", "").isalpha() and self.unit[-1].islower()
        plural = "s" if is_word and amount.expected != 1 else ""
        text = f"{_shown(amount.expected)} {self.unit}{plural}"
        if amount.low == amount.high:
            return text
        return f"{text} ({_shown(amount.low)} to {_shown(amount.high)})"


def _shown(amount: float) -> str:
    return f"{amount:.6g}"
