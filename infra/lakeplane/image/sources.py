"""What of a project goes into the runner's image, and whether two copies of a project are the same.

The image is told by its content and not by its commit: its digest is written into the spec of the hub once it
is built, so the commit that names an image is never the one that it was built from.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.git import ask_git
from lakeplane.layout import ProjectLayout

__all__ = ["SOURCES", "fingerprint_of", "project_files", "require_known", "require_sources"]

SOURCES = "LAKEPLANE_SOURCES"
"""Variable by which whoever starts a run tells it what it should be made of."""

_FILES = ("LICENSE", "Pulumi.yaml", "README.md", "pyproject.toml", "requirements-runner.lock")
_FOLDERS = ("infra", "policies", "stacks", "workloads")
_TOLD = 5
_LEFT_OUT = frozenset({"__pycache__", "build", "dist"})
# Settings of the simulated cloud's stacks keep a salt of one machine, as `.gitignore` says.
_LOCAL = ("*.pyc", "*.pyo", "stacks/config/Pulumi.local.*.yaml")
# Read by people alone, so a word put right there needs no new image.
_WORDS = ("*.md", "LICENSE")


def project_files(project: ProjectLayout) -> dict[str, Path]:
    """Return what of a project the image holds, by the path in it, in one order everywhere.

    In a git repository that is what git knows: whatever else lies there, such as keys and data, stays on this
    machine. In the image, which has no git, it is all that is there. No link is followed.
    """
    tracked = _tracked(project.root)
    names = [*_FILES, *(tracked if tracked is not None else _walked(project.root))]
    return {
        name: project.root / name
        for name in sorted(set(names))
        if _belongs(name) and (project.root / name).is_file() and not (project.root / name).is_symlink()
    }


def require_known(project: ProjectLayout) -> None:
    """Refuse to build an image while a file lies in the project that git neither knows nor ignores.

    Raises:
        SetupError: There is one: the image would lack it, and nobody would be told.
    """
    new = [name for name in _listed(project.root, "--others", "--exclude-standard") or () if _belongs(name)]
    if new:
        more = f" and {len(new) - _TOLD} more" if len(new) > _TOLD else ""
        raise SetupError(
            Diagnostic(
                code="RNR009",
                summary="git does not know all files of the project, and the image holds what git knows",
                detail=f"found {', '.join(sorted(new)[:_TOLD])}{more}",
                remedy="add what belongs to the project (`git add`); take away or ignore what does not",
            )
        )


def fingerprint_of(project: ProjectLayout) -> str:
    """Return a hash of all that a deployment is made of; the image that a hub names is no part of it."""
    digest = hashlib.sha256()
    for name, path in project_files(project).items():
        if any(fnmatch.fnmatch(name, pattern) for pattern in _WORDS):
            continue
        content = path.read_bytes()
        if name.startswith("stacks/environments/"):
            content = _without_image(content)
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def require_sources(project: ProjectLayout, wanted: str | None) -> None:
    """Refuse to deploy from other sources than those that whoever started this run has.

    Args:
        project: The project in the image.
        wanted: What `fingerprint_of` told there; anything will do if left out, as when a person starts it.

    Raises:
        SetupError: The sources are others.
    """
    if not wanted:
        return
    found = fingerprint_of(project)
    if found != wanted:
        raise SetupError(
            Diagnostic(
                code="RNR003",
                summary="the runner's image is of other sources than those that started it",
                detail=f"its sources are {found}; whoever started this run has {wanted}",
                remedy="build the image of those with `lakeplane image runner HUB`, and bring the hub up; "
                "changes that are in no commit count too",
            )
        )


def _belongs(name: str) -> bool:
    """Tell whether a path of the project is one that a deployment is made of."""
    folders = name.split("/")[:-1]
    return not (
        any(fnmatch.fnmatch(name, pattern) for pattern in _LOCAL)
        or name.rpartition("/")[2].startswith(".")
        or any(one in _LEFT_OUT or one.startswith(".") or "egg-info" in one for one in folders)
    )


def _tracked(root: Path) -> list[str] | None:
    """Return the paths that git knows of the project's folders; None where there is no repository."""
    return _listed(root, "--cached") or None  # a copy inside another repository is none of its files


def _listed(root: Path, *options: str) -> list[str] | None:
    answer = ask_git(root, "ls-files", "-z", *options, "--", *_FOLDERS)
    return None if answer is None else [name for name in answer.split("\0") if name]


def _walked(root: Path) -> Iterator[str]:
    for folder in _FOLDERS:
        for directory, _, files in os.walk(root / folder):
            for file in files:
                yield Path(directory, file).relative_to(root).as_posix()


def _without_image(content: bytes) -> bytes:
    """Return what a hub's spec says but for the runner's image; other files as they are."""
    try:
        data = YAML(typ="safe", pure=True).load(content.decode())
    except (YAMLError, UnicodeDecodeError):
        return content
    if not isinstance(data, dict) or data.get("kind") != "hub" or not isinstance(data.get("runner"), dict):
        return content
    runner = {key: value for key, value in data["runner"].items() if key != "image"}
    return json.dumps({**data, "runner": runner}, sort_keys=True, default=str).encode()
