"""Planned failures: calls that would succeed are answered with an error of the real service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from lakeplane.local.store import Store

__all__ = ["Fault", "Faults"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A planned failure.

    Attributes:
        surface: `provider` for the engine's operations, `rest` for the workspace's API.
        subject: Type token of the resource, or the route's path; `*` for any.
        operation: `create`, `update`, `delete`, `read`, `check`, `invoke`, or the HTTP method; `*` for any.
        status: HTTP status that the real service would answer with, such as 404, 409, 429 or 500.
        message: The service's message.
        code: The service's error code; empty for services that send none.
        times: How many calls fail; 0 for every one.
    """

    surface: str
    subject: str
    operation: str
    status: int
    message: str
    code: str = "PlannedFault"
    times: int = 1


class Faults:
    """The table of planned failures; the oldest strikes first, as often as it was planned."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def plan(self, fault: Fault) -> None:
        """Let the next matching call fail."""
        self.store.insert(
            "INSERT INTO faults (surface, subject, operation, status, message, code, times, planned) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                fault.surface,
                fault.subject,
                fault.operation,
                fault.status,
                fault.message,
                fault.code,
                fault.times,
                time.time(),
            ),
        )

    def strike(self, surface: str, subject: str, operation: str) -> Fault | None:
        """Return the failure planned for a call and count it; None if the call may go on."""
        with self.store.transaction():
            rows = self.store.query(
                "SELECT * FROM faults WHERE (times = 0 OR strikes < times) AND surface = ? "
                "AND subject IN (?, '*') AND operation IN (?, '*') ORDER BY number LIMIT 1",
                (surface, subject, operation),
            )
            if not rows:
                return None
            row = rows[0]
            self.store.execute(
                "UPDATE faults SET struck = ?, strikes = strikes + 1 WHERE number = ?",
                (time.time(), row["number"]),
            )
        return _fault(row)

    def waiting(self) -> list[Fault]:
        """Return the planned failures that no call has met yet, oldest first."""
        return [
            _fault(row) for row in self.store.query("SELECT * FROM faults WHERE strikes = 0 ORDER BY number")
        ]


def _fault(row: Any) -> Fault:
    return Fault(
        row["surface"],
        row["subject"],
        row["operation"],
        row["status"],
        row["message"],
        row["code"],
        row["times"],
    )
