"""The workloads' wheel, built from their sources: the same sources always give the same file."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.layout import ProjectLayout

__all__ = ["ensure_wheel"]

# Zip files know no time before 1980; one fixed time makes the wheel's bytes depend on its sources alone.
_BUILD_TIME = "315532800"
_LEFT_OUT = frozenset({"__pycache__", ".venv", "dist", "build"})


def ensure_wheel(layout: ProjectLayout) -> Path:
    """Return the wheel of the project's `workloads/`, built if its sources have changed.

    Two runs may build at once: each builds aside and moves the finished wheel into place.

    Raises:
        SetupError: There are no sources, or the build fails.
    """
    source = layout.root / "workloads"
    if not (source / "pyproject.toml").is_file():
        raise SetupError(
            Diagnostic(
                code="WHL001",
                summary="no sources of the workloads",
                detail=f"no pyproject.toml in {source}",
                remedy="name a built wheel with the configuration lakeplane:wheel, or bring the sources",
            )
        )
    target = layout.wheels / _content_hash(source)
    built = _wheel_in(target)
    if built is not None:
        return built
    layout.wheels.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=layout.wheels, prefix=".building-") as aside:
        _build(source, Path(aside))
        try:
            Path(aside).rename(target)
        except OSError:
            # Another run was faster; its wheel has the same content.
            if _wheel_in(target) is None:
                raise
        else:
            # The directory is gone from where it was made; leave an empty one to be cleaned up.
            Path(aside).mkdir()
    wheel = _wheel_in(target)
    assert wheel is not None
    return wheel


def _content_hash(source: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_source_files(source)):
        relative = path.relative_to(source).as_posix()
        digest.update(f"{relative}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _source_files(source: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(source):
        names[:] = [name for name in names if name not in _LEFT_OUT and not name.endswith(".egg-info")]
        for file in files:
            if not file.endswith((".pyc", ".pyo")):
                yield Path(directory) / file


def _wheel_in(directory: Path) -> Path | None:
    return next(iter(sorted(directory.glob("*.whl"))), None)


def _build(source: Path, target: Path) -> None:
    # A process of its own: the builder changes directories and reads the environment.
    finished = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": _BUILD_TIME},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0 or _wheel_in(target) is None:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(exist_ok=True)
        raise SetupError(
            Diagnostic(
                code="WHL002",
                summary="the workloads' wheel cannot be built",
                detail=finished.stderr.strip()[-2000:] or "the builder made no wheel",
                remedy="correct workloads/pyproject.toml",
            )
        )
