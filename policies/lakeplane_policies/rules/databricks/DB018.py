"""Nobody opens a shell on a driver.

A web terminal is a shell with the rights of the cluster, and what is typed there is in no notebook and no
audit log.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"enableWebTerminal": "true"})

Best practice:

    WorkspaceConf("conf", custom_config={"enableWebTerminal": "false"})

Documents: Microsoft Learn, "Run shell commands in Azure Databricks web terminal".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ADVISORY, ALIKE, Impact, Rule
from lakeplane_policies.tokens import WORKSPACE_CONF

RULE = Rule(
    code="DB018",
    title="nobody opens a shell on a driver",
    types=(WORKSPACE_CONF,),
    impact=Impact.MEDIUM,
    tiers=ADVISORY,
    modes=ALIKE,
    judge=must_be("customConfig.enableWebTerminal", "false"),
    remedy='set enableWebTerminal to "false"',
    sources=(
        "SAT NS-1",
        "MCSB LT-4",
    ),
)
