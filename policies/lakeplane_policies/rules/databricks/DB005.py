"""Databricks workspaces have access control.

Only the premium tier has access control lists, private link, IP access lists, cluster policies and keys of
one's own. In the others everybody in the workspace may do everything.

Anti-pattern:

    Workspace("dbw", sku=SkuArgs(name="standard"))

Best practice:

    Workspace("dbw", sku=SkuArgs(name="premium"))

Documents: Microsoft Learn, "Azure Databricks pricing", tiers.
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

RULE = Rule(
    code="DB005",
    title="Databricks workspaces have access control",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("sku.name", "premium"),
    remedy='set sku.name="premium"',
    sources=(
        "PSRule Azure.Databricks.SKU",
        "databricks/terraform-provider-databricks#370",
    ),
)
