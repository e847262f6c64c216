"""Databricks' own storage is encrypted twice.

Infrastructure encryption adds a second layer with another key, should one be broken. It can be asked for
only while the workspace is made.

Anti-pattern:

    WorkspaceCustomParametersArgs(require_infrastructure_encryption=WorkspaceCustomBooleanParameterArgs(value=False))

Best practice:

    WorkspaceCustomParametersArgs(require_infrastructure_encryption=WorkspaceCustomBooleanParameterArgs(value=True))

Documents: Microsoft Learn, "Configure double encryption for DBFS root".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

RULE = Rule(
    code="DB007",
    title="Databricks' own storage is encrypted twice",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("parameters.requireInfrastructureEncryption.value", True),
    remedy="set parameters.require_infrastructure_encryption to a value of True",
    sources=("MCSB DP-4",),
)
