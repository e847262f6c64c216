"""Paths of Unity Catalog volumes, on Databricks and on a machine that only pretends to be."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

__all__ = ["ROOT_VARIABLE", "volume_path"]

ROOT_VARIABLE = "LAKEPLANE_VOLUMES_ROOT"


def volume_path(path: str) -> str:
    """Return where a volume's path lies for Spark and for Python alike.

    On Databricks `/Volumes/<catalog>/<schema>/<volume>/…` is a file system path as it stands. Elsewhere
    `LAKEPLANE_VOLUMES_ROOT` names the directory that stands for `/Volumes`. Any other path is returned
    unchanged.

    Raises:
        ValueError: The path leaves its volume with `..`, or names no volume.
    """
    given = PurePosixPath(path)
    if given.parts[:2] != ("/", "Volumes"):
        return path
    if len(given.parts) < 5 or ".." in given.parts:
        raise ValueError(f"{path!r} is not /Volumes/<catalog>/<schema>/<volume>/…")
    root = os.environ.get(ROOT_VARIABLE)
    return str(Path(root, *given.parts[2:])) if root else path
