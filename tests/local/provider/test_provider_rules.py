"""What the simulated services refuse, and what their objects do to the lake's files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ACCOUNT, GROUP, SUBSCRIPTION, VAULT

if TYPE_CHECKING:
    from .conftest import Cloud

D = "databricks:index/"
NAMESPACE = "kubernetes:core/v1:Namespace"
JOB = f"{D}job:Job"


@pytest.mark.parametrize(
    ("token", "inputs", "path"),
    [
        ("azure-native:storage:StorageAccount", {**ACCOUNT, "accountName": "Not-Allowed"}, "accountName"),
        ("azure-native:storage:StorageAccount", {**ACCOUNT, "accountNmae": "x"}, "accountNmae"),
        ("azure-native:storage:StorageAccount", {**ACCOUNT, "kind": "FileStorage"}, "kind"),
        ("azure-native:storage:StorageAccount", {"accountName": "x"}, "resourceGroupName"),
        ("azure-native:keyvault:Vault", {**VAULT, "vaultName": "1-starts-with-a-digit"}, "vaultName"),
        (f"{D}schema:Schema", {"name": "a.b", "catalogName": "test"}, "name"),
        (f"{D}clusterPolicy:ClusterPolicy", {"name": "p", "definition": "{"}, "definition"),
        (
            f"{D}clusterPolicy:ClusterPolicy",
            {"name": "p", "definition": json.dumps({"x": {"type": "fixd"}})},
            "definition.x",
        ),
        (JOB, {"tasks": [{"taskKey": "a"}, {"taskKey": "a"}]}, "tasks"),
        (JOB, {"tasks": [{"taskKey": "a", "jobClusterKey": "none"}]}, "tasks[0].jobClusterKey"),
        (JOB, {"tasks": [{"taskKey": "a", "dependsOns": [{"taskKey": "z"}]}]}, "tasks[0].dependsOns"),
        (
            "kubernetes:core/v1:Namespace",
            {"apiVersion": "v1", "metadata": {"name": "UPPER"}},
            "metadata.name",
        ),
    ],
)
def test_check_rejects_what_the_service_would(
    cloud: Cloud, token: str, inputs: dict[str, Any], path: str
) -> None:
    assert path in cloud.check(token, "x", inputs)[1]


def test_check_tells_all_findings_at_once(cloud: Cloud) -> None:
    _, failures = cloud.check("azure-native:storage:StorageAccount", "x", {"accountName": "NO", "bad": 1})
    assert {"accountName", "bad", "kind", "resourceGroupName", "sku"} <= failures.keys()


def test_check_waits_for_what_is_not_known_yet(cloud: Cloud) -> None:
    inputs = {**ACCOUNT, "accountName": {"$unknown": True}, "kind": {"$unknown": True}}
    assert cloud.check("azure-native:storage:StorageAccount", "x", inputs)[1] == {}


def test_kubernetes_names_are_made_once(cloud: Cloud) -> None:
    first, _ = cloud.check(NAMESPACE, "ns", {"apiVersion": "v1", "kind": "Namespace"})
    again, _ = cloud.check(NAMESPACE, "ns", {"apiVersion": "v1", "kind": "Namespace"})
    assert first == again
    assert first["metadata"]["name"].startswith("ns-")


def test_parents_and_references_have_to_exist(cloud: Cloud, refused: Callable[..., str]) -> None:
    account = "azure-native:storage:StorageAccount"
    refused(lambda: cloud.create(account, "lake", ACCOUNT), "404", "ResourceGroupNotFound")
    cloud.create("azure-native:resources:ResourceGroup", "group", GROUP)
    account_id, _ = cloud.create(account, "lake", ACCOUNT)
    workspace = {
        "resourceGroupName": "rg-test",
        "workspaceName": "mlw-test",
        "storageAccount": account_id,
        "keyVault": account_id.replace("Storage/storageAccounts/sttest", "KeyVault/vaults/none"),
    }
    token = "azure-native:machinelearningservices:Workspace"
    refused(lambda: cloud.create(token, "ml", workspace), "keyVault", "does not exist")
    workspace["keyVault"] = cloud.create("azure-native:keyvault:Vault", "vault", VAULT)[0]
    refused(lambda: cloud.create(token, "ml", workspace), "hierarchical namespace")


def test_databricks_objects_need_a_workspace(cloud: Cloud, refused: Callable[..., str]) -> None:
    refused(lambda: cloud.create(f"{D}catalog:Catalog", "c", {"name": "c"}), "404", "dbw-test")


@pytest.mark.parametrize(
    ("token", "inputs", "word"),
    [
        (f"{D}schema:Schema", {"name": "s", "catalogName": "none"}, "none"),
        (
            f"{D}schema:Schema",
            {"name": "s", "catalogName": "test", "storageRoot": "abfss://x@y.dfs.core.windows.net/"},
            "external location",
        ),
        (
            f"{D}externalLocation:ExternalLocation",
            {"name": "l", "url": "abfss://none@sttest.dfs.core.windows.net/", "credentialName": "lake"},
            "container",
        ),
        (
            f"{D}volume:Volume",
            {"name": "v", "catalogName": "test", "schemaName": "no", "volumeType": "MANAGED"},
            "schema",
        ),
        (JOB, {"jobClusters": [{"jobClusterKey": "a", "newCluster": {"policyId": "NONE"}}]}, "policyId"),
        (
            f"{D}permissions:Permissions",
            {"jobId": "1", "accessControls": [{"groupName": "users", "permissionLevel": "CAN_VIEW"}]},
            "jobId",
        ),
        (f"{D}file:File", {"path": "/Volumes/test/gold/none/x", "contentBase64": "eA=="}, "volume"),
    ],
)
def test_workspace_objects_refer_to_what_exists(
    cloud: Cloud, refused: Callable[..., str], token: str, inputs: dict[str, Any], word: str
) -> None:
    cloud.lake()
    refused(lambda: cloud.create(token, "x", inputs), word)


def test_volumes_are_directories_and_files_are_uploaded(
    cloud: Cloud, tmp_path: Path, refused: Callable[..., str]
) -> None:
    cloud.lake()
    volume = {"name": "landing", "catalogName": "test", "schemaName": "gold", "volumeType": "EXTERNAL"}
    volume["storageLocation"] = "abfss://landing@sttest.dfs.core.windows.net/in"
    volume_id, _ = cloud.create(f"{D}volume:Volume", "landing", volume)
    assert volume_id == "test.gold.landing"
    source = tmp_path / "a.whl"
    source.write_bytes(b"wheel")
    inputs = {"path": "/Volumes/test/gold/landing/sub/a.whl", "source": str(source)}
    _, outputs = cloud.create(f"{D}file:File", "wheel", inputs)
    assert outputs["md5"] == hashlib.md5(b"wheel").hexdigest()
    lake = cloud.places.layout.storage / "sttest" / "landing" / "in" / "sub" / "a.whl"
    assert lake.read_bytes() == b"wheel"
    assert (cloud.places.volumes / "test" / "gold" / "landing" / "sub" / "a.whl").read_bytes() == b"wheel"
    assert not cloud.diff(f"{D}file:File", inputs, inputs, outputs).detailedDiff
    source.write_bytes(b"another wheel")
    assert list(cloud.diff(f"{D}file:File", inputs, inputs, outputs).detailedDiff) == ["md5"]
    outside = {"path": "/Volumes/test/gold/landing/../../../x", "contentBase64": "eA=="}
    refused(lambda: cloud.create(f"{D}file:File", "outside", outside), "400")
    cloud.delete(f"{D}volume:Volume", "landing", volume_id)
    assert cloud.read(f"{D}file:File", "wheel", inputs["path"]).id == ""


def test_a_schema_with_tables_is_kept_unless_forced(cloud: Cloud, refused: Callable[..., str]) -> None:
    cloud.lake()
    log = cloud.places.layout.storage / "sttest" / "gold" / "load" / "_delta_log"
    log.mkdir(parents=True)
    refused(lambda: cloud.delete(f"{D}schema:Schema", "gold", "test.gold"), "not empty", "load")
    assert log.is_dir()
    refused(lambda: cloud.delete(f"{D}catalog:Catalog", "test", "test"), "not empty", "test.gold")


def test_names_of_policies_are_taken_once(cloud: Cloud, refused: Callable[..., str]) -> None:
    cloud.lake()
    inputs = {"name": "Small job", "definition": "{}"}
    policy_id, _ = cloud.create(f"{D}clusterPolicy:ClusterPolicy", "a", inputs)
    assert cloud.create(f"{D}clusterPolicy:ClusterPolicy", "a", inputs)[0] == policy_id
    refused(lambda: cloud.create(f"{D}clusterPolicy:ClusterPolicy", "b", inputs), "Small job")


def test_the_services_of_a_storage_account_come_with_it(cloud: Cloud, refused: Callable[..., str]) -> None:
    cloud.lake()
    token, account = "azure-native:monitor:DiagnosticSetting", "Microsoft.Storage/storageAccounts"
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test"

    def setting(service: str, name: str = "sttest") -> dict[str, str]:
        return {"name": "audit", "resourceUri": f"{group}/providers/{account}/{name}/{service}/default"}

    for service in ("fileServices", "queueServices", "tableServices"):
        cloud.create(token, service, setting(service))
    refused(lambda: cloud.create(token, "log", setting("fileServices", "stother")), "ParentResourceNotFound")
    refused(lambda: cloud.create(token, "log", setting("diskServices")), "ParentResourceNotFound")
