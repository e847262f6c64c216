"""The Pulumi CLI that runs the programs: the installed one, else one brought into the cache once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lakeplane.build_cache import Progress, built_once, quiet
from lakeplane.diagnostics import Diagnostic
from lakeplane.engine.go_build import build_from_modules
from lakeplane.engine.installer import install_release
from lakeplane.errors import SetupError
from lakeplane.layout import cache_dir

__all__ = [
    "PULUMI_VERSION",
    "EngineBinaries",
    "cached_engine",
    "ensure_engine",
    "find_installed",
    "parse_version",
]

PULUMI_VERSION = "3.259.0"
"""Version that is brought, and the oldest one that is accepted on PATH."""

LANGUAGE_HOST = "pulumi-language-python"


@dataclass(frozen=True, slots=True)
class EngineBinaries:
    """A Pulumi CLI that can run Python programs of this environment.

    Attributes:
        pulumi: The CLI itself.
        path: Directories to put first on PATH, in this order: this interpreter's, then the CLI's.
        version: Version of the CLI, such as `3.259.0`.
    """

    pulumi: Path
    path: tuple[Path, ...]
    version: str


def ensure_engine(progress: Progress = quiet) -> EngineBinaries:
    """Return a Pulumi CLI with its Python language host, and bring one where there is none.

    In this order: a `pulumi` on PATH of at least `PULUMI_VERSION`, the cache, the official installer, a
    build from Pulumi's Go modules. What is brought stays in the cache for all projects.

    Args:
        progress: Told each longer step in a sentence.

    Raises:
        SetupError: There is no CLI, and none could be brought; the findings say what each way lacked.
    """
    installed = find_installed()
    if installed:
        return installed
    built_once(cache_root(), lambda directory: _bring(directory, progress), progress)
    return _binaries(cache_root() / "bin" / "pulumi", PULUMI_VERSION)


def find_installed() -> EngineBinaries | None:
    """Return the CLI on PATH if it is recent enough and has a Python language host, else None."""
    found = shutil.which("pulumi")
    if not found:
        return None
    pulumi = Path(found)
    if not ((pulumi.resolve().parent / LANGUAGE_HOST).exists() or shutil.which(LANGUAGE_HOST)):
        return None
    version = _ask_version(pulumi)
    if version and parse_version(version) >= parse_version(PULUMI_VERSION):
        return _binaries(pulumi, version)
    return None


def cached_engine() -> EngineBinaries | None:
    """Return the CLI in the cache if one was brought there, without checking it."""
    pulumi = cache_root() / "bin" / "pulumi"
    return _binaries(pulumi, PULUMI_VERSION) if pulumi.exists() else None


def cache_root() -> Path:
    """Return the directory of the cached CLI; the binaries lie in its `bin`."""
    return cache_dir() / "pulumi" / PULUMI_VERSION


def parse_version(text: str) -> tuple[int, int, int]:
    """Read `v3.259.0`, `3.259.0-alpha.1` and the like; anything else counts as older than everything."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(match[1]), int(match[2]), int(match[3])) if match else (0, 0, 0)


def _binaries(pulumi: Path, version: str) -> EngineBinaries:
    # The interpreter's directory is taken as it is called: resolving it would leave the virtual environment.
    return EngineBinaries(pulumi, (Path(sys.executable).parent, pulumi.parent), version)


def _ask_version(pulumi: Path) -> str | None:
    try:
        answer = subprocess.run(
            [pulumi, "version"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip().removeprefix("v")


def _bring(directory: Path, progress: Progress) -> None:
    """Fill an empty directory's `bin`, by the first way that works."""
    progress(f"No Pulumi CLI of at least {PULUMI_VERSION} on PATH: bringing one (once, into {cache_dir()})")
    findings: list[Diagnostic] = []
    for way in (install_release, build_from_modules):
        try:
            way(directory, PULUMI_VERSION, progress)
        except SetupError as error:
            findings.extend(error.findings)
            progress(f"{error.findings[0].summary}: {error.findings[0].detail}")
            shutil.rmtree(directory / "bin", ignore_errors=True)
            continue
        version = _ask_version(directory / "bin" / "pulumi")
        progress(f"Pulumi CLI {version} is ready")
        return
    raise SetupError(findings)
