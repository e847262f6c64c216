"""Workspaces that are open ask who calls from where.

A front door on the internet takes any stolen token from anywhere, unless the workspace's IP access lists are
switched on.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"enableIpAccessLists": "false"})

Best practice:

    WorkspaceConf("conf", custom_config={"enableIpAccessLists": "true"})

Documents: Microsoft Learn, "Configure IP access lists for workspaces".
"""

from lakeplane_policies.conditions import by_mode, must_be
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import WORKSPACE_CONF

RULE = Rule(
    code="DB010",
    title="workspaces that are open ask who calls from where",
    types=(WORKSPACE_CONF,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="private: off or on, but said; allow_list: on",
    judge=by_mode(
        private=must_be("customConfig.enableIpAccessLists", "true", "false"),
        allow_list=must_be("customConfig.enableIpAccessLists", "true"),
    ),
    remedy='set enableIpAccessLists to "true"',
    sources=("SAT NS-5",),
)
