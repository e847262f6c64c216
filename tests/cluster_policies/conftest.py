"""Specs, and the bundled policies of an environment, for any tier."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lakeplane.cluster_policies import PolicyDocument, policy_documents
from lakeplane.planning import plan_environment
from lakeplane.spec import EnvironmentSpec

sys.path.insert(0, str(Path(__file__).parent))  # so that the tests find the oracle, the pairs and the cases

Policies = Mapping[str, PolicyDocument]


def make_spec(**changes: object) -> EnvironmentSpec:
    return EnvironmentSpec.model_validate(
        {
            "name": "dev",
            "organisation": "contoso",
            "region": "westeurope",
            "owner": "data-platform@contoso.example",
            "cost_centre": "4711",
            "subscription": "00000000-0000-4000-8000-000000000001",
            "tenant": "00000000-0000-4000-8000-000000000002",
            "tier": "dev",
            "access": {"mode": "private"},
            **changes,
        }
    )


@pytest.fixture(scope="session")
def spec_of() -> Callable[..., EnvironmentSpec]:
    return make_spec


@pytest.fixture(scope="session")
def policies_of() -> Callable[..., Policies]:
    def make(**changes: object) -> Policies:
        spec = make_spec(**changes)
        return policy_documents(spec, plan_environment(spec))

    return make
