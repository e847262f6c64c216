"""Nobody keeps data in DBFS.

DBFS has no owner and no grants: what one person puts there, everybody in the workspace reads, and its file
store serves it by https.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"enableFileStoreEndpoint": "true"})

Best practice:

    DisableLegacyDbfsSettingDisableLegacyDbfsArgs(value=True)

Documents: Microsoft Learn, "Disable access to DBFS root and mounts in your existing Azure Databricks
workspace".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import WORKSPACE_CONF

_CONF = all_of(
    must_be("customConfig.enableDbfsFileBrowser", "false"),
    must_be("customConfig.enableFileStoreEndpoint", "false"),
    must_be("customConfig.enableUploadDataUis", "false"),
)
_SETTING = must_be("disableLegacyDbfs.value", True)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    setting = read(inputs, "disableLegacyDbfs") is not State.ABSENT  # its only input, which it has to have
    yield from (_SETTING if setting else _CONF)(inputs, settings)


RULE = Rule(
    code="DB019",
    title="nobody keeps data in DBFS",
    types=("databricks:index/disableLegacyDbfsSetting:DisableLegacyDbfsSetting", WORKSPACE_CONF),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="disable legacy DBFS, its browser, its file store and uploads",
    sources=(
        "SAT GOV-10",
        "SAT DP-9",
        "SAT DP-10",
        "SAT DP-13",
    ),
)
