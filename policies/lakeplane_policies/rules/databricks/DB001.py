"""Nodes of Databricks clusters have no public addresses.

Anti-pattern: `enable_no_public_ip` left out or false: every node is reachable from the internet.

Best practice: `parameters=WorkspaceCustomParametersArgs(enable_no_public_ip=...(value=True), ...)`.
"""

# ruff: noqa: N999 - a rule's file is named by its code

from lakeplane_policies.rule import Rule, must_be

RULE = Rule(
    code="DB001",
    title="nodes of Databricks clusters have no public addresses",
    types=("azure-native:databricks:Workspace",),
    judge=must_be("parameters.enableNoPublicIp.value", True),
    remedy="set parameters.enable_no_public_ip to a value of True",
    sources=("PSRule Azure.Databricks.SecureConnectivity", "SAT NS-6"),
)
