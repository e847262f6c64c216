"""Specs made in code, as many as a test wants."""

from collections.abc import Callable
from typing import Any

import pytest

from lakeplane.spec import EnvironmentSpec

BASE = {
    "name": "dev",
    "organisation": "contoso",
    "region": "westeurope",
    "owner": "data-platform@contoso.example",
    "cost_centre": "4711",
    "subscription": "00000000-0000-4000-8000-000000000001",
    "tenant": "00000000-0000-4000-8000-000000000002",
    "tier": "dev",
    "access": {"mode": "private"},
}

MakeSpec = Callable[..., EnvironmentSpec]


@pytest.fixture(scope="session")
def make_spec() -> MakeSpec:
    def make(**changes: Any) -> EnvironmentSpec:
        return EnvironmentSpec.model_validate({**BASE, **changes})

    return make
