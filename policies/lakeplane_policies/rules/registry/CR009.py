"""Registries have a private endpoint.

Nodes and workspaces pull by the private endpoint; without one they need the public one.

Anti-pattern:

    Registry("images")

Best practice:

    PrivateEndpoint(
        "images",
        private_link_service_connections=[
            PrivateLinkServiceConnectionArgs(private_link_service_id=registry.id, group_ids=["registry"])
        ],
    )

Documents: Microsoft Learn, "Connect privately to an Azure container registry using Azure Private Link".
"""

from collections.abc import Iterator

from lakeplane_policies.endpoints import lacks_endpoints
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import REGISTRY


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for registry in stack.of(REGISTRY):
        yield from lacks_endpoints(stack, registry, "registry")


RULE = Rule(
    code="CR009",
    title="registries have a private endpoint",
    types=(REGISTRY,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add a private endpoint for the group registry",
    sources=("MCSB NS-2",),
)
