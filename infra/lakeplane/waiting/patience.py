"""How long and how often something is tried again, and how the user is told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lakeplane.waiting.transient_errors import TransientError

__all__ = ["GAVE_UP", "WAITS", "Patience", "Waiting"]

# The engine's driver finds these beginnings again in what the program logs.
WAITS = "waiting for "
GAVE_UP = "gave up waiting for "


@dataclass(frozen=True, slots=True)
class Waiting:
    """One decision about a failed operation.

    Attributes:
        retries: Whether it is tried again; if not, the deadline has passed.
        seconds: How long to wait before that.
        text: What the user is told.
    """

    retries: bool
    seconds: float
    text: str


@dataclass(slots=True)
class Patience:
    """Decides about transient errors: pauses that grow, until a deadline for each resource.

    Attributes:
        first: Seconds before the second attempt; each further pause is half as long again.
        longest: The longest pause, in seconds.
        deadline: Seconds after which every error is a lasting one; each error's own if None.
        clock: Tells seconds from some fixed point.
    """

    first: float = 5.0
    longest: float = 30.0
    deadline: float | None = None
    clock: Callable[[], float] = time.monotonic
    _begun: dict[str, tuple[float, int]] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Patience:
        """Read `LAKEPLANE_RETRY_PAUSE` and `LAKEPLANE_RETRY_DEADLINE`, both in seconds."""
        first = _seconds(variables.get("LAKEPLANE_RETRY_PAUSE"))
        patience = cls(deadline=_seconds(variables.get("LAKEPLANE_RETRY_DEADLINE")))
        if first is not None:
            patience.first, patience.longest = first, max(first, min(patience.longest, first * 6))
        return patience

    def consider(self, error: TransientError, key: str, name: str) -> Waiting:
        """Decide what to do about an error that just occurred.

        Args:
            error: Which one.
            key: What it happened to, such as a URN and an operation; deadlines run for each.
            name: What the user calls that.
        """
        now = self.clock()
        begun, attempts = self._begun.get(key, (now, 1))
        limit = error.seconds if self.deadline is None else self.deadline
        waited = now - begun
        if waited >= limit:
            self._begun.pop(key, None)
            tries = f"{attempts} attempts" if attempts > 1 else "1 attempt"
            return Waiting(False, 0.0, f"{GAVE_UP}{error.name} on {name}, after {waited:.0f} s, {tries}")
        self._begun[key] = (begun, attempts + 1)
        pause = min(self.first * 1.5 ** (attempts - 1), self.longest, max(limit - waited, 0.0))
        text = f"{WAITS}{error.name} on {name}, attempt {attempts + 1} in {pause:.3g} s"
        return Waiting(True, pause, text)


def _seconds(text: str | None) -> float | None:
    """Read a number of seconds; what is none counts as not given, so that a slip stops nobody."""
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is None or value >= 0 else None
