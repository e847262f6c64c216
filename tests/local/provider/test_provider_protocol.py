"""The provider protocol: what is agreed on, previews, secrets, changes, life and death of resources."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from lakeplane.local.faults import Fault, Faults
from lakeplane.provider_models.wire import decode_struct, encode_struct

from .conftest import ACCOUNT, GROUP, SUBSCRIPTION, VAULT, urn

if TYPE_CHECKING:
    from .conftest import Cloud

RESOURCE_GROUP = "azure-native:resources:ResourceGroup"
STORAGE = "azure-native:storage:StorageAccount"
CONTAINER = "azure-native:storage:BlobContainer"
KEY_VAULT = "azure-native:keyvault:Vault"
NAMESPACE = "kubernetes:core/v1:Namespace"
SECRET = "kubernetes:core/v1:Secret"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test"


def test_an_engine_can_attach_and_gets_any_version(cloud: Cloud) -> None:
    answer = cloud.azure.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert answer.accept_secrets
    assert cloud.azure.GetPluginInfo(empty_pb2.Empty()).version == "999.0.0"
    assert cloud.azure.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()


def test_ids_follow_from_names_and_stay(cloud: Cloud) -> None:
    assert cloud.create(RESOURCE_GROUP, "group", GROUP)[0] == GROUP_ID
    account_id, _ = cloud.create(STORAGE, "lake", ACCOUNT)
    assert account_id == f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/sttest"
    inputs = {"resourceGroupName": "rg-test", "accountName": "sttest", "containerName": "gold"}
    container_id, _ = cloud.create(CONTAINER, "gold", inputs)
    assert container_id == f"{account_id}/blobServices/default/containers/gold"
    # A killed update creates again what it had created.
    assert cloud.create(STORAGE, "lake", ACCOUNT)[0] == account_id
    assert len(cloud.resources.of_type(STORAGE)) == 1


def test_a_preview_promises_only_what_the_update_keeps(cloud: Cloud) -> None:
    cloud.create(RESOURCE_GROUP, "group", GROUP)
    unknown = {"$unknown": True}
    preview_id, promised = cloud.create(STORAGE, "lake", {**ACCOUNT, "location": unknown}, preview=True)
    assert preview_id == ""
    assert "location" not in promised
    assert not cloud.resources.of_type(STORAGE)
    _, kept = cloud.create(STORAGE, "lake", ACCOUNT)
    assert {name: kept[name] for name in promised} == promised
    assert promised["name"] == "sttest"


def test_secrets_stay_secret_on_the_way_and_in_the_store(cloud: Cloud) -> None:
    cloud.create(NAMESPACE, "ns", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "scoring"}})
    inputs = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "scoring", "annotations": {"note": {"$secret": "hush"}}},
        "stringData": {"$secret": {"key": "hush"}},
    }
    checked, failures = cloud.check(SECRET, "s", inputs)
    assert not failures
    assert checked["stringData"] == {"$secret": {"key": "hush"}}
    resource_id, outputs = cloud.create(SECRET, "s", checked)
    assert resource_id == "scoring/s"
    assert outputs["stringData"] == {"$secret": {"key": "hush"}}
    assert set(outputs["metadata"]) == {"$secret"}, "what is made of a secret is one too"
    read = cloud.read(SECRET, "s", resource_id)
    assert decode_struct(read.properties) == outputs
    assert decode_struct(read.inputs) == checked


@pytest.mark.parametrize(
    ("change", "paths", "replaces"),
    [
        ({}, [], []),
        ({"sku": {"name": "Standard_ZRS"}}, ["sku.name"], []),
        ({"tags": {"a": "b"}}, ["tags"], []),
        ({"accountName": "other"}, ["accountName"], ["accountName"]),
        ({"location": "northeurope"}, ["location"], ["location"]),
    ],
)
def test_a_change_updates_or_replaces(
    cloud: Cloud, change: dict[str, Any], paths: list[str], replaces: list[str]
) -> None:
    answer = cloud.diff(STORAGE, ACCOUNT, {**ACCOUNT, **change})
    assert (answer.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(paths)
    assert sorted(answer.detailedDiff) == paths
    assert list(answer.replaces) == replaces
    # The same id cannot be twice, so the old resource goes first.
    assert answer.deleteBeforeReplace == bool(replaces)


def test_changes_inside_lists_are_told_by_path(cloud: Cloud) -> None:
    old = {"name": "job", "tasks": [{"taskKey": "a"}, {"taskKey": "b", "libraries": [{"whl": "1"}]}]}
    new = {"name": "job", "tasks": [{"taskKey": "a"}, {"taskKey": "b", "libraries": [{"whl": "2"}, {}]}]}
    answer = cloud.diff("databricks:index/job:Job", old, new)
    assert sorted(answer.detailedDiff) == ["tasks[1].libraries[0].whl", "tasks[1].libraries[1]"]
    assert list(answer.diffs) == ["tasks"]


def test_an_update_changes_in_place_and_a_read_tells_it(cloud: Cloud) -> None:
    cloud.create(RESOURCE_GROUP, "group", GROUP)
    account_id, _ = cloud.create(STORAGE, "lake", ACCOUNT)
    new = {**ACCOUNT, "tags": {"owner": "me"}}
    cloud.azure.Update(
        provider_pb2.UpdateRequest(id=account_id, urn=urn(STORAGE, "lake"), news=encode_struct(new))
    )
    assert decode_struct(cloud.read(STORAGE, "lake", account_id).inputs) == new


def test_deleting_takes_along_what_lies_inside_and_may_be_repeated(cloud: Cloud) -> None:
    cloud.lake()
    files = cloud.places.layout.storage / "sttest" / "gold"
    assert files.is_dir()
    for _ in range(2):
        cloud.delete(RESOURCE_GROUP, "group", GROUP_ID)
    assert not files.parent.exists()
    left = {resource.type.partition(":")[0] for resource in cloud.resources.all()}
    assert left == {"databricks"}, "Unity Catalog belongs to the account, not to a resource group"
    assert cloud.read(STORAGE, "lake", "x").id == ""


def test_objects_of_one_name_and_other_kinds_do_not_go_together(cloud: Cloud) -> None:
    cloud.lake()
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "test"}}
    cloud.create(NAMESPACE, "test", namespace)
    cloud.delete(NAMESPACE, "test", "test")
    assert [schema.id for schema in cloud.resources.of_type("databricks:index/schema:Schema")] == [
        "test.gold"
    ]


def test_a_second_resource_of_the_same_name_is_refused(cloud: Cloud, refused: Callable[..., str]) -> None:
    cloud.create(RESOURCE_GROUP, "group", GROUP)
    refused(lambda: cloud.create(RESOURCE_GROUP, "twin", GROUP), "409", "exists already", "::group")


def test_a_vault_is_recovered_by_itself_only(cloud: Cloud, refused: Callable[..., str]) -> None:
    cloud.create(RESOURCE_GROUP, "group", GROUP)
    cloud.create(RESOURCE_GROUP, "other", {**GROUP, "resourceGroupName": "rg-other"})
    vault_id, outputs = cloud.create(KEY_VAULT, "vault", VAULT)
    assert outputs["properties"]["vaultUri"] == "https://kv-test.vault.azure.net/"
    cloud.delete(KEY_VAULT, "vault", vault_id)
    (held,) = cloud.resources.soft_deleted()
    assert (held.name, round((held.purge - held.deleted) / 86400)) == ("kv-test", 7)
    stranger = {**VAULT, "resourceGroupName": "rg-other"}
    refused(lambda: cloud.create(KEY_VAULT, "stranger", stranger), "409", "soft-deleted")
    assert cloud.create(KEY_VAULT, "vault", VAULT)[0] == vault_id
    assert not cloud.resources.soft_deleted()
    refused(lambda: cloud.create(KEY_VAULT, "stranger", stranger), "409", "taken")


def test_what_is_not_simulated_is_said_so(cloud: Cloud, refused: Callable[..., str]) -> None:
    refused(lambda: cloud.create("azure-native:compute:VirtualMachine", "vm", {}), "README.md")
    request = provider_pb2.InvokeRequest(tok="azure-native:compute:getVirtualMachine")
    refused(lambda: cloud.azure.Invoke(request), "does not answer")


def test_planned_faults_strike_once(cloud: Cloud, refused: Callable[..., str]) -> None:
    Faults(cloud.store).plan(Fault("provider", RESOURCE_GROUP, "create", 429, "too many requests"))
    refused(lambda: cloud.create(RESOURCE_GROUP, "group", GROUP), "429", "too many requests")
    assert cloud.create(RESOURCE_GROUP, "group", GROUP)[0] == GROUP_ID
