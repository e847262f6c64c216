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
from lakeplane.layout import ProjectLayout

__all__ = ["SOURCES", "fingerprint_of", "project_files", "require_sources"]

SOURCES = "LAKEPLANE_SOURCES"
"""Variable by which whoever starts a run tells it what it should be made of."""

_FILES = ("LICENSE", "Pulumi.yaml", "README.md", "pyproject.toml", "requirements-runner.lock")
_FOLDERS = ("infra", "policies", "stacks", "workloads")
_LEFT_OUT = frozenset({"__pycache__", "build", "dist"})
# Settings of the simulated cloud's stacks keep a salt of one machine, as `.gitignore` says.
_LOCAL = ("*.pyc", "*.pyo", "stacks/config/Pulumi.local.*.yaml")
# Read by people alone, so a word put right there needs no new image.
_WORDS = ("*.md", "LICENSE")


def project_files(project: ProjectLayout) -> dict[str, Path]:
    """Return what of a project the image holds, by the path in it, in one order everywhere."""
    found = {name: project.root / name for name in _FILES if (project.root / name).is_file()}
    for folder in _FOLDERS:
        for path in _walk(project.root / folder):
            name = path.relative_to(project.root).as_posix()
            if not any(fnmatch.fnmatch(name, pattern) for pattern in _LOCAL):
                found[name] = path
    return dict(sorted(found.items()))


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


def _walk(folder: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(folder):
        names[:] = [
            name
            for name in names
            if name not in _LEFT_OUT and not name.startswith(".") and "egg-info" not in name
        ]
        for file in files:
            if not file.startswith("."):
                yield Path(directory, file)


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
