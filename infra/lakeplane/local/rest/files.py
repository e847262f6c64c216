"""Files API: what lies in volumes."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from lakeplane.local.rest.errors import ApiError, invalid, not_found
from lakeplane.local.rest.workspace import page, workspace_of

__all__ = ["ROUTES"]


def get_file(request: Request) -> Response:
    """Send a file, or its size and time to HEAD."""
    path = _path(request)
    if not path.is_file():
        raise _missing("file", request)
    return FileResponse(path, media_type="application/octet-stream")


async def put_file(request: Request) -> Response:
    """Write a file, whole or not at all."""
    path = _path(request)
    overwrite = request.query_params.get("overwrite") == "true"
    if path.is_dir() or (path.exists() and not overwrite):
        raise ApiError(409, "ALREADY_EXISTS", f"The file being created already exists: {_name(request)}")
    await run_in_threadpool(path.parent.mkdir, parents=True, exist_ok=True)
    descriptor, work = tempfile.mkstemp(prefix=".upload-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as target:
            async for chunk in request.stream():
                await run_in_threadpool(target.write, chunk)
        Path(work).chmod(0o644)
        await run_in_threadpool(Path(work).replace, path)
    except BaseException:
        Path(work).unlink(missing_ok=True)
        raise
    return Response(status_code=204)


def delete_file(request: Request) -> Response:
    """Remove a file."""
    path = _path(request)
    if not path.is_file():
        raise _missing("file", request)
    path.unlink()
    return Response(status_code=204)


def list_directory(request: Request) -> Response:
    """List a directory."""
    path = _path(request)
    if not path.is_dir():
        raise _missing("directory", request)
    name = _name(request)
    entries = []
    for entry in sorted(path.iterdir()):
        status = entry.stat()
        found = {
            "path": f"{name}/{entry.name}",
            "name": entry.name,
            "is_directory": entry.is_dir(),
            "last_modified": round(status.st_mtime * 1000),
        }
        entries.append(found if entry.is_dir() else found | {"file_size": status.st_size})
    shown, following = page(request, entries, most=1000)
    return JSONResponse({"contents": shown} | ({"next_page_token": following} if following else {}))


def head_directory(request: Request) -> Response:
    """Tell whether a directory exists."""
    path = _path(request)
    if not path.is_dir():
        raise _missing("directory", request)
    modified = format_datetime(datetime.fromtimestamp(path.stat().st_mtime, tz=UTC), usegmt=True)
    return Response(headers={"last-modified": modified})


def put_directory(request: Request) -> Response:
    """Make a directory and those above it."""
    path = _path(request)
    if path.exists() and not path.is_dir():
        raise ApiError(409, "ALREADY_EXISTS", f"A file is in the way of the directory: {_name(request)}")
    path.mkdir(parents=True, exist_ok=True)
    return Response(status_code=204)


def delete_directory(request: Request) -> Response:
    """Remove an empty directory."""
    path = _path(request)
    if not path.is_dir():
        raise _missing("directory", request)
    if any(path.iterdir()):
        raise ApiError(400, "DIRECTORY_NOT_EMPTY", f"The directory is not empty: {_name(request)}")
    path.rmdir()
    return Response(status_code=204)


def _name(request: Request) -> str:
    return "/" + str(request.path_params["path"]).strip("/")


def _path(request: Request) -> Path:
    """Return the path of this machine that a request names.

    Raises:
        ApiError: It is in no volume that exists.
    """
    places, name = workspace_of(request).places, _name(request)
    path = places.volume_path(name)
    if path is None:
        raise invalid(f"Invalid path: {name}; expected /Volumes/<catalog>/<schema>/<volume>/…")
    volume = places.volumes.joinpath(*Path(name).parts[2:5])
    if not volume.is_dir():
        raise not_found(f"Volume '{'.'.join(Path(name).parts[2:5])}' does not exist.", "NOT_FOUND")
    # A link inside a volume must not lead out of it.
    if not path.resolve().is_relative_to(volume.resolve()):
        raise invalid(f"Invalid path: {name} leaves its volume")
    return path


def _missing(what: str, request: Request) -> ApiError:
    return not_found(f"The {what} being accessed is not found: {_name(request)}", "NOT_FOUND")


ROUTES = [
    Route("/api/2.0/fs/files/{path:path}", get_file, methods=["GET", "HEAD"]),
    Route("/api/2.0/fs/files/{path:path}", put_file, methods=["PUT"]),
    Route("/api/2.0/fs/files/{path:path}", delete_file, methods=["DELETE"]),
    Route("/api/2.0/fs/directories/{path:path}", head_directory, methods=["HEAD"]),
    Route("/api/2.0/fs/directories/{path:path}", list_directory, methods=["GET"]),
    Route("/api/2.0/fs/directories/{path:path}", put_directory, methods=["PUT"]),
    Route("/api/2.0/fs/directories/{path:path}", delete_directory, methods=["DELETE"]),
]
