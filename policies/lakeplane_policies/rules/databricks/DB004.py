"""Clusters reach their control plane by private link alone.

With Databricks' own security rules, clusters talk to the control plane over public addresses, and the
network has to let them out to it.

Anti-pattern:

    Workspace("dbw", required_nsg_rules="AllRules")

Best practice:

    Workspace("dbw", required_nsg_rules="NoAzureDatabricksRules")

Documents: Microsoft Learn, "Configure Back-end Private Link".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

RULE = Rule(
    code="DB004",
    title="clusters reach their control plane by private link alone",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("requiredNsgRules", "NoAzureDatabricksRules"),
    remedy='set required_nsg_rules="NoAzureDatabricksRules", with an endpoint for databricks_ui_api',
    sources=(
        "CKV_AZURE_158",
        "SAT NS-3",
    ),
)
