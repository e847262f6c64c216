"""The directory of the local target's backend, as a killed engine may leave it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

__all__ = ["backend_of", "drop_torn_attributes", "read_state", "state_files"]


def backend_of(environment: Mapping[str, str]) -> Path:
    """Return where the engine that runs with these variables keeps state, locks and history."""
    return Path(unquote(urlsplit(environment["PULUMI_BACKEND_URL"]).path)) / ".pulumi"


def drop_torn_attributes(backend: Path) -> None:
    """Remove empty attribute files.

    The engine replaces a state file at once, but writes the content type beside it in place: one that was
    killed in between leaves an empty file, which keeps the state from being read. None at all does not.
    """
    for path in backend.rglob("*.attrs"):
        with suppress(FileNotFoundError):
            if path.stat().st_size == 0:
                path.unlink()


def state_files(backend: Path, stack: str) -> list[Path]:
    """Return the files in which a file backend keeps a stack: one, or none of a stack that isn't there."""
    return list((backend / "stacks").rglob(f"{stack}.json"))


def read_state(backend: Path, stack: str) -> dict[str, Any] | None:
    """Read what a file backend has of a stack, as `pulumi stack export` would write it.

    Two processes of the CLI take a second for the same; what is not as expected is left to them.

    Args:
        backend: The backend's directory.
        stack: The stack.

    Returns:
        The deployment; None where there is no such file, or another shape in it.
    """
    try:
        (path,) = state_files(backend, stack)
        document = json.loads(path.read_text(encoding="utf-8"))
        return {"version": document["version"], "deployment": dict(document["checkpoint"]["latest"] or {})}
    except (OSError, ValueError, LookupError, TypeError):
        return None
