"""A cache of things that take long to bring or build: made once, and checked on every use."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

__all__ = ["Progress", "built_once", "exclusive", "is_intact", "quiet"]

Progress = Callable[[str], None]
"""Takes one sentence that says what is going on, for people."""

MANIFEST = "manifest.json"


def quiet(_: str) -> None:
    """Take progress and say nothing."""


def built_once(target: Path, build: Callable[[Path], None], progress: Progress = quiet) -> Path:
    """Return `target`, a directory that `build` fills if it is not there whole.

    Two processes that ask at once get one build: the second waits. A build goes to a directory beside the
    target and takes its place by one rename, so that a killed build leaves nothing half done. The manifest
    beside the files keeps a SHA-256 of each; a directory that differs from it is built again.

    Args:
        target: Directory to return; its name should carry the version of what is in it.
        build: Fills the empty directory that it is given.
        progress: Told when another build is waited for and when a damaged directory is rebuilt.

    Raises:
        SetupError: The cache cannot be written.
    """
    if is_intact(target):
        return target
    try:
        with exclusive(target.with_name(f"{target.name}.lock"), progress):
            if is_intact(target):
                return target
            if target.exists():
                progress(f"{target} is damaged; it is made again")
            _sweep(target)
            beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
            try:
                build(beside)
                _seal(beside)
                _replace(target, beside)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise SetupError(
            Diagnostic(
                code="SET012",
                summary="the cache cannot be written",
                detail=f"{error.strerror or error}: {error.filename or target}",
                remedy="free space there, or name a writable directory in LAKEPLANE_CACHE",
            )
        ) from error
    return target


def is_intact(directory: Path) -> bool:
    """Tell whether a directory made by `built_once` holds exactly the bytes that it was made with."""
    try:
        manifest: dict[str, str] = json.loads((directory / MANIFEST).read_text())
        return bool(manifest) and all(_digest(directory / name) == sha for name, sha in manifest.items())
    except (OSError, ValueError, AttributeError):
        return False


@contextlib.contextmanager
def exclusive(lock: Path, progress: Progress = quiet) -> Iterator[None]:
    """Hold a lock file between processes; the system releases it when its holder dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"another run is making {lock.with_suffix('')}; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _seal(directory: Path) -> None:
    """Write the manifest, and all files through to the disk."""
    manifest: dict[str, str] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            manifest[str(path.relative_to(directory))] = _digest(path)
            _flush(path)
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=1))
    _flush(directory / MANIFEST)
    directory.chmod(0o755)


def _replace(target: Path, beside: Path) -> None:
    """Put the new directory in the target's place, which must be free: directories cannot be replaced."""
    shutil.rmtree(target, ignore_errors=True)
    beside.rename(target)
    _flush(target.parent)


def _sweep(target: Path) -> None:
    """Remove what killed builds of the same target left; the lock is held, so none is running."""
    for leftover in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
