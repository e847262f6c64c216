"""People see and touch in workspaces what is theirs.

Without access control lists everybody reads everybody's notebooks and jobs, and attaches to their clusters.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"enableJobViewAcls": "false"})

Best practice:

    WorkspaceConf("conf", custom_config={"enableJobViewAcls": "true"})

Documents: Microsoft Learn, "Access control lists".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import WORKSPACE_CONF

_CONDITION = all_of(
    must_be("customConfig.enableClusterAclsConfig", "true"),
    must_be("customConfig.enableJobViewAcls", "true"),
    must_be("customConfig.enableWorkspaceAclsConfig", "true"),
    must_be("customConfig.enforceClusterViewAcls", "true"),
    must_be("customConfig.enforceUserIsolation", "true"),
    must_be("customConfig.enforceWorkspaceViewAcls", "true"),
)


RULE = Rule(
    code="DB016",
    title="people see and touch in workspaces what is theirs",
    types=(WORKSPACE_CONF,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_CONDITION,
    remedy='set the six access control keys to "true"',
    sources=(
        "SAT INFO-8",
        "SAT INFO-9",
        "SAT INFO-10",
        "SAT GOV-13",
    ),
)
