"""Workspaces log what people run.

Without verbose audit logs nobody can tell which command read the data, only that somebody was there.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"enableVerboseAuditLogs": "false"})

Best practice:

    WorkspaceConf("conf", custom_config={"enableVerboseAuditLogs": "true"})

Documents: Microsoft Learn, "Enable verbose audit logs".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import WORKSPACE_CONF

RULE = Rule(
    code="DB013",
    title="workspaces log what people run",
    types=(WORKSPACE_CONF,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("customConfig.enableVerboseAuditLogs", "true"),
    remedy='set enableVerboseAuditLogs to "true"',
    sources=(
        "SAT GOV-15",
        "MCSB LT-4",
    ),
)
