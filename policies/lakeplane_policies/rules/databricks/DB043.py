"""No group of a team administers its workspace.

Admins read every notebook and secret scope, and may switch off every setting that rules look at.

Anti-pattern:

    PermissionAssignment("team", group_name="data-engineers", permissions=["ADMIN"])

Best practice:

    PermissionAssignment("team", group_name="data-engineers", permissions=["USER"])

Documents: Microsoft Learn, "Azure Databricks administration introduction".
"""

from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule

RULE = Rule(
    code="DB043",
    title="no group of a team administers its workspace",
    types=("databricks:index/permissionAssignment:PermissionAssignment",),
    impact=Impact.HIGH,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=must("permissions", lambda permissions: permissions == ["USER"]),
    remedy='set permissions=["USER"]',
    sources=(
        "SAT INFO-6",
        "MCSB PA-1",
    ),
)
