"""Planned failures: a call that would succeed is answered once with an error of the real service."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lakeplane.local.store import Store

__all__ = ["Fault", "Faults"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned failure.

    Attributes:
        surface: `provider` for the engine's operations, `rest` for the workspace's API.
        subject: Type token of the resource, or the route's path; `*` for any.
        operation: `create`, `update`, `delete`, `read`, `check`, `invoke`, or the HTTP method; `*` for any.
        status: HTTP status that the real service would answer with, such as 404, 409, 429 or 500.
        message: The service's message.
    """

    surface: str
    subject: str
    operation: str
    status: int
    message: str


class Faults:
    """The table of planned failures; each strikes once, the oldest first."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def plan(self, fault: Fault) -> None:
        """Let the next matching call fail."""
        self.store.insert(
            "INSERT INTO faults (surface, subject, operation, status, message, planned) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (fault.surface, fault.subject, fault.operation, fault.status, fault.message, time.time()),
        )

    def strike(self, surface: str, subject: str, operation: str) -> Fault | None:
        """Return the failure planned for a call and use it up; None if the call may go on."""
        with self.store.transaction():
            rows = self.store.query(
                "SELECT * FROM faults WHERE struck IS NULL AND surface = ? AND subject IN (?, '*') "
                "AND operation IN (?, '*') ORDER BY number LIMIT 1",
                (surface, subject, operation),
            )
            if not rows:
                return None
            row = rows[0]
            self.store.execute("UPDATE faults SET struck = ? WHERE number = ?", (time.time(), row["number"]))
        return Fault(row["surface"], row["subject"], row["operation"], row["status"], row["message"])
