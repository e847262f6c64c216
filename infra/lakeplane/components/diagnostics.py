"""Logs of resources, sent to the log workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import monitor

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError

__all__ = ["NETWORK_LOGS", "DiagnosticTarget", "send_logs", "send_logs_on", "send_storage_logs"]

# The name of the setting that every resource has.
_OWN = "audit"

NETWORK_LOGS: Mapping[str, Sequence[str]] = {
    # Its third category, flows, is no diagnostic setting's: flow logs of the network have taken its place.
    "Microsoft.Network/networkSecurityGroups": (
        "NetworkSecurityGroupEvent",
        "NetworkSecurityGroupRuleCounter",
    ),
    "Microsoft.Network/publicIPAddresses": (
        "DDoSMitigationFlowLogs",
        "DDoSMitigationReports",
        "DDoSProtectionNotifications",
    ),
    "Microsoft.Network/virtualNetworks": ("VMProtectionAlerts",),
}
"""Categories of the network's logs, by type of resource.

Source: Microsoft Learn, "Supported resource log categories for Azure Monitor", and for what a setting takes,
Azure/azure-policy, DataConnectorsAzureNSG_DINE.json. A NAT gateway has flow logs with the SKU StandardV2
alone; route tables, subnets and private endpoints have none.
"""

_STORAGE_SERVICES = ("file", "queue", "table")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosticTarget:
    """One more place that logs are sent to, beside the log workspace; the same categories go there.

    Azure takes five settings of a resource, and none that sends a category where another one sends it.
    Source: Microsoft Learn, "Diagnostic settings in Azure Monitor", destination limitations.

    Attributes:
        name: Name of the setting, such as `siem`; not `audit`, which is the first one's.
        log_workspace_id: ARM id of another log workspace; none if left out.
        storage_account_id: ARM id of a storage account in the resource's region; none if left out.
        event_hub_authorization_rule_id: ARM id of a rule of an event hub namespace in the resource's region;
            no event hub if left out.
        event_hub_name: The event hub; one for each category, which Azure makes, if left out.
    """

    name: str
    log_workspace_id: pulumi.Input[str] | None = None
    storage_account_id: pulumi.Input[str] | None = None
    event_hub_authorization_rule_id: pulumi.Input[str] | None = None
    event_hub_name: str | None = None

    def __post_init__(self) -> None:
        """Refuse a setting that Azure would refuse, or that would take the first one's place.

        Raises:
            PlanError: It leads nowhere, or its name is the first one's.
        """
        targets = (self.log_workspace_id, self.storage_account_id, self.event_hub_authorization_rule_id)
        if self.name == _OWN or all(target is None for target in targets):
            raise PlanError(
                Diagnostic(
                    code="PLN010",
                    summary="a diagnostic setting that leads nowhere, or takes the place of the first one",
                    detail=f"found the name {self.name!r}, {sum(one is not None for one in targets)} targets",
                    remedy=f"give a name other than {_OWN!r}, and a log workspace, a storage account or an "
                    "event hub",
                )
            )


def send_logs(
    name: str,
    *,
    resource_id: pulumi.Input[str],
    log_workspace_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    categories: Sequence[str] = (),
    in_own_tables: bool = False,
    also_to: Sequence[DiagnosticTarget] = (),
) -> monitor.DiagnosticSetting:
    """Send the logs of a resource: every category, also those that the service adds later, or the ones named.

    Metrics stay where they are: Azure keeps them for 93 days by itself.

    Source: Microsoft Learn, "Diagnostic settings in Azure Monitor", category groups: `allLogs`; "Azure
    resource logs", collection mode.

    Args:
        name: Name in the program.
        resource_id: ARM id of the resource.
        log_workspace_id: ARM id of the log workspace.
        opts: Options; the parent above all.
        categories: The categories to send, for services without the group `allLogs`; the group if left out.
        in_own_tables: Have the service write tables of its own, such as `AZKVAuditLogs`, where it would write
            `AzureDiagnostics` if nobody asked. Services that know one way alone are not to be asked: they
            answer with nothing, which would show as drift.
        also_to: Where else to send them; nowhere if left out.
    """
    setting = monitor.DiagnosticSetting(
        name,
        name=_OWN,
        resource_uri=resource_id,
        workspace_id=log_workspace_id,
        log_analytics_destination_type="Dedicated" if in_own_tables else None,
        logs=_logs(categories),
        opts=opts,
    )
    send_logs_on(
        name,
        also_to,
        resource_id=resource_id,
        opts=opts,
        categories=categories,
        in_own_tables=in_own_tables,
    )
    return setting


def send_logs_on(
    name: str,
    targets: Sequence[DiagnosticTarget],
    *,
    resource_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    categories: Sequence[str] = (),
    in_own_tables: bool = False,
) -> None:
    """Send the logs of a resource to further places, a setting each; the arguments are those of `send_logs`.

    Args:
        name: First part of the settings' names in the program.
        targets: The places.
        resource_id: ARM id of the resource.
        opts: Options; the parent above all.
        categories: The categories to send; the group `allLogs` if left out.
        in_own_tables: Have the service write tables of its own, in log workspaces.
    """
    for target in targets:
        in_tables = in_own_tables and target.log_workspace_id is not None
        monitor.DiagnosticSetting(
            f"{name}-{target.name}",
            name=target.name,
            resource_uri=resource_id,
            workspace_id=target.log_workspace_id,
            storage_account_id=target.storage_account_id,
            event_hub_authorization_rule_id=target.event_hub_authorization_rule_id,
            event_hub_name=target.event_hub_name,
            log_analytics_destination_type="Dedicated" if in_tables else None,
            logs=_logs(categories),
            opts=opts,
        )


def _logs(categories: Sequence[str]) -> list[monitor.DiagnosticsLogSettingsArgs]:
    if not categories:
        return [monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)]
    return [monitor.DiagnosticsLogSettingsArgs(category=each, enabled=True) for each in categories]


def send_storage_logs(
    name: str,
    *,
    account_id: pulumi.Input[str],
    blob_service_id: pulumi.Input[str],
    log_workspace_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    also_to: Sequence[DiagnosticTarget] = (),
) -> None:
    """Send the logs of each service of a storage account; the account itself has metrics only.

    Also of those that nothing here uses: what reaches for them is what somebody wants to know of.

    Args:
        name: First part of the settings' names in the program.
        account_id: ARM id of the account, as a value that waits for it.
        blob_service_id: ARM id of its blob service, as a value that waits for the service's own settings.
        log_workspace_id: ARM id of the log workspace.
        opts: Options; the parent above all.
        also_to: Where else to send them; nowhere if left out.
    """
    services = {"blob": blob_service_id}
    for service in _STORAGE_SERVICES:
        services[service] = pulumi.Output.format("{0}/{1}Services/default", account_id, service)
    for service, service_id in services.items():
        send_logs(
            f"{name}-{service}-log",
            resource_id=service_id,
            log_workspace_id=log_workspace_id,
            opts=opts,
            also_to=also_to,
        )
