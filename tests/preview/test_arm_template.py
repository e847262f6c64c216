"""Deployment templates of a preview: one a scope, with names, ids and versions as ARM knows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lakeplane.preview import Change, Preview, PreviewedResource
from lakeplane.preview.arm_template import to_arm_templates

from .conftest import ACCOUNT, GROUP, UNKNOWN, VAULT, made, urn

AZURE = "pulumi:providers:azure-native"
SUBSCRIPTION = "5b000000-0000-4000-8000-000000000001"


def templates(*resources: Any) -> dict[str, Any]:
    provider = made(AZURE, "azure", {"subscriptionId": SUBSCRIPTION})
    shown = [PreviewedResource("foundation", one) for one in (provider, *resources)]
    return dict(to_arm_templates(Preview("dev", ("foundation",), tuple(shown))).files)


def account(**inputs: Any) -> Any:
    given = {"accountName": "st", "resourceGroupName": "rg", "location": "westeurope", **inputs}
    return made(ACCOUNT, "lake", given, provider=urn(AZURE, "azure"), dependencies=(urn(GROUP, "group"),))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def test_each_scope_has_a_template_of_its_kind() -> None:
    group = made(
        GROUP, "group", {"resourceGroupName": "rg", "location": "westeurope"}, provider=urn(AZURE, "azure")
    )
    found = templates(group, account())
    assert list(found) == ["resource-group.rg.json", f"subscription.{SUBSCRIPTION}.json"]
    assert "/deploymentTemplate.json#" in found["resource-group.rg.json"]["$schema"]
    assert "/subscriptionDeploymentTemplate.json#" in found[f"subscription.{SUBSCRIPTION}.json"]["$schema"]
    (written,) = found["resource-group.rg.json"]["resources"]
    assert written["type"] == "Microsoft.Storage/storageAccounts"
    assert written["name"] == "st"
    assert "dependsOn" not in written, "the group is in another template"


def test_extensions_stand_with_what_they_extend() -> None:
    role = "azure-native:authorization:RoleAssignment"
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"
    inputs = {"roleAssignmentName": "0" * 8, "principalId": dict(UNKNOWN), "roleDefinitionId": "/r"}
    at_account = made(
        role,
        "a",
        {**inputs, "scope": scope},
        provider=urn(AZURE, "azure"),
        dependencies=(urn(ACCOUNT, "lake"),),
    )
    at_group = made(
        role, "b", {**inputs, "scope": scope.partition("/providers")[0]}, provider=urn(AZURE, "azure")
    )
    at_subscription = made(
        role, "c", {**inputs, "scope": f"/subscriptions/{SUBSCRIPTION}"}, provider=urn(AZURE, "azure")
    )
    found = templates(account(), at_account, at_group, at_subscription)
    in_group = [
        one for one in found["resource-group.rg.json"]["resources"] if "roleAssignments" in one["type"]
    ]
    assert [one.get("scope") for one in in_group] == ["Microsoft.Storage/storageAccounts/st", None]
    assert in_group[0]["dependsOn"] == [scope]
    assert in_group[0]["properties"]["principalId"] == "[parameters('a_properties_principalId')]"
    assert len(found[f"subscription.{SUBSCRIPTION}.json"]["resources"]) == 1


def test_unknowns_and_secrets_become_parameters() -> None:
    found = templates(account(tags={"who": dict(UNKNOWN), "key": {"$secret": "canary-of-this-test"}}))
    template = found["resource-group.rg.json"]
    assert template["parameters"] == {
        "lake_tags_key": {"type": "secureString", "metadata": {"description": "a secret"}},
        "lake_tags_who": {"type": "string", "metadata": {"description": "known only after the update"}},
    }
    assert template["resources"][0]["tags"]["key"] == "[parameters('lake_tags_key')]"
    assert "canary" not in json.dumps(found)


def test_texts_are_no_expressions() -> None:
    found = templates(account(tags={"a": "[resourceGroup().id]", "b": "plain"}))
    assert found["resource-group.rg.json"]["resources"][0]["tags"] == {
        "a": "[[resourceGroup().id]",
        "b": "plain",
    }


def test_nested_resources_carry_their_parents_names() -> None:
    container = made(
        "azure-native:storage:BlobContainer",
        "gold",
        {"accountName": "st", "resourceGroupName": "rg", "containerName": "gold", "publicAccess": "None"},
        provider=urn(AZURE, "azure"),
        dependencies=(urn(ACCOUNT, "lake"),),
    )
    written = {
        one["type"]: one for one in templates(account(), container)["resource-group.rg.json"]["resources"]
    }
    nested = written["Microsoft.Storage/storageAccounts/blobServices/containers"]
    assert nested["name"] == "st/default/gold"
    assert nested["dependsOn"][0].endswith("/storageAccounts/st")


def test_what_cannot_be_placed_is_told() -> None:
    shown = (
        PreviewedResource(
            "foundation", made("azure-native:sql:Server", "server", {"resourceGroupName": "rg"})
        ),
        PreviewedResource("foundation", made(VAULT, "vault", {"vaultName": dict(UNKNOWN)})),
        PreviewedResource("foundation", made(VAULT, "gone", {"vaultName": "v"}), Change.DELETE),
    )
    found = to_arm_templates(Preview("dev", ("foundation",), shown))
    assert found.files == {}
    assert [one.rpartition("::")[2] for one in found.left_out] == ["server", "vault"]


@pytest.mark.parametrize("name", ["local", "aligned"])
def test_a_whole_environment_is_well_formed(name: str, request: pytest.FixtureRequest) -> None:
    preview: Preview = request.getfixturevalue(name)
    found = to_arm_templates(preview)
    assert found.left_out == ()
    azure = [one for one in preview.resources if one.is_managed and one.resource.package == "azure-native"]
    assert sum(len(one["resources"]) for one in found.files.values()) == len(azure)
    for template in found.files.values():
        names = [(one["type"], one["name"], one.get("scope")) for one in template["resources"]]
        assert len(names) == len(set(names))
        used = set()
        for text in strings(template["resources"]):
            used |= set(re.findall(r"\[parameters\('(\w+)'\)\]", text))
            assert not text.startswith("[") or text.startswith(("[parameters(", "[[")), text
        assert used == set(template["parameters"])
        for one in template["resources"]:
            assert re.fullmatch(r"20\d\d-\d\d-\d\d(-preview)?", one["apiVersion"])
            assert one["name"].count("/") == one["type"].count("/") - 1
            assert not {"resourceGroupName", "$unknown", "$secret"} & set(one)
    assert to_arm_templates(preview) == found
