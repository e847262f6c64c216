"""Workspaces have left the Hive metastore behind.

Tables of the old metastore have no owner that Unity Catalog knows, and clusters without isolation read all
of them.

Anti-pattern:

    DisableLegacyAccessSettingDisableLegacyAccessArgs(value=False)

Best practice:

    DisableLegacyAccessSettingDisableLegacyAccessArgs(value=True)

Documents: Microsoft Learn, "Disable access to the Hive metastore used by your Azure Databricks workspace".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="DB021",
    title="workspaces have left the Hive metastore behind",
    types=("databricks:index/disableLegacyAccessSetting:DisableLegacyAccessSetting",),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("disableLegacyAccess.value", True),
    remedy="set disable_legacy_access to a value of True",
    sources=(
        "SAT GOV-16",
        "SAT GOV-12",
    ),
)
