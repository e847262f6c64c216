"""The bundled policies of an environment, for any tier."""

from collections.abc import Callable, Mapping

import pytest

from lakeplane.cluster_policies import PolicyDocument, policy_documents
from lakeplane.planning import plan_environment
from lakeplane.spec import EnvironmentSpec

Policies = Mapping[str, PolicyDocument]


@pytest.fixture(scope="session")
def policies_of() -> Callable[..., Policies]:
    def make(**changes: object) -> Policies:
        spec = EnvironmentSpec.model_validate(
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
        return policy_documents(spec, plan_environment(spec))

    return make
