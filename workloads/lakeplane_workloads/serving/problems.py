"""What the service says of a request that it refuses: status, code, path and a sentence.

A problem names places in the request, such as `dataframe_split.data[3][1]`, and never repeats what
stood there.
"""

from __future__ import annotations

from typing import NoReturn

__all__ = ["RequestProblemError", "refuse"]

_MLFLOW_CODES = {404: "ENDPOINT_NOT_FOUND", 500: "INTERNAL_ERROR", 503: "TEMPORARILY_UNAVAILABLE"}


class RequestProblemError(Exception):
    """Raised when a request is refused.

    Attributes:
        status: HTTP status.
        code: Stable identifier, `SCR<NNN>`; see the room's README.
        path: Where in the request; empty if it is about the request as a whole.
    """

    def __init__(self, status: int, code: str, message: str, path: str = "") -> None:
        self.status = status
        self.code = code
        self.path = path
        super().__init__(message)

    def to_dict(self) -> dict[str, str]:
        """Return the answer's body; `error_code` and `message` are what MLflow's own clients read."""
        return {
            "error_code": _MLFLOW_CODES.get(self.status, "BAD_REQUEST"),
            "code": self.code,
            "message": str(self),
            "path": self.path,
        }


def refuse(code: str, message: str, path: str = "") -> NoReturn:
    """Refuse a request as malformed (400)."""
    raise RequestProblemError(400, code, message, path)
