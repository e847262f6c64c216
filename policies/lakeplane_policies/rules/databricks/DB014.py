"""Personal access tokens end within ninety days.

A token that never ends is a password that nobody changes, and is valid from wherever the workspace takes
calls.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"maxTokenLifetimeDays": "0"})

Best practice:

    WorkspaceConf("conf", custom_config={"maxTokenLifetimeDays": "30"})

Documents: Microsoft Learn, "Monitor and revoke personal access tokens".
"""

from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import WORKSPACE_CONF

RULE = Rule(
    code="DB014",
    title="personal access tokens end within ninety days",
    types=(WORKSPACE_CONF,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must("customConfig.maxTokenLifetimeDays", lambda days: 1 <= int(days) <= 90, "1 to 90"),
    remedy="set maxTokenLifetimeDays to 1 to 90",
    sources=(
        "SAT IA-4",
        "SAT IA-5",
    ),
)
