"""Errors as the workspace's API answers them."""

from __future__ import annotations

from starlette.responses import JSONResponse

__all__ = ["ApiError", "error_code", "error_response", "invalid", "not_found"]

_CODES = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    409: "RESOURCE_CONFLICT",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    501: "NOT_IMPLEMENTED",
    503: "TEMPORARILY_UNAVAILABLE",
}


class ApiError(Exception):
    """A refusal: HTTP status, the API's error code and its message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> ApiError:
    """Return the error for a wrong argument."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def not_found(message: str, code: str = "RESOURCE_DOES_NOT_EXIST") -> ApiError:
    """Return the error for something that is not there."""
    return ApiError(404, code, message)


def error_code(status: int) -> str:
    """Return the error code that goes with an HTTP status."""
    return _CODES.get(status, "UNKNOWN")


def error_response(status: int, code: str, message: str) -> JSONResponse:
    """Write an error as the API does."""
    return JSONResponse({"error_code": code, "message": message}, status)
