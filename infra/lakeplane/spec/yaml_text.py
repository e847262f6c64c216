"""Files of YAML as text: read, limited in size, and decoded, or refused with a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakeplane.diagnostics import Diagnostic, Location
from lakeplane.errors import SpecError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["place_after", "read_text"]

_MAX_BYTES = 256 * 1024


def read_text(path: Path, what: str) -> str:
    """Read a file of at most 256 KiB in UTF-8; a byte order mark is dropped.

    Args:
        path: The file; findings show it as given.
        what: What the file is meant to be, for the findings' wording.

    Raises:
        SpecError: The file cannot be read, is too large, or is not UTF-8.
    """
    return _decode(_read(path, what), str(path))


def place_after(before: str, file: str) -> Location:
    """Return the place of the character that follows a text."""
    lines = before.split("\n")
    return Location(file, len(lines), len(lines[-1]) + 1)


def _read(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SpecError(
            Diagnostic(
                code="SPC001",
                summary=f"{what} cannot be read",
                detail=f"{path}: {reason.lower()}",
                remedy="give the path of a YAML file that you may read, such as environments/local.yaml",
            )
        ) from None
    if len(content) > _MAX_BYTES:
        limit = f"{_MAX_BYTES // 1024} KiB"
        raise SpecError(
            Diagnostic(
                code="SPC006",
                summary=f"{what} is too large",
                detail=f"found more than {limit}; allowed: {limit}",
                remedy="check that this is the right file",
                location=Location(str(path), 1, 1),
            )
        )
    return content


def _decode(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec that drops the byte order mark counts from behind it.
        wrong = error.object[error.start]
        before = error.object[: error.start].decode("utf-8", errors="replace")
        raise SpecError(
            Diagnostic(
                code="SPC002",
                summary="not text in UTF-8",
                detail=f"found byte 0x{wrong:02x}",
                remedy="save the file as UTF-8",
                location=place_after(before, file),
            )
        ) from None
