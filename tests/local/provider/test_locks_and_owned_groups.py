"""Delete locks, read-only locks and resource groups that services make for themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from lakeplane.local.faults import Fault, Faults
from lakeplane.local.store import VERSION, Store
from lakeplane.provider_models.wire import encode_struct

from .conftest import ACCOUNT, GROUP, SUBSCRIPTION, VAULT, Cloud, urn

RESOURCE_GROUP = "azure-native:resources:ResourceGroup"
STORAGE = "azure-native:storage:StorageAccount"
CONTAINER = "azure-native:storage:BlobContainer"
LOCK = "azure-native:authorization:ManagementLockByScope"
WORKSPACE = "azure-native:databricks:Workspace"
LOGS = "azure-native:operationalinsights:Workspace"
KEY_VAULT = "azure-native:keyvault:Vault"
GOLD = {"resourceGroupName": "rg-test", "accountName": "sttest", "containerName": "gold"}

Refused = Callable[..., str]


def _lock(cloud: Cloud, name: str, scope: str, level: str = "CanNotDelete") -> str:
    return cloud.create(LOCK, name, {"scope": scope, "level": level, "lockName": name})[0]


def test_a_lock_holds_its_scope_all_below_it_and_what_contains_it(cloud: Cloud, refused: Refused) -> None:
    group, _ = cloud.create(RESOURCE_GROUP, "group", GROUP)
    account, _ = cloud.create(STORAGE, "lake", ACCOUNT)
    gold, _ = cloud.create(CONTAINER, "gold", GOLD)
    vault, _ = cloud.create(KEY_VAULT, "vault", VAULT)
    lock = _lock(cloud, "keep", account.upper())  # scopes compare without regard to case
    for token, name, arm_id in (
        (STORAGE, "lake", account),
        (CONTAINER, "gold", gold),
        (RESOURCE_GROUP, "group", group),
    ):
        text = refused(lambda token=token, name=name, id_=arm_id: cloud.delete(token, name, id_), "409")
        assert 'Code="ScopeLocked"' in text
        assert account.upper() in text
    cloud.delete(KEY_VAULT, "vault", vault)
    assert cloud.create(CONTAINER, "silver", {**GOLD, "containerName": "silver"})[0], "only deletions wait"
    cloud.delete(LOCK, "keep", lock)
    cloud.delete(RESOURCE_GROUP, "group", group)
    assert not cloud.resources.all()


def test_a_lock_of_a_name_that_only_begins_alike_holds_nothing(cloud: Cloud) -> None:
    cloud.create(RESOURCE_GROUP, "group", GROUP)
    other, _ = cloud.create(RESOURCE_GROUP, "longer", {**GROUP, "resourceGroupName": "rg-test-2"})
    _lock(cloud, "keep", f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test")
    cloud.delete(RESOURCE_GROUP, "longer", other)


def test_a_read_only_lock_refuses_changes_too(cloud: Cloud, refused: Refused) -> None:
    group, _ = cloud.create(RESOURCE_GROUP, "group", GROUP)
    lock = _lock(cloud, "frozen", group, "ReadOnly")
    text = refused(lambda: cloud.create(STORAGE, "lake", ACCOUNT), "409")
    assert "cannot perform write operation" in text
    cloud.delete(LOCK, "frozen", lock)
    cloud.create(STORAGE, "lake", ACCOUNT)


def _workspace(group: str, **more: Any) -> Mapping[str, Any]:
    return {
        "resourceGroupName": "rg-test",
        "workspaceName": "dbw-test",
        "location": "westeurope",
        "sku": {"name": "premium"},
        "computeMode": "Hybrid",
        "managedResourceGroupId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}",
        **more,
    }


def test_a_managed_group_comes_and_goes_with_its_owner(cloud: Cloud, refused: Refused) -> None:
    cloud.create(RESOURCE_GROUP, "group", GROUP)
    workspace, _ = cloud.create(WORKSPACE, "workspace", _workspace("rg-managed"))
    names = {group.id.rsplit("/", 1)[-1] for group in cloud.resources.of_type(RESOURCE_GROUP)}
    assert names == {"rg-test", "rg-managed"}
    stranger = {**GROUP, "resourceGroupName": "rg-managed"}
    refused(lambda: cloud.create(RESOURCE_GROUP, "stranger", stranger), "409", "exists already")
    second = _workspace("rg-managed", workspaceName="dbw-second")
    refused(lambda: cloud.create(WORKSPACE, "second", second), "409", "ManagedResourceGroupAlreadyExists")
    cloud.delete(WORKSPACE, "workspace", workspace)
    assert [group.id.rsplit("/", 1)[-1] for group in cloud.resources.of_type(RESOURCE_GROUP)] == ["rg-test"]


def test_a_log_workspace_keeps_its_name_for_two_weeks(cloud: Cloud) -> None:
    cloud.create(RESOURCE_GROUP, "group", GROUP)
    inputs = {"resourceGroupName": "rg-test", "workspaceName": "log-test", "location": "westeurope"}
    logs, _ = cloud.create(LOGS, "logs", inputs)
    cloud.delete(LOGS, "logs", logs)
    (held,) = cloud.resources.soft_deleted()
    assert (held.name, round((held.purge - held.deleted) / 86400)) == ("log-test", 14)


@pytest.mark.parametrize("times", [1, 3])
def test_a_fault_strikes_as_often_as_planned(cloud: Cloud, refused: Refused, times: int) -> None:
    fault = Fault("provider", RESOURCE_GROUP, "create", 409, "busy", "AnotherOperationInProgress", times)
    Faults(cloud.store).plan(fault)
    assert Faults(cloud.store).waiting() == [fault]
    for _ in range(times):
        refused(lambda: cloud.create(RESOURCE_GROUP, "group", GROUP), "AnotherOperationInProgress", "busy")
    cloud.create(RESOURCE_GROUP, "group", GROUP)
    assert Faults(cloud.store).waiting() == []


def test_a_fault_outside_azure_is_told_as_its_provider_tells_it(cloud: Cloud, refused: Refused) -> None:
    namespace = "kubernetes:core/v1:Namespace"
    Faults(cloud.store).plan(Fault("provider", namespace, "create", 503, "cluster is unreachable", "", 0))
    inputs = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "test"}}
    for _ in range(2):
        text = refused(lambda: cloud.create(namespace, "test", inputs), "cluster is unreachable")
        assert "Status=" not in text


def test_a_store_of_the_first_format_is_carried_over(tmp_path: Path) -> None:
    path = tmp_path / "cloud" / "store.sqlite"
    store = Store(path)
    store.execute("DROP TABLE faults")
    store.execute(
        "CREATE TABLE faults (number INTEGER PRIMARY KEY, surface TEXT NOT NULL, subject TEXT NOT NULL, "
        "operation TEXT NOT NULL, status INTEGER NOT NULL, message TEXT NOT NULL, planned REAL NOT NULL, "
        "struck REAL)"
    )
    store.execute("INSERT INTO faults VALUES (1, 'provider', 't', 'create', 409, 'struck', 1.0, 2.0)")
    store.execute("INSERT INTO faults VALUES (2, 'provider', 't', 'create', 409, 'waits', 1.0, NULL)")
    store.execute("PRAGMA user_version = 1")
    store.close()
    carried = Store(path)
    assert carried.query("PRAGMA user_version")[0][0] == VERSION
    struck = Faults(carried).strike("provider", "t", "create")
    assert struck is not None
    assert struck.message == "waits"
    assert Faults(carried).strike("provider", "t", "create") is None
    carried.close()


def test_a_deletion_goes_by_what_the_engines_state_says(cloud: Cloud, refused: Refused) -> None:
    cloud.lake()
    catalog, token = "test", "databricks:index/catalog:Catalog"
    cloud.create(token, "test", {"name": "test", "forceDestroy": False})

    def delete(force: bool) -> None:
        properties = encode_struct({"name": "test", "forceDestroy": force})
        request = provider_pb2.DeleteRequest(urn=urn(token, "test"), id=catalog, properties=properties)
        cloud.databricks.Delete(request)

    refused(lambda: delete(force=False), "is not empty")
    delete(force=True)
    assert not cloud.resources.of_type(token)
