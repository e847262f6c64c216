"""Runs an operation of the engine again while all that failed is on the list of transient errors.

The program's error hooks retry what the engine creates, updates and deletes for it. This is for the rest:
checks, reads and functions, which have no hooks, and deletions by `destroy`, which runs no program.
"""

from __future__ import annotations

from collections.abc import Sequence

from lakeplane.engine.failures import EngineMessage, is_echo
from lakeplane.waiting import Patience, Waiting, find_transient

__all__ = ["consider_failure"]


def consider_failure(patience: Patience, operation: str, messages: Sequence[EngineMessage]) -> list[Waiting]:
    """Decide about a failed operation; without decisions it has failed for good.

    Returns:
        One decision for each failure, or none if one of them is a lasting error.
    """
    failures = [message for message in messages if not is_echo(message)]
    decisions: list[Waiting] = []
    for message in failures:
        error = find_transient(message.text, message.type, operation)
        if error is None:
            return []
        decisions.append(patience.consider(error, f"{operation} {message.urn}", message.name))
    return decisions
