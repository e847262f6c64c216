"""A team's own values for inputs, put in by the names of resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from pulumi_azure_native import storage

from lakeplane.registration import RegistrationRefusedError, checked_registrations
from lakeplane.render import Graph

Run = Callable[[Callable[[], object]], Graph]


def account(name: str = "lake", **more) -> storage.StorageAccount:
    rules = storage.NetworkRuleSetArgs(
        default_action="Deny", ip_rules=[storage.IPRuleArgs(i_p_address_or_range="192.0.2.0/24")]
    )
    given = {
        "account_name": "st",
        "resource_group_name": "rg",
        "kind": "StorageV2",
        "network_rule_set": rules,
    }
    return storage.StorageAccount(name, **{**given, "sku": {"name": "Standard_LRS"}, **more})


def render_with(
    run: Run, overrides: Mapping[str, Mapping[str, Any]], make: Callable[[], object] = account
) -> Graph:
    def program() -> None:
        with checked_registrations(overrides) as registrations:
            make()
            pulumi.export("overridden", registrations.settle_overrides(["elsewhere"]))

    return run(program)


def refused(run: Run, overrides: Mapping[str, Mapping[str, Any]], **more: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(RegistrationRefusedError) as caught:
        render_with(run, overrides, **more)
    return [(one.code, one.dotted_path, one.remedy) for one in caught.value.findings]


def test_overrides_take_the_services_own_names(run_program: Run) -> None:
    graph = render_with(
        run_program,
        {
            "lake": {
                "sku.name": "Standard_GZRS",
                "networkRuleSet.ipRules[0].iPAddressOrRange": "198.51.100.0/24",
                "networkRuleSet.bypass": "None",
                "enableNfsV3": True,
                'tags["a.b"]': "c",
                "routingPreference.publishInternetEndpoints": False,
            },
            "elsewhere": {"x": 1},
        },
    )
    inputs = graph.one("azure-native:storage:StorageAccount").inputs
    assert inputs["sku"] == {"name": "Standard_GZRS"}
    assert inputs["networkRuleSet"] == {
        "bypass": "None",
        "defaultAction": "Deny",
        "ipRules": [{"action": "Allow", "iPAddressOrRange": "198.51.100.0/24"}],
    }
    assert inputs["enableNfsV3"] is True
    assert inputs["tags"] == {"a.b": "c"}
    assert inputs["routingPreference"] == {"publishInternetEndpoints": False}
    assert graph.outputs["overridden"] == ["lake"]


def test_override_leaves_what_resources_share_as_it_is(run_program: Run) -> None:
    shared = storage.NetworkRuleSetArgs(default_action="Deny")

    def two() -> None:
        account("one", network_rule_set=shared)
        account("two", network_rule_set=shared)

    graph = render_with(run_program, {"one": {"networkRuleSet.defaultAction": "Allow"}}, two)
    actions = {
        one.name: one.inputs["networkRuleSet"]["defaultAction"] for one in graph.resources if one.inputs
    }
    assert actions == {"one": "Allow", "two": "Deny"}


def test_override_replaces_what_is_known_later(run_program: Run) -> None:
    def tagged() -> object:
        return account(tags=pulumi.Output.from_input({"a": "b"}))

    graph = render_with(run_program, {"lake": {"tags": {"c": "d"}}}, tagged)
    assert graph.one("azure-native:storage:StorageAccount").inputs["tags"] == {"c": "d"}
    assert refused(run_program, {"lake": {"tags.c": "d"}}, make=tagged) == [
        ("REG009", "overrides.lake.tags.c", "replace that value as a whole")
    ]


def test_name_that_no_resource_has_is_refused(run_program: Run) -> None:
    assert refused(run_program, {"laek": {"sku.name": "Standard_LRS"}}) == [
        ("REG006", "overrides.laek", "did you mean 'lake'?")
    ]


@pytest.mark.parametrize(
    ("path", "value", "code", "remedy"),
    [
        ("sku.nmae", "x", "REG007", "did you mean 'name'?"),
        ("networkRuleSet.default_action", "Deny", "REG007", "did you mean 'defaultAction'?"),
        ("kind.of", "x", "REG007", "allowed: a list or map has none"),
        ("a..b", "x", "REG007", "write it as in `a.b[0].c`"),
        ("networkRuleSet.ipRules[4].action", "Allow", "REG009", "name one of them, or replace the list"),
        ("accessTier", "Warm", "REG003", "write one of what is allowed"),
        ("allowBlobPublicAccess", "no", "REG002", "write one of what is allowed"),
    ],
)
def test_override_that_cannot_be_right_is_refused(
    path: str, value: object, code: str, remedy: str, run_program: Run
) -> None:
    assert refused(run_program, {"lake": {path: value}}) == [(code, f"overrides.lake.{path}", remedy)]


@pytest.mark.parametrize("path", ["accountName", "resourceGroupName"])
def test_names_of_azure_resources_stay_as_planned(path: str, run_program: Run) -> None:
    assert refused(run_program, {"lake": {path: "other"}}) == [
        ("REG008", f"overrides.lake.{path}", "change the spec's own keys instead")
    ]


@pytest.mark.parametrize("path", ["metadata.name", "metadata.namespace", "kind", "apiVersion", "metadata"])
def test_names_of_kubernetes_objects_stay_as_planned(path: str, run_program: Run) -> None:
    def namespace() -> object:
        return kubernetes.core.v1.Namespace("lake", metadata={"name": "n"})

    assert refused(run_program, {"lake": {path: "other"}}, make=namespace) == [
        ("REG008", f"overrides.lake.{path}", "change the spec's own keys instead")
    ]


def test_name_of_two_resources_is_refused(run_program: Run) -> None:
    def two() -> None:
        account("lake")
        kubernetes.core.v1.Namespace("lake", metadata={"labels": {"a": "b"}})

    assert refused(run_program, {"lake": {"tags": {"a": "b"}}}, make=two)[0][:2] == (
        "REG010",
        "overrides.lake",
    )
