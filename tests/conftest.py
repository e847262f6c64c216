"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lakeplane.engine import EngineBinaries, ensure_engine
from lakeplane.layout import ProjectLayout

TINY = """\
name: tiny
runtime:
  name: python
  options: {toolchain: pip, virtualenv: .venv}
main: stacks
stackConfigDir: stacks/config
"""


@pytest.fixture(scope="session")
def engine_binaries() -> EngineBinaries:
    """Return the Pulumi CLI that users get: the installed one, else one brought into the cache."""
    return ensure_engine(print)


@pytest.fixture(scope="session")
def lay_out_tiny() -> Callable[[Path], ProjectLayout]:
    """Make a project in an empty folder: all of it but the program."""

    def lay_out(root: Path) -> ProjectLayout:
        (root / "stacks" / "config").mkdir(parents=True)
        (root / "Pulumi.yaml").write_text(TINY, encoding="utf-8")
        return ProjectLayout(root)

    return lay_out
