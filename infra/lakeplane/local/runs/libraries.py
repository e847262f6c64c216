"""Libraries of a job's clusters: wheels from volumes, packages of this environment."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from lakeplane.diagnostics import Diagnostic
from lakeplane.local.places import CloudPlaces

__all__ = ["check_libraries", "unpack_wheels"]

_MOST_BYTES = 500 * 1024 * 1024
"""What a wheel may unpack to: enough for any workload, too little to fill a disk."""


def check_libraries(libraries: Iterable[Mapping[str, Any]], places: CloudPlaces) -> list[Diagnostic]:
    """Return every reason why a cluster of this machine lacks some of `libraries`."""
    findings: list[Diagnostic] = []
    for library in libraries:
        if "whl" in library:
            findings += _check_wheel(str(library["whl"]), places)
        elif "pypi" in library:
            findings += _check_package(str(library["pypi"].get("package", "")))
        else:
            findings.append(
                Diagnostic(
                    code="LOC020",
                    summary=f"libraries of kind {', '.join(library) or '(none)'} are not simulated",
                    remedy="use whl or pypi, or run the job on Azure",
                )
            )
    return findings


def unpack_wheels(libraries: Iterable[Mapping[str, Any]], places: CloudPlaces) -> list[Path]:
    """Unpack the wheels among `libraries`, each once for its content, and return their directories.

    Raises:
        ValueError: An archive holds a name that leaves its directory, or unpacks to too much.
    """
    directories: list[Path] = []
    for library in libraries:
        if "whl" in library:
            path = places.volume_path(str(library["whl"]))
            assert path is not None
            directory = _unpacked(path, places.libraries)
            if directory not in directories:
                directories.append(directory)
    return directories


def _check_wheel(name: str, places: CloudPlaces) -> list[Diagnostic]:
    path = places.volume_path(name)
    if path is not None and path.is_file() and zipfile.is_zipfile(path):
        return []
    return [
        Diagnostic(
            code="LOC021",
            summary=f"library {name} cannot be installed",
            detail="it is no path of a volume" if path is None else "no wheel lies there",
            remedy="deploy the environment again, so that the wheel is uploaded",
        )
    ]


def _check_package(requirement: str) -> list[Diagnostic]:
    name, _, version = requirement.partition("==")
    name = name.split("[")[0].strip()
    try:
        installed = metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        installed = None
    if installed is not None and (not version or installed == version.strip()):
        return []
    return [
        Diagnostic(
            code="LOC022",
            summary=f"library {requirement} is not in this environment",
            detail=f"installed: {installed or 'nothing'}; clusters here share lakeplane's own packages",
            remedy=f"install {requirement} beside lakeplane",
        )
    ]


def _unpacked(wheel: Path, root: Path) -> Path:
    target = root / hashlib.sha256(wheel.read_bytes()).hexdigest()
    if target.is_dir():
        return target
    root.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=root))
    try:
        with zipfile.ZipFile(wheel) as archive:
            _check_archive(archive, work)
            archive.extractall(work)
        # Whole or not at all; where another run was first, its directory holds the same.
        try:
            work.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def _check_archive(archive: zipfile.ZipFile, directory: Path) -> None:
    if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
        raise ValueError(f"{archive.filename} unpacks to more than {_MOST_BYTES} bytes")
    root = os.path.realpath(directory)
    for entry in archive.infolist():
        inside = os.path.realpath(os.path.join(root, entry.filename))  # noqa: PTH118 - names may be absolute
        if not inside.startswith(root + os.sep) or stat.S_ISLNK(entry.external_attr >> 16):
            raise ValueError(f"{archive.filename} holds the unsafe name {entry.filename!r}")
