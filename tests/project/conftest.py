"""The project's own files, as they are tracked or about to be."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lakeplane.layout import find_project


@pytest.fixture(scope="session")
def root() -> Path:
    return find_project(Path(__file__).parent).root


@pytest.fixture(scope="session")
def files(root: Path) -> tuple[Path, ...]:
    """Return every file that is tracked, or untracked and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(root / name for name in sorted(listed.split("\0")) if name and (root / name).is_file())


@pytest.fixture(scope="session")
def modules(files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return every Python file among them."""
    found = tuple(path for path in files if path.suffix == ".py")
    assert len(found) > 100, "the listing is not the project's"
    return found
