"""ML workspaces have a private endpoint.

Clients inside the network reach the workspace by its private endpoint; without one they need the public one.

Anti-pattern:

    Workspace("ml")

Best practice:

    PrivateEndpoint(
        "ml",
        private_link_service_connections=[
            PrivateLinkServiceConnectionArgs(private_link_service_id=workspace.id, group_ids=["amlworkspace"])
        ],
    )

Documents: Microsoft Learn, "Configure a private endpoint for an Azure Machine Learning workspace".
"""

from collections.abc import Iterator

from lakeplane_policies.endpoints import lacks_endpoints
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import ML_WORKSPACE


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for workspace in stack.of(ML_WORKSPACE):
        yield from lacks_endpoints(stack, workspace, "amlworkspace")


RULE = Rule(
    code="ML003",
    title="ML workspaces have a private endpoint",
    types=(ML_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add a private endpoint for the group amlworkspace",
    sources=(
        "CKV2_AZURE_49",
        "MCSB NS-2",
    ),
)
