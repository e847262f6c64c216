"""Alerts that matter, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import monitor

from lakeplane.components.placement import Placement, known_id

__all__ = ["Alerts", "AlertsArgs"]


@dataclass(frozen=True, slots=True)
class _LogAlert:
    """A question to the logs that should have no answer.

    Attributes:
        title: What people read in their mail.
        query: In the Kusto query language; each row is one case.
        severity: 0 (critical) to 4 (verbose), as Azure Monitor counts.
    """

    title: str
    query: str
    severity: int


# Tables and columns: Microsoft Learn, "Azure Monitor Logs table reference": DatabricksJobs,
# AmlOnlineEndpointTrafficLog, StorageBlobLogs, AZKVAuditLogs.
_ALERTS = {
    "job-failed": _LogAlert(
        "A Databricks job failed",
        'DatabricksJobs | where ActionName == "runFailed"',
        2,
    ),
    "endpoint-errors": _LogAlert(
        "An online endpoint answers with errors",
        "AmlOnlineEndpointTrafficLog | where toint(ResponseCode) >= 500",
        2,
    ),
    "lake-refused": _LogAlert(
        "Somebody without a right reaches for the lake",
        'StorageBlobLogs | where StatusText == "AuthorizationPermissionMismatch"',
        3,
    ),
    "key-refused": _LogAlert(
        "Somebody without a right reaches for the vault",
        "AZKVAuditLogs | where HttpStatusCode == 403",
        3,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsArgs:
    """What the alerts need.

    Attributes:
        placement: Where they go.
        action_group_name: Name of the group that is told.
        short_name: Its name in text messages, 12 characters at most.
        log_workspace_id: ARM id of the log workspace that is asked.
        emails: Who is told; with nobody, alerts are seen in the portal only.
    """

    placement: Placement
    action_group_name: str
    short_name: str
    log_workspace_id: pulumi.Input[str]
    emails: Sequence[str] = ()


class Alerts(pulumi.ComponentResource):
    """Log alerts, asked every quarter of an hour, and the group that is told.

    Attributes:
        action_group_id: ARM id of the group.
    """

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:watch:Alerts", name, None, opts)
        placement = args.placement
        child = pulumi.ResourceOptions(parent=self)
        group = monitor.ActionGroup(
            f"{name}-group",
            action_group_name=args.action_group_name,
            resource_group_name=placement.resource_group_name,
            # The service has no regions.
            location="Global",
            tags=placement.tags,
            enabled=True,
            group_short_name=args.short_name,
            email_receivers=[
                monitor.MicrosoftCommonEmailReceiverArgs(
                    name=f"email-{number}", email_address=email, use_common_alert_schema=True
                )
                for number, email in enumerate(args.emails)
            ],
            opts=child,
        )
        self.action_group_id = known_id(
            group, placement.arm_id("Microsoft.Insights/actionGroups", args.action_group_name)
        )
        for key, alert in _ALERTS.items():
            monitor.ScheduledQueryRule(
                f"{name}-{key}",
                rule_name=f"{args.action_group_name}-{key}",
                resource_group_name=placement.resource_group_name,
                location=placement.location,
                tags=placement.tags,
                display_name=alert.title,
                severity=float(alert.severity),
                enabled=True,
                scopes=[args.log_workspace_id],
                evaluation_frequency="PT15M",
                window_size="PT15M",
                criteria=monitor.ScheduledQueryRuleCriteriaArgs(
                    all_of=[
                        monitor.ConditionArgs(
                            query=alert.query,
                            time_aggregation="Count",
                            operator="GreaterThan",
                            threshold=0.0,
                            failing_periods=monitor.ConditionFailingPeriodsArgs(
                                number_of_evaluation_periods=1.0, min_failing_periods_to_alert=1.0
                            ),
                        )
                    ]
                ),
                actions=monitor.ActionsArgs(action_groups=[self.action_group_id]),
                auto_mitigate=True,
                # A table comes with its first row; Azure refuses questions about tables that aren't there.
                skip_query_validation=True,
                opts=child,
            )
        self.register_outputs({"action_group_id": self.action_group_id})
