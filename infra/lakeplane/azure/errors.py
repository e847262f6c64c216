"""What Azure answered instead of what was asked for."""

from __future__ import annotations

from typing import Any

__all__ = ["AzureError"]


class AzureError(Exception):
    """Raised when Azure refuses a request, or doesn't answer it.

    Attributes:
        status: HTTP status; 0 if there was no answer.
        code: Azure's own code, such as `AuthorizationFailed`; empty where none was sent along.
        message: What Azure said, or what kept it from answering.
        retry_after: Seconds after which Azure wants to be asked again; None if it didn't say.
    """

    def __init__(self, status: int, code: str, message: str, retry_after: float | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        super().__init__(f"{code or status or 'no answer'}: {message}")

    @classmethod
    def from_answer(cls, status: int, body: Any, retry_after: float | None = None) -> AzureError:
        """Read an error in the form of ARM, `{"error": {"code", "message"}}`, or of Databricks."""
        found = body if isinstance(body, dict) else {}
        nested = found.get("error")
        inner = nested if isinstance(nested, dict) else found
        code = inner.get("code") or found.get("error_code") or ""
        message = inner.get("message") or found.get("message") or f"HTTP status {status}"
        return cls(status, str(code), " ".join(str(message).split()), retry_after)

    @property
    def is_absent(self) -> bool:
        """Whether what was asked for isn't there."""
        return self.status == 404

    @property
    def is_refused(self) -> bool:
        """Whether the caller lacks the right, or isn't signed in."""
        return self.status in (401, 403)

    @property
    def as_provider_text(self) -> str:
        """The error in the words of azure-native, in which `lakeplane.waiting` looks for transient ones."""
        return f'Status={self.status} Code="{self.code}" Message="{self.message}"'
