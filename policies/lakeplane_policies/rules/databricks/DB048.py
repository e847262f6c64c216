"""Access connectors have an identity.

A connector without an identity opens nothing, and tempts to keys.

Anti-pattern:

    AccessConnector("lake", identity=ManagedServiceIdentityArgs(type="None"))

Best practice:

    AccessConnector("lake", identity=ManagedServiceIdentityArgs(type="SystemAssigned"))

Documents: Microsoft Learn, "Use Azure managed identities in Unity Catalog to access storage".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="DB048",
    title="access connectors have an identity",
    types=("azure-native:databricks:AccessConnector",),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("identity.type", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"),
    remedy='set identity.type to "SystemAssigned" or "UserAssigned"',
    sources=("MCSB IM-3",),
)
