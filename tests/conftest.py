"""What tests of several rooms share."""

from __future__ import annotations

import pytest

from lakeplane.engine import EngineBinaries, ensure_engine


@pytest.fixture(scope="session")
def engine_binaries() -> EngineBinaries:
    """Return the Pulumi CLI that users get: the installed one, else one brought into the cache."""
    return ensure_engine(print)
