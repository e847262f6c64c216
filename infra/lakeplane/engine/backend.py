"""The directory of the local target's backend, as a killed engine may leave it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["backend_of", "drop_torn_attributes"]


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
