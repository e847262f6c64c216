"""Which code and which packages a run was made with."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

__all__ = ["DISTRIBUTION", "code_sha256", "environment", "version"]

DISTRIBUTION = "lakeplane-workloads"
_PACKAGES = ("mlflow", "mlflow-skinny", "numpy", "pandas", "pyarrow", "pyspark", "delta-spark", "tzdata")


def version() -> str:
    """Return the version of the installed distribution, or `unknown` for a bare source tree."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown"


@cache
def code_sha256() -> str:
    """Hash the package's Python files: the same for a wheel and for the source tree it was built from."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def environment() -> dict[str, str]:
    """Return interpreter, machine and the versions of the installed packages that decide numbers."""
    found = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
