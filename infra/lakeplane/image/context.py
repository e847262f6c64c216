"""What any builder of the image is given: the Dockerfile, the wheel and the locked packages under it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.layout import ProjectLayout
from lakeplane.wheel import ensure_wheel

__all__ = ["ImageName", "lay_out_context"]

_DOCKERFILE = Path("lakeplane_workloads", "serving", "Dockerfile")
_LOCK = "requirements-serving.lock"


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
    repository: str = "lakeplane/scoring-service"

    @property
    def tagged(self) -> str:
        """The image by its tag, which a builder pushes to."""
        return f"{self.registry}/{self.repository}:{self.tag}"

    def by_digest(self, digest: str) -> str:
        """The image by its digest, which specs name."""
        return f"{self.registry}/{self.repository}@{digest}"


def lay_out_context(project: ProjectLayout, directory: Path) -> str:
    """Write the build context into an empty or new directory.

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
    _refuse_foreign(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for path in directory.iterdir():
        path.unlink()
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        shutil.copyfile(path, directory / name)
        digest.update(f"{name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _refuse_foreign(directory: Path) -> None:
    """Refuse to clear a directory that holds more than an earlier context."""
    if directory.exists() and not directory.is_dir():
        foreign = [directory]
    else:
        own = {"Dockerfile", _LOCK}
        foreign = [
            path
            for path in (directory.iterdir() if directory.exists() else ())
            if not path.is_file() or (path.name not in own and path.suffix != ".whl")
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
