"""Data leaves workspaces by what is granted and audited.

Downloads, exports and the clipboard take data out by anybody's browser, past grants and audit; results kept
in Databricks' account leave one's own.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"enableResultsDownloading": "true"})

Best practice:

    WorkspaceConf("conf", custom_config={"enableResultsDownloading": "false"})

Documents: Microsoft Learn, "Manage your workspace settings".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule
from lakeplane_policies.tokens import WORKSPACE_CONF

_CONDITION = all_of(
    must_be("customConfig.enableExportNotebook", "false"),
    must_be("customConfig.enableNotebookTableClipboard", "false"),
    must_be("customConfig.enableResultsDownloading", "false"),
    must_be("customConfig.mlflowRunArtifactDownloadEnabled", "false"),
    must_be("customConfig.reposIpynbResultsExportPermissions", "DISABLE"),
    must_be("customConfig.storeInteractiveNotebookResultsInCustomerAccount", "true"),
)


RULE = Rule(
    code="DB017",
    title="data leaves workspaces by what is granted and audited",
    types=(WORKSPACE_CONF,),
    impact=Impact.MEDIUM,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=_CONDITION,
    remedy="switch off downloads, exports and the clipboard, and keep results in your own account",
    sources=(
        "SAT DP-5",
        "SAT DP-6",
        "SAT DP-7",
        "SAT DP-8",
        "MCSB DP-2",
    ),
)
