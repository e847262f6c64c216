"""Outputs and ids that are certain before anything exists."""

from __future__ import annotations

import pytest

from lakeplane.provider_models.arm import ARM_TYPES, arm_id
from lakeplane.provider_models.outputs import certain_outputs
from lakeplane.provider_models.sdk_types import args_class, fields

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
URN = "urn:pulumi:s::p::t::n"


@pytest.mark.parametrize("token", sorted(ARM_TYPES))
def test_every_name_in_an_id_is_an_input_of_the_sdk(token: str) -> None:
    wire_names = {field.wire for field in fields(args_class(token)).values()}
    assert {*ARM_TYPES[token].name_inputs} <= wire_names


def test_ids_are_paths_of_names() -> None:
    inputs = {"resourceGroupName": "rg-a", "accountName": "sta", "containerName": "gold"}
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-a"
    assert arm_id("azure-native:resources:ResourceGroup", inputs, SUBSCRIPTION) == group
    assert (
        arm_id("azure-native:storage:BlobContainer", inputs, SUBSCRIPTION)
        == f"{group}/providers/Microsoft.Storage/storageAccounts/sta/blobServices/default/containers/gold"
    )
    assignment = {"scope": f"{group}/providers/X/y/z", "roleAssignmentName": "guid"}
    assert (
        arm_id("azure-native:authorization:RoleAssignment", assignment, SUBSCRIPTION)
        == f"{group}/providers/X/y/z/providers/Microsoft.Authorization/roleAssignments/guid"
    )


def test_no_id_from_an_unknown_name() -> None:
    inputs = {"resourceGroupName": {"$unknown": True}, "accountName": "sta"}
    assert arm_id("azure-native:storage:StorageAccount", inputs, SUBSCRIPTION) is None
    assert arm_id("azure-native:storage:StorageAccount", {"resourceGroupName": "rg"}, SUBSCRIPTION) is None


def test_storage_account_answers_plain_values_and_its_name() -> None:
    outputs = certain_outputs(
        "azure-native:storage:StorageAccount",
        URN,
        {
            "accountName": "sta",
            "resourceGroupName": "rg",
            "location": "westeurope",
            "tags": {"a": "b"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/x"]},
            "sku": {"name": "Standard_ZRS"},
            "kind": {"$unknown": True},
        },
    )
    assert outputs == {
        "name": "sta",
        "location": "westeurope",
        "tags": {"a": "b"},
        "type": "Microsoft.Storage/storageAccounts",
    }


def test_registry_knows_its_host_only_when_its_name_is_known() -> None:
    token = "azure-native:containerregistry:Registry"
    assert certain_outputs(token, URN, {"registryName": "crAbc"})["loginServer"] == "crabc.azurecr.io"
    assert "loginServer" not in certain_outputs(token, URN, {"registryName": {"$unknown": True}})


def test_databricks_echoes_what_is_configured_and_keeps_secrets_marked() -> None:
    outputs = certain_outputs(
        "databricks:index/job:Job",
        URN,
        {
            "name": "j",
            "tasks": [{"taskKey": "a", "newCluster": {"policyId": {"$unknown": True}}}],
            "tags": {"$secret": {"a": "b"}},
            "nonsense": 1,
        },
    )
    assert outputs["tasks"][0]["newCluster"]["policyId"] == {"$unknown": True}
    assert outputs["tags"] == {"$secret": {"a": "b"}}
    assert "nonsense" not in outputs
    assert "url" not in outputs, "only the workspace knows it"


def test_node_pool_type_is_its_own_and_not_of_arm() -> None:
    outputs = certain_outputs(
        "azure-native:containerservice:AgentPool",
        URN,
        {"type": "VirtualMachineScaleSets", "agentPoolName": "u"},
    )
    assert outputs["type"] == "VirtualMachineScaleSets"
    assert outputs["name"] == "u"
