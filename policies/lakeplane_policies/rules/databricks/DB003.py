"""The front door of Databricks workspaces is as the access mode wants it.

A workspace's web application and API are on the internet unless they are told otherwise.

Anti-pattern:

    Workspace("dbw", public_network_access="Enabled")

Best practice:

    Workspace("dbw", public_network_access="Disabled")

Documents: Microsoft Learn, "Configure Front-end Private Link".
"""

from lakeplane_policies.doors import DOOR_MODES, public_access
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

RULE = Rule(
    code="DB003",
    title="the front door of Databricks workspaces is as the access mode wants it",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=DOOR_MODES,
    judge=public_access(),
    remedy='set public_network_access="Disabled", or "Enabled" in access mode allow_list',
    sources=(
        "CKV_AZURE_158",
        "PSRule Azure.Databricks.PublicAccess",
        "SAT NS-3",
    ),
)
