"""Log workspaces are of a tier that keeps what they are sent.

The free tier drops logs above a daily cap and keeps them for a week; older tiers can't keep them for as long
as an investigation asks.

Anti-pattern:

    Workspace("logs", sku=WorkspaceSkuArgs(name="Free"))

Best practice:

    Workspace("logs", sku=WorkspaceSkuArgs(name="PerGB2018"))

Documents: Microsoft Learn, "Azure Monitor Logs cost calculations and options", section "Legacy pricing
tiers".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import LOG_WORKSPACE

RULE = Rule(
    code="LG009",
    title="log workspaces are of a tier that keeps what they are sent",
    types=(LOG_WORKSPACE,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("sku.name", "PerGB2018", "CapacityReservation", "LACluster"),
    remedy='set sku.name="PerGB2018" or "CapacityReservation"',
    sources=("MCSB LT-6",),
)
