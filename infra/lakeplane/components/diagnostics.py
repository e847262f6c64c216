"""Logs of resources, sent to the log workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_azure_native import monitor

__all__ = ["NETWORK_LOGS", "send_logs", "send_storage_logs"]

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


def send_logs(
    name: str,
    *,
    resource_id: pulumi.Input[str],
    log_workspace_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    categories: Sequence[str] = (),
    in_own_tables: bool = False,
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
    """
    group = [monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)]
    named = [monitor.DiagnosticsLogSettingsArgs(category=each, enabled=True) for each in categories]
    return monitor.DiagnosticSetting(
        name,
        name="audit",
        resource_uri=resource_id,
        workspace_id=log_workspace_id,
        log_analytics_destination_type="Dedicated" if in_own_tables else None,
        logs=named or group,
        opts=opts,
    )


def send_storage_logs(
    name: str,
    *,
    account_id: pulumi.Input[str],
    blob_service_id: pulumi.Input[str],
    log_workspace_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Send the logs of each service of a storage account; the account itself has metrics only.

    Also of those that nothing here uses: what reaches for them is what somebody wants to know of.

    Args:
        name: First part of the settings' names in the program.
        account_id: ARM id of the account, as a value that waits for it.
        blob_service_id: ARM id of its blob service, as a value that waits for the service's own settings.
        log_workspace_id: ARM id of the log workspace.
        opts: Options; the parent above all.
    """
    services = {"blob": blob_service_id}
    for service in _STORAGE_SERVICES:
        services[service] = pulumi.Output.format("{0}/{1}Services/default", account_id, service)
    for service, service_id in services.items():
        send_logs(
            f"{name}-{service}-log", resource_id=service_id, log_workspace_id=log_workspace_id, opts=opts
        )
