"""What any builder of an image is given: a Dockerfile, locked packages, and our own part above them."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.image.sources import fingerprint_of, project_files, require_known
from lakeplane.layout import ProjectLayout
from lakeplane.wheel import ensure_wheel

__all__ = ["RUNNER", "SCORING", "ImageName", "lay_out_context", "lay_out_runner"]

RUNNER = "lakeplane/runner"
"""Path of the runner's image in a registry."""

SCORING = "lakeplane/scoring-service"
"""Path of the scoring service's image in a registry."""

_DOCKERFILE = Path("lakeplane_workloads", "serving", "Dockerfile")
_LOCK = "requirements-serving.lock"
_RUNNER_LOCK = "requirements-runner.lock"
_PROJECT = "project.tar"
_OURS = frozenset({"Dockerfile", _LOCK, _RUNNER_LOCK, _PROJECT})


@dataclass(frozen=True, slots=True)
class ImageName:
    """Where an image goes.

    Attributes:
        registry: Host of the registry, such as `crcontoso.azurecr.io`.
        tag: Tag, made of what the image is built from; the same sources have the same one.
        repository: Path of the image in the registry.
    """

    registry: str
    tag: str
    repository: str = SCORING

    @property
    def tagged(self) -> str:
        """The image by its tag, which a builder pushes to."""
        return f"{self.registry}/{self.repository}:{self.tag}"

    def by_digest(self, digest: str) -> str:
        """The image by its digest, which specs name."""
        return f"{self.registry}/{self.repository}@{digest}"


def lay_out_context(project: ProjectLayout, directory: Path) -> str:
    """Write the build context of the scoring service into an empty or new directory.

    Args:
        project: The project whose `workloads/` is packed.
        directory: Where to; its own earlier content is replaced.

    Returns:
        A tag made of what the image is built from.

    Raises:
        SetupError: The workloads' sources lack a part of the image, the wheel cannot be built, or the
            directory holds something else.
    """
    sources = project.root / "workloads"
    wheel = ensure_wheel(project)
    files = {"Dockerfile": sources / _DOCKERFILE, _LOCK: sources / _LOCK, wheel.name: wheel}
    _require(files)
    _clear(directory)
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        shutil.copyfile(path, directory / name)
        digest.update(f"{name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def lay_out_runner(project: ProjectLayout, directory: Path) -> str:
    """Write the build context of the hub's runner into an empty or new directory.

    Args:
        project: The project that goes into the image, its specs and stack settings with it.
        directory: Where to; its own earlier content is replaced.

    Returns:
        A tag made of what a deployment from the image is made of, and of how the image is built.

    Raises:
        SetupError: The project lacks a part of the image or has files that git does not know, or the
            directory holds something else.
    """
    require_known(project)
    files = project_files(project)
    needed = ("Pulumi.yaml", "pyproject.toml", _RUNNER_LOCK, "README.md", "workloads/pyproject.toml")
    _require(
        {name: project.root / name for name in (*needed, "infra/lakeplane/__init__.py", "stacks/__main__.py")}
    )
    _clear(directory)
    with resources.as_file(resources.files("lakeplane.image") / "runner.Dockerfile") as recipe:
        shutil.copyfile(recipe, directory / "Dockerfile")
        made = recipe.read_bytes()
    shutil.copyfile(project.root / _RUNNER_LOCK, directory / _RUNNER_LOCK)
    _pack(files, directory / _PROJECT)
    return hashlib.sha256(fingerprint_of(project).encode() + made).hexdigest()[:12]


def _pack(files: Mapping[str, Path], archive: Path) -> None:
    """Write files into an archive whose bytes depend on their names, modes and content alone."""
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as packed:
        for name, path in files.items():
            content = path.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            packed.addfile(entry, io.BytesIO(content))


def _require(files: Mapping[str, Path]) -> None:
    missing = [str(path) for path in files.values() if not path.is_file()]
    if missing:
        raise SetupError(
            Diagnostic(
                code="IMG001",
                summary="the image lacks a part of what it is built from",
                detail=f"no {' and no '.join(missing)}",
                remedy="bring the file from lakeplane's repository; `make lock` writes the lock",
            )
        )


def _clear(directory: Path) -> None:
    """Make an empty directory, and refuse to clear one that holds more than an earlier context."""
    if directory.exists() and not directory.is_dir():
        foreign = [directory]
    else:
        foreign = [
            path
            for path in (directory.iterdir() if directory.exists() else ())
            if not path.is_file() or (path.name not in _OURS and path.suffix != ".whl")
        ]
    if foreign:
        raise SetupError(
            Diagnostic(
                code="IMG002",
                summary="the directory holds something else than an image's parts",
                detail=f"found {', '.join(sorted(str(path) for path in foreign))}",
                remedy="name an empty directory, or one that is not there yet",
            )
        )
    directory.mkdir(parents=True, exist_ok=True)
    for path in directory.iterdir():
        path.unlink()
