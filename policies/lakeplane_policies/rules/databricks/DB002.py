"""Databricks workspaces stand in a network of one's own.

In the network that Databricks makes by itself, no rule, route or endpoint of yours applies to clusters.

Anti-pattern:

    Workspace("dbw", managed_resource_group_id=group)

Best practice:

    WorkspaceCustomParametersArgs(
        custom_virtual_network_id=WorkspaceCustomStringParameterArgs(value=network.id),
        custom_public_subnet_name=WorkspaceCustomStringParameterArgs(value="snet-host"),
        custom_private_subnet_name=WorkspaceCustomStringParameterArgs(value="snet-container"),
    )

Documents: Microsoft Learn, "Deploy Azure Databricks in your Azure virtual network (VNet injection)".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

_NAMES = ("customVirtualNetworkId", "customPublicSubnetName", "customPrivateSubnetName")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    for name in _NAMES:
        # A name or an id that is known later is one that will be there.
        if read(inputs, f"parameters.{name}.value") in (State.ABSENT, ""):
            yield Violation(("parameters", name, "value"), NOT_SET)


RULE = Rule(
    code="DB002",
    title="Databricks workspaces stand in a network of one's own",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set parameters.custom_virtual_network_id and both subnet names",
    sources=(
        "SAT NS-4",
        "MCSB NS-1",
    ),
)
