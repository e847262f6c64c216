"""Logs: everything that has some sends them, to the table that its readers ask.

The tables here are written from Microsoft Learn, "Supported resource log categories for Azure Monitor" and
"Azure Monitor Logs table reference", not from the components.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from lakeplane.provider_models.arm import arm_id
from lakeplane.render import Graph, Resource

SETTING = "azure-native:monitor:DiagnosticSetting"
ALERT = "azure-native:monitor:ScheduledQueryRule"
ACCOUNT = "azure-native:storage:StorageAccount"
SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"

Foundation = Callable[..., Graph]

# Types of the foundation that have logs, and what below them has.
HAVE_LOGS = {
    "azure-native:containerregistry:Registry": ("",),
    "azure-native:containerservice:ManagedCluster": ("",),
    "azure-native:databricks:Workspace": ("",),
    "azure-native:keyvault:Vault": ("",),
    "azure-native:machinelearningservices:OnlineEndpoint": ("",),
    "azure-native:machinelearningservices:Workspace": ("",),
    "azure-native:network:NetworkSecurityGroup": ("",),
    "azure-native:network:PublicIPAddress": ("",),
    "azure-native:network:VirtualNetwork": ("",),
    "azure-native:operationalinsights:Workspace": ("",),
    ACCOUNT: tuple(f"/{service}Services/default" for service in ("blob", "file", "queue", "table")),
}
# Types whose logs are not sent, each with its reason.
LEFT_OUT = {
    "azure-native:applicationinsights:Component": "its telemetry goes to the log workspace as it is",
    "azure-native:monitor:AzureMonitorWorkspace": "tells how much its metrics are used, not who uses them",
    "azure-native:monitor:DataCollectionRule": "tells what it could not collect, and nothing of access",
    "azure-native:network:NatGateway": "flow logs come with the SKU StandardV2 alone",
}
# Table, the type of resource whose category goes there, the category, and whether only when asked for.
TABLES = {
    "AZKVAuditLogs": ("Microsoft.KeyVault/vaults", "AuditEvent", True),
    "AmlOnlineEndpointTrafficLog": (
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        "AmlOnlineEndpointTrafficLog",
        False,
    ),
    "DatabricksJobs": ("Microsoft.Databricks/workspaces", "jobs", False),
    "StorageBlobLogs": ("Microsoft.Storage/storageAccounts/blobServices", "StorageRead", False),
}


@pytest.fixture(scope="module")
def prod(foundation: Foundation) -> Graph:
    keys = "encryption:\n  mode: customer_managed\n  databricks_principal: "
    return foundation("prod", f"{keys}00000000-0000-4000-8000-0000000000db\n")


def type_of(resource_id: str) -> str:
    """Return the type that an ARM id names, such as `Microsoft.KeyVault/vaults`."""
    namespace, *rest = resource_id.rpartition("/providers/")[2].split("/")
    return "/".join((namespace, *rest[::2]))


def sent(setting: Resource, category: str) -> bool:
    return any(
        log["enabled"] and (log.get("category") == category or log.get("categoryGroup") == "allLogs")
        for log in setting.inputs["logs"]
    )


def wanted(graph: Graph) -> Iterator[str]:
    for resource in graph.resources:
        for below in HAVE_LOGS.get(resource.type, ()):
            yield f"{arm_id(resource.type, resource.inputs, SUBSCRIPTION)}{below}"


def test_everything_that_has_logs_sends_them(prod: Graph) -> None:
    found = {setting.inputs["resourceUri"] for setting in prod.of_type(SETTING)}
    expected = set(wanted(prod))
    assert len(expected) > 20
    assert expected - found == set()
    assert found - expected == set(), "a setting of something that has no logs"


def test_every_type_either_has_logs_or_is_known_to_have_none(prod: Graph) -> None:
    """A new type of resource is looked up before it comes in."""
    without = {
        *("AccessConnector", "ActionGroup", "AgentPool", "BlobContainer", "BlobServiceProperties", "Budget"),
        *("Compute", "DataCollectionEndpoint", "DataCollectionRuleAssociation"),
        *("FederatedIdentityCredential", "Key", "MaintenanceConfiguration", "ManagementLockByScope"),
        *("ManagementPolicy", "PrivateDnsZoneGroup", "PrivateEndpoint", "PrivateZone", "ResourceGroup"),
        *("RoleAssignment", "ScheduledQueryRule", "Subnet", "UserAssignedIdentity", "VirtualNetworkLink"),
        "DiagnosticSetting",
    }
    types = {found.type for found in prod.resources if found.package == "azure-native" and not found.read}
    unknown = {one for one in types - HAVE_LOGS.keys() - LEFT_OUT.keys() if one.split(":")[-1] not in without}
    assert unknown == set()


def test_alerts_ask_tables_that_something_writes(prod: Graph) -> None:
    asked = {
        condition["query"]: re.match(r"\w+", condition["query"]).group()  # type: ignore[union-attr]
        for alert in prod.of_type(ALERT)
        for condition in alert.inputs["criteria"]["allOf"]
    }
    assert len(asked) >= 4
    for query, table in asked.items():
        assert table in TABLES, f"look up who writes {table}: {query}"
        type_, category, when_asked = TABLES[table]
        settings = [one for one in prod.of_type(SETTING) if type_of(one.inputs["resourceUri"]) == type_]
        assert settings, f"nothing of {type_} sends logs"
        for setting in settings:
            assert sent(setting, category), (setting.name, category)
            destination = setting.inputs.get("logAnalyticsDestinationType")
            assert destination == ("Dedicated" if when_asked else None), (
                f"{setting.name}: {table} stays empty, or the setting drifts"
            )


def test_the_networks_logs_are_named(prod: Graph) -> None:
    named = {
        setting.name: {log["category"] for log in setting.inputs["logs"]}
        for setting in prod.of_type(SETTING)
        if setting.name.startswith("network-")
    }
    groups = {"NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"}
    assert named == {
        "network-databricks-security-group-log": groups,
        "network-platform-security-group-log": groups,
        "network-egress-address-log": {
            "DDoSMitigationFlowLogs",
            "DDoSMitigationReports",
            "DDoSProtectionNotifications",
        },
        "network-virtual-network-log": {"VMProtectionAlerts"},
    }
