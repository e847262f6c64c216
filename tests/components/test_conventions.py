"""What holds for every component and every resource of the platform."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import chain
from typing import Any

import pytest

from lakeplane.components.placement import firewall_addresses
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.provider_models.arm import arm_id
from lakeplane.provider_models.sdk_types import args_class, fields
from lakeplane.provider_models.stateful import holding
from lakeplane.registration import check_inputs
from lakeplane.render import Graph, Resource
from lakeplane.roles import role_assignment_name
from lakeplane.spec import load_spec

PROVIDERS = ("azure-native", "databricks", "kubernetes")


def everything(layers: dict[str, Graph]) -> Iterator[Resource]:
    return chain.from_iterable(graph.resources for graph in layers.values())


@pytest.fixture(scope="module")
def plan(project) -> EnvironmentPlan:
    return plan_environment(load_spec(project.environments / "local.yaml"))


def test_components_are_named_by_room_and_register_outputs(local: dict[str, Graph]) -> None:
    components = [found for found in everything(local) if found.type.startswith("lakeplane:")]
    assert len(components) >= 20
    for component in components:
        assert re.fullmatch(r"lakeplane:[a-z]+:[A-Z][A-Za-z]+", component.type)
        assert component.outputs, f"{component.urn} registers no outputs"


def test_children_are_parented_and_named_after_their_component(local: dict[str, Graph]) -> None:
    by_urn = {found.urn: found for found in everything(local)}
    children = [found for found in everything(local) if found.package in PROVIDERS]
    for child in children:
        assert child.parent is not None
        parent = by_urn[child.parent]
        if child.type == "azure-native:resources:ResourceGroup":
            continue
        assert parent.type.startswith("lakeplane:"), f"{child.urn} belongs to no component"
        assert child.name.startswith(f"{parent.name}-")


def test_every_resource_has_an_explicit_provider(local: dict[str, Graph]) -> None:
    given = [found for found in everything(local) if found.provider and found.package in PROVIDERS]
    names = {(found.package, found.provider.rpartition("::")[2]) for found in given}
    assert names == {("azure-native", "azure"), ("databricks", "workspace"), ("kubernetes", "cluster")}


def test_nothing_is_hidden_behind_an_unknown_name(local: dict[str, Graph]) -> None:
    """Ids and names come from the plan, so that rules and people see them before anything exists."""
    allowed = {"principalId", "clusterPolicyId", "jobId", "instancePoolId", "policyId", "issuer", "host"}
    allowed |= {"kubeconfig", "objectId", "clientId", "azure.workload.identity/client-id", "iPAddressOrRange"}
    # Application ids and the workspace's number are Azure's to give.
    allowed |= {"applicationId", "principal", "principals", "servicePrincipalName", "workspaceId"}
    allowed |= {"sqlEndpointId", "ipAddresses"}
    # The month of the first update.
    allowed |= {"input", "startDate"}
    named_by_azure = "databricks:index/accessControlRuleSet:AccessControlRuleSet"
    found = {key for r in everything(local) for key in unknown_keys(r.inputs) if r.type != named_by_azure}
    assert found <= allowed


def unknown_keys(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        if "$unknown" in value:
            yield key
        for name, item in value.items():
            yield from unknown_keys(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from unknown_keys(item, key)


def test_every_input_exists_in_the_sdk(local: dict[str, Graph]) -> None:
    """The SDKs send nested keys that they don't know as they are, and providers then ignore them."""
    found = [each for each in everything(local) if each.package in PROVIDERS and not each.read]
    assert len(found) >= 140
    mistakes = [one for each in found for one in check_inputs(each.type, each.inputs, each.name)]
    assert mistakes == []


def test_everything_taggable_carries_the_tags(local: dict[str, Graph], plan: EnvironmentPlan) -> None:
    for resource in local["foundation"].resources:
        if resource.package != "azure-native":
            continue
        names = {field.wire for field in fields(args_class(resource.type)).values()}
        if "tags" in names:
            assert resource.inputs.get("tags") == plan.tags, resource.urn


def test_ids_of_the_plan_are_those_of_the_resources(local: dict[str, Graph], plan: EnvironmentPlan) -> None:
    ids = {
        arm_id(found.type, found.inputs, plan.subscription_id)
        for found in local["foundation"].resources
        if found.package == "azure-native"
    }
    for planned in (
        plan.resource_group_id,
        plan.databricks_workspace_id,
        plan.access_connector_id,
        plan.aks_cluster_id,
        plan.storage_account_id,
        plan.ml_storage_account_id,
        plan.key_vault_id,
        plan.ml_key_vault_id,
        plan.ml_workspace_id,
        plan.container_registry_id,
    ):
        assert planned in ids


def test_roles_are_given_on_resources_of_the_environment(
    local: dict[str, Graph], plan: EnvironmentPlan
) -> None:
    ids = {
        arm_id(found.type, found.inputs, plan.subscription_id)
        for found in local["foundation"].resources
        if found.package == "azure-native"
    }
    assignments = list(local["foundation"].of_type("azure-native:authorization:RoleAssignment"))
    assert len(assignments) == 19
    names = {found.inputs["roleAssignmentName"] for found in assignments}
    assert len(names) == len(assignments)
    for assignment in assignments:
        assert assignment.inputs["scope"] in ids, "never on the group or the subscription"
        assert assignment.inputs["principalType"] == "ServicePrincipal"
        assert assignment.property_dependencies["principalId"]
        assert assignment.property_dependencies["scope"]


def test_assignment_names_depend_on_scope_role_and_principal() -> None:
    name = role_assignment_name("/a/B", "AcrPull", "/id/x")
    assert name == role_assignment_name("/A/b", "AcrPull", "/ID/x"), "ARM's ids don't know letter case"
    others = {
        role_assignment_name("/a/c", "AcrPull", "/id/x"),
        role_assignment_name("/a/B", "Contributor", "/id/x"),
        role_assignment_name("/a/B", "AcrPull", "/id/y"),
    }
    assert len({name, *others}) == 4


def test_only_prod_protects_what_holds_data(
    local: dict[str, Graph], render_layers, project, tmp_path
) -> None:
    assert not [found.urn for found in everything(local) if found.protect]
    spec = tmp_path / "live.yaml"
    text = (project.environments / "local.yaml").read_text()
    spec.write_text(text.replace("name: local", "name: live").replace("tier: dev", "tier: prod"))
    live = list(everything(render_layers(spec)))
    protected = {found.type for found in live if found.protect}
    assert protected >= {
        "azure-native:containerregistry:Registry",
        "azure-native:containerservice:ManagedCluster",
        "azure-native:databricks:Workspace",
        "azure-native:keyvault:Vault",
        "azure-native:machinelearningservices:Workspace",
        "azure-native:monitor:AzureMonitorWorkspace",
        "azure-native:operationalinsights:Workspace",
        "azure-native:resources:ResourceGroup",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:StorageAccount",
        "databricks:index/catalog:Catalog",
        "databricks:index/schema:Schema",
        "databricks:index/volume:Volume",
    }
    # What `lakeplane destroy` names as lost is what is protected: one table says both.
    assert {found.urn for found in live if found.protect} == {
        found.urn for found in live if holding(found.type) is not None and not found.read
    }


def test_firewalls_get_addresses_in_their_own_spelling() -> None:
    ranges = [IPv4Network(text) for text in ("203.0.113.0/24", "198.51.100.7/32", "198.51.100.8/31")]
    assert firewall_addresses(ranges) == ["203.0.113.0/24", "198.51.100.7", "198.51.100.8", "198.51.100.9"]
