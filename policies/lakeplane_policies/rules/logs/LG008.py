"""Logs are read by whoever may read what they are about.

Without this switch, one role on the workspace reads every resource's log, also those of others' vaults and
clusters.

Anti-pattern:

    WorkspaceFeaturesArgs(enable_log_access_using_only_resource_permissions=False)

Best practice:

    WorkspaceFeaturesArgs(enable_log_access_using_only_resource_permissions=True)

Documents: Microsoft Learn, "Manage access to Log Analytics workspaces".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import LOG_WORKSPACE

RULE = Rule(
    code="LG008",
    title="logs are read by whoever may read what they are about",
    types=(LOG_WORKSPACE,),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("features.enableLogAccessUsingOnlyResourcePermissions", True),
    remedy="set features.enable_log_access_using_only_resource_permissions=True",
    sources=("MCSB PA-7",),
)
