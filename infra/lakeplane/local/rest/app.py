"""The application: who may call, which routes there are, how errors look."""

from __future__ import annotations

import hmac
import logging

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lakeplane.local.deployed import Deployed
from lakeplane.local.faults import Faults
from lakeplane.local.places import CloudPlaces
from lakeplane.local.rest import compute, files, identity, job_runs, jobs, unity_catalog
from lakeplane.local.rest.errors import ApiError, error_code, error_response
from lakeplane.local.rest.workspace import Workspace
from lakeplane.local.runs import RunService
from lakeplane.local.store import Store

__all__ = ["create_app"]

_LOG = logging.getLogger(__name__)
_HOST = {"oidc_endpoint": "", "workspace_id": "1", "cloud": "Azure"}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_app(*, store: Store, places: CloudPlaces, token: str, runs: RunService) -> Starlette:
    """Build the workspace's REST API.

    Args:
        store: Memory of the simulated cloud, which its providers fill.
        places: Files of the environment.
        token: The one bearer token that is let in.
        runs: Executes the jobs; the caller stops it when the server ends.
    """
    app = Starlette(
        routes=[
            *jobs.ROUTES,
            *job_runs.ROUTES,
            *compute.ROUTES,
            *unity_catalog.ROUTES,
            *files.ROUTES,
            *identity.ROUTES,
            Route("/{path:path}", _not_simulated, methods=_METHODS),
        ],
        middleware=[Middleware(_Gate, token=token, faults=Faults(store))],
        exception_handlers={ApiError: _refused, Exception: _crashed},
    )
    app.state.workspace = Workspace(store, places, runs, Deployed(store, places))
    return app


class _Gate(BaseHTTPMiddleware):
    """Lets in who has the token, and lets planned failures strike."""

    def __init__(self, app: ASGIApp, token: str, faults: Faults) -> None:
        super().__init__(app)
        self._expected = f"Bearer {token}".encode()
        self._faults = faults

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        path = request.url.path
        if path == "/.well-known/databricks-config":
            return JSONResponse(_HOST)  # clients ask before they sign in
        given = request.headers.get("authorization", "").encode()
        if not given:
            message = "Credential was not sent or was of an unsupported type for this API."
            return error_response(401, "UNAUTHENTICATED", message)
        if not hmac.compare_digest(given, self._expected):
            return error_response(403, "PERMISSION_DENIED", "Invalid access token.")
        fault = self._faults.strike("rest", path, request.method)
        if fault is not None:
            return error_response(fault.status, error_code(fault.status), fault.message)
        return await call_next(request)


async def _not_simulated(request: Request) -> Response:
    return error_response(
        501,
        "NOT_IMPLEMENTED",
        f"{request.method} {request.url.path} is not simulated; it works on a workspace in Azure only",
    )


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(error.status, error.code, error.message)


async def _crashed(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return error_response(500, "INTERNAL_ERROR", f"{type(error).__name__}: {error}")
