"""kubelogin built from its Go modules, for the hub's runner: every version and checksum is kept here."""

from __future__ import annotations

import shutil
import tempfile
from importlib import resources
from pathlib import Path

from lakeplane.build_cache import Progress
from lakeplane.engine.go_build import bring_go
from lakeplane.layout import cache_dir

__all__ = ["build_kubelogin"]

PACKAGE = "github.com/Azure/kubelogin"
GO_NEEDED = (1, 26, 6)  # as the module beside this file says


def build_kubelogin(directory: Path, progress: Progress) -> Path:
    """Build kubelogin into a directory and return its path; versions and checksums are the module's.

    Args:
        directory: Directory of programs; made if it is not there.
        progress: Told each step.

    Raises:
        SetupError: There is no Go and none could be brought, or the build failed.
    """
    target = directory / "kubelogin"
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        with resources.as_file(resources.files("lakeplane.engine") / "modules" / "kubelogin") as module:
            shutil.copytree(module, work / "kubelogin")
        go = bring_go(work, progress, GO_NEEDED)
        progress("Building kubelogin from its Go modules (about two minutes)")
        go.build(PACKAGE, work / "kubelogin", target, "")
    # Only a Go that was brought for this keeps its modules here, and they have served.
    shutil.rmtree(cache_dir() / "go", ignore_errors=True)
    return target
