"""What the routes work on, and how they read requests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from lakeplane.local.deployed import Deployed
from lakeplane.local.places import CloudPlaces
from lakeplane.local.rest.errors import ApiError, invalid
from lakeplane.local.runs import RunService
from lakeplane.local.store import Store

__all__ = ["USER", "Workspace", "body_of", "integer", "page", "workspace_of"]

USER = "deployer@lakeplane.local"
"""Whom the token belongs to: the one administrator of the workspace."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The store and services behind the API."""

    store: Store
    places: CloudPlaces
    runs: RunService
    deployed: Deployed


def workspace_of(request: Request) -> Workspace:
    """Return the workspace that a request is for."""
    found: Workspace = request.app.state.workspace
    return found


async def body_of(request: Request) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        ApiError: The body is none.
    """
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(400, "MALFORMED_REQUEST", "Could not parse request object: expected a JSON object")
    return body


def integer(value: Any, name: str) -> int:
    """Read a number of a query or body.

    Raises:
        ApiError: It is missing or none.
    """
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid(f"Missing or wrong value for {name}: {value!r}, expected a number") from None


def page(request: Request, items: list[Any], *, most: int) -> tuple[list[Any], str | None]:
    """Return the part of a list that a request asks for, and the token of the next part."""
    query = request.query_params
    limit = integer(query.get("limit") or query.get("max_results") or most, "limit")
    if limit < 0:
        raise invalid(f"limit must not be negative: {limit}")
    start = integer(query.get("page_token") or query.get("offset") or 0, "page_token")
    end = start + (min(limit, most) or most)
    return items[start:end], str(end) if end < len(items) else None
