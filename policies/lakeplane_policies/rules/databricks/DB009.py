"""Clusters and people inside the network reach workspaces by a private endpoint.

Without the endpoint, clusters and people inside need the workspace's public address.

A workspace that only answers its region's log-ins is left alone: no cluster can start in it.

Anti-pattern:

    Workspace("dbw", required_nsg_rules="NoAzureDatabricksRules")

Best practice:

    PrivateEndpoint(
        "dbw",
        private_link_service_connections=[
            PrivateLinkServiceConnectionArgs(private_link_service_id=dbw.id, group_ids=["databricks_ui_api"])
        ],
    )

Documents: Microsoft Learn, "Configure Back-end Private Link".
"""

from collections.abc import Iterator

from lakeplane_policies.endpoints import answers_logins_alone, lacks_endpoints
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for workspace in stack.of(DATABRICKS_WORKSPACE):
        if not answers_logins_alone(stack, workspace):
            yield from lacks_endpoints(stack, workspace, "databricks_ui_api")


RULE = Rule(
    code="DB009",
    title="clusters and people inside the network reach workspaces by a private endpoint",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="add a private endpoint for the group databricks_ui_api",
    sources=(
        "SAT NS-3",
        "MCSB NS-2",
    ),
)
