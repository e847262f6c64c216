"""Application Insights keeps its telemetry in the log workspace.

Telemetry in a store of its own has neither the workspace's retention nor its access control.

Anti-pattern:

    Component("app", ingestion_mode="ApplicationInsights")

Best practice:

    Component("app", ingestion_mode="LogAnalytics", workspace_resource_id=logs.id)

Documents: Microsoft Learn, "Workspace-based Application Insights resources".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule

RULE = Rule(
    code="LG010",
    title="Application Insights keeps its telemetry in the log workspace",
    types=("azure-native:applicationinsights:Component",),
    impact=Impact.LOW,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("ingestionMode", "LogAnalytics"),
    remedy='set ingestion_mode="LogAnalytics" with workspace_resource_id',
    sources=(
        "PSRule Azure.AppInsights.Workspace",
        "MCSB LT-5",
    ),
)
