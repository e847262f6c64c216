"""The lake and the machine-learning account: closed doors, exact inputs."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from lakeplane.components.data_lake import CONTAINERS, DataLake, DataLakeArgs
from lakeplane.components.placement import Placement

ACCOUNT = "azure-native:storage:StorageAccount"
CONNECTOR = "/subscriptions/s/resourceGroups/rg-test/providers/Microsoft.Databricks/accessConnectors/c"


def lake(placement: Placement, **more) -> DataLakeArgs:
    return DataLakeArgs(
        placement=placement,
        account_name="stlake",
        tenant_id="tenant",
        access_connector_id=CONNECTOR,
        access_connector=CONNECTOR,
        access_connector_principal_id="principal",
        log_workspace_id="/log",
        **more,
    )


def test_lake_is_closed_by_default(placement, inputs_of) -> None:
    assert inputs_of(DataLake, lake(placement), ACCOUNT) == {
        "accessTier": "Hot",
        "accountName": "stlake",
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "allowSharedKeyAccess": False,
        "defaultToOAuthAuthentication": True,
        "enableHttpsTrafficOnly": True,
        "encryption": {
            "keySource": "Microsoft.Storage",
            "requireInfrastructureEncryption": True,
            "services": {
                "blob": {"enabled": True, "keyType": "Account"},
                "file": {"enabled": True, "keyType": "Account"},
            },
        },
        "isHnsEnabled": True,
        "isLocalUserEnabled": False,
        "isSftpEnabled": False,
        "kind": "StorageV2",
        "location": "westeurope",
        "minimumTlsVersion": "TLS1_2",
        "networkRuleSet": {
            "bypass": "None",
            "defaultAction": "Deny",
            "ipRules": [],
            "resourceAccessRules": [{"resourceId": CONNECTOR, "tenantId": "tenant"}],
        },
        "publicNetworkAccess": "Disabled",
        "resourceGroupName": "rg-test",
        "sku": {"name": "Standard_ZRS"},
        "tags": {"environment": "test"},
    }


def test_lake_opens_to_what_is_named_and_nothing_else(placement, inputs_of) -> None:
    args = lake(placement, allowed_addresses=[IPv4Network("203.0.113.0/24")])
    account = inputs_of(DataLake, args, ACCOUNT)
    assert account["publicNetworkAccess"] == "Enabled"
    rules = account["networkRuleSet"]
    assert rules["defaultAction"] == "Deny"
    assert rules["ipRules"] == [{"action": "Allow", "iPAddressOrRange": "203.0.113.0/24"}]
    assert "virtualNetworkRules" not in rules


def test_lake_can_restore_what_was_deleted(placement, inputs_of) -> None:
    service = inputs_of(DataLake, lake(placement), "azure-native:storage:BlobServiceProperties")
    assert service["deleteRetentionPolicy"] == {"days": 14, "enabled": True}
    assert service["containerDeleteRetentionPolicy"] == {"days": 14, "enabled": True}


def test_lake_has_a_container_for_each_layer_without_anonymous_access(placement, render_component) -> None:
    graph = render_component(lambda: DataLake("lake", lake(placement)))
    containers = list(graph.of_type("azure-native:storage:BlobContainer"))
    assert {found.inputs["containerName"] for found in containers} == set(CONTAINERS)
    assert {found.inputs["publicAccess"] for found in containers} == {"None"}


def test_only_the_access_connector_gets_a_right_on_the_lake(placement, inputs_of) -> None:
    assignment = inputs_of(DataLake, lake(placement), "azure-native:authorization:RoleAssignment")
    assert assignment["principalId"] == "principal"
    assert assignment["roleDefinitionId"].endswith("/ba92f5b4-2d11-453d-a403-e96b0029c9fe")
    assert assignment["scope"].endswith("/Microsoft.Storage/storageAccounts/stlake")


def test_ml_account_is_its_own_and_not_hierarchical(local) -> None:
    accounts = {found.name: found.inputs for found in local["foundation"].of_type(ACCOUNT)}
    ml = accounts["ml-account"]
    assert ml["isHnsEnabled"] is False
    assert ml["accountName"] != accounts["lake-account"]["accountName"]
    assert ml["networkRuleSet"]["defaultAction"] == "Deny"
    for door in ("allowBlobPublicAccess", "allowSharedKeyAccess", "isLocalUserEnabled"):
        assert ml[door] is False
    workspace = local["foundation"].one("azure-native:machinelearningservices:Workspace").inputs
    assert workspace["storageAccount"].endswith(f"/{ml['accountName']}")
    assert workspace["systemDatastoresAuthMode"] == "Identity"


@pytest.mark.parametrize("replication", ["LRS", "GZRS"])
def test_replication_is_the_callers(placement, inputs_of, replication: str) -> None:
    found = inputs_of(DataLake, lake(placement, replication=replication), ACCOUNT)
    assert found["sku"] == {"name": f"Standard_{replication}"}


def test_only_raw_files_grow_old(placement, inputs_of) -> None:
    """Tables' logs lie among their data, and checkpoints in a container of their own."""
    policy = inputs_of(DataLake, lake(placement), "azure-native:storage:ManagementPolicy")["policy"]
    (rule,) = policy["rules"]
    assert rule["definition"]["filters"] == {"blobTypes": ["blockBlob"], "prefixMatch": ["landing/"]}
    assert rule["definition"]["actions"]["baseBlob"] == {
        "tierToCold": {"daysAfterModificationGreaterThan": 90},
        "tierToCool": {"daysAfterModificationGreaterThan": 30},
    }


def test_lake_logs_who_reads_and_writes(placement, render_component) -> None:
    graph = render_component(lambda: DataLake("lake", lake(placement)))
    settings = [found.inputs for found in graph.of_type("azure-native:monitor:DiagnosticSetting")]
    services = {setting["resourceUri"].rpartition("/stlake/")[2] for setting in settings}
    assert services == {f"{service}Services/default" for service in ("blob", "file", "queue", "table")}
    for setting in settings:
        assert setting["logs"] == [{"categoryGroup": "allLogs", "enabled": True}]


def test_locked_lake_cannot_be_deleted_by_anybody(placement, inputs_of) -> None:
    lock = inputs_of(DataLake, lake(placement, lock=True), "azure-native:authorization:ManagementLockByScope")
    assert lock["level"] == "CanNotDelete"
    assert lock["scope"].endswith("/storageAccounts/stlake")
