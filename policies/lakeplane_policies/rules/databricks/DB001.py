"""Nodes of Databricks clusters have no public addresses.

Without secure cluster connectivity every node has an address on the internet and waits there for the control
plane.

Anti-pattern:

    WorkspaceCustomParametersArgs(enable_no_public_ip=WorkspaceNoPublicIPBooleanParameterArgs(value=False))

Best practice:

    WorkspaceCustomParametersArgs(enable_no_public_ip=WorkspaceNoPublicIPBooleanParameterArgs(value=True))

Documents: Microsoft Learn, "Secure cluster connectivity".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

RULE = Rule(
    code="DB001",
    title="nodes of Databricks clusters have no public addresses",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("parameters.enableNoPublicIp.value", True),
    remedy="set parameters.enable_no_public_ip to a value of True",
    sources=(
        "PSRule Azure.Databricks.SecureConnectivity",
        "SAT NS-6",
    ),
)
