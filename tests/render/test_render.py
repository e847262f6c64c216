"""The render against what an engine does: URNs, options, unknowns, secrets, components, references."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable

import pulumi
import pulumi_azure_native as azure_native
import pulumi_databricks as databricks
import pytest
from pulumi_azure_native import network, resources, storage

from lakeplane.errors import PlanError
from lakeplane.render import Graph, render

STACK = "dev.foundation"
PREFIX = "urn:pulumi:dev.foundation::shop"
BELOW = "organization/shop/dev.hub"


def run(program: Callable[[], object], **more) -> Graph:
    def registering() -> None:
        program()

    return render(registering, project="shop", stack=STACK, **more)


class Lake(pulumi.ComponentResource):
    def __init__(self, name: str, inner: bool = False, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:lake:Lake", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.account = account(f"{name}-account", opts=child)
        if inner:
            Lake(f"{name}-inner", opts=child)
        self.register_outputs({"name": self.account.name})


def account(name: str, **more) -> storage.StorageAccount:
    given = {"account_name": "st", "resource_group_name": "rg", "kind": "StorageV2"}
    return storage.StorageAccount(name, **{**given, "sku": storage.SkuArgs(name="Standard_LRS"), **more})


def test_urns_carry_every_parent_type_but_the_stacks() -> None:
    graph = run(lambda: Lake("lake", inner=True))
    assert [resource.urn.removeprefix(PREFIX) for resource in graph.resources] == [
        "::pulumi:pulumi:Stack::shop-dev.foundation",
        "::lakeplane:lake:Lake$azure-native:storage:StorageAccount::lake-account",
        "::lakeplane:lake:Lake$lakeplane:lake:Lake$azure-native:storage:StorageAccount::lake-inner-account",
        "::lakeplane:lake:Lake$lakeplane:lake:Lake::lake-inner",
        "::lakeplane:lake:Lake::lake",
    ]
    by_name = {resource.name: resource for resource in graph.resources}
    assert by_name["lake-inner-account"].parent == by_name["lake-inner"].urn
    assert by_name["lake"].parent == graph.resources[0].urn
    assert by_name["lake"].outputs == {"name": "st"}
    assert not by_name["lake"].custom


def test_two_resources_with_one_urn_are_refused() -> None:
    def program() -> None:
        account("twice")
        account("twice")

    with pytest.raises(PlanError) as caught:
        run(program)
    assert [finding.code for finding in caught.value.findings] == ["RND001"]
    assert caught.value.findings[0].resource == f"{PREFIX}::azure-native:storage:StorageAccount::twice"


def test_ids_are_unknown_and_names_are_not() -> None:
    def program() -> None:
        group = resources.ResourceGroup("group", resource_group_name="rg", location="westeurope")
        account("account", resource_group_name=group.name, tags={"group": group.id})

    found = run(program).one("azure-native:storage:StorageAccount")
    assert found.inputs["resourceGroupName"] == "rg"
    assert found.inputs["tags"] == {"group": {"$unknown": True}}
    group_urn = f"{PREFIX}::azure-native:resources:ResourceGroup::group"
    assert found.dependencies == (group_urn,)
    assert found.property_dependencies == {"resourceGroupName": (group_urn,), "tags": (group_urn,)}


def test_apply_does_not_run_on_unknowns() -> None:
    seen: list[str] = []

    def program() -> None:
        made = account("account")
        made.id.apply(seen.append)
        made.name.apply(seen.append)

    run(program)
    assert seen == ["st"]


def test_secrets_are_marked_value_by_value() -> None:
    def program() -> None:
        tags = {"open": "a", "closed": pulumi.Output.secret("b")}
        pulumi.export("tags", account("account", tags=tags).tags)

    graph = run(program)
    found = graph.one("azure-native:storage:StorageAccount")
    assert found.inputs["tags"] == {"open": "a", "closed": {"$secret": "b"}}
    assert graph.outputs["tags"] == {"$secret": {"closed": "b", "open": "a"}}, (
        "the SDK marks the whole output"
    )


def test_secret_configuration_stays_secret() -> None:
    def program() -> None:
        account("account", tags={"key": pulumi.Config("shop").require_secret("key")})

    found = run(program, config={"shop:key": "k"}, secret_config=["shop:key"])
    assert found.one("azure-native:storage:StorageAccount").inputs["tags"] == {"key": {"$secret": "k"}}


def test_options_are_recorded() -> None:
    def program() -> None:
        first = account("first")
        opts = pulumi.ResourceOptions(
            protect=True,
            ignore_changes=["tags"],
            replace_on_changes=["kind"],
            delete_before_replace=True,
            retain_on_delete=True,
            deleted_with=first,
            depends_on=[first],
            aliases=[pulumi.Alias(name="former")],
            custom_timeouts=pulumi.CustomTimeouts(create="5m"),
        )
        account("second", opts=opts)

    graph = run(program)
    first, second = graph.of_type("azure-native:storage:StorageAccount")
    assert second.protect
    assert second.retain_on_delete
    assert second.delete_before_replace
    assert second.ignore_changes == ("tags",)
    assert second.replace_on_changes == ("kind",)
    assert second.deleted_with == first.urn
    assert second.dependencies == (first.urn,)
    assert second.custom_timeouts == {"create": "5m"}
    assert {"spec": {"name": "former"}} in [
        {"spec": {"name": alias.get("spec", {}).get("name")}} for alias in second.aliases
    ]


def test_depending_on_a_component_is_depending_on_its_children() -> None:
    def program() -> None:
        lake = Lake("lake")
        account("after", opts=pulumi.ResourceOptions(depends_on=[lake]))

    graph = run(program)
    after = next(resource for resource in graph.resources if resource.name == "after")
    child = next(resource for resource in graph.resources if resource.name == "lake-account")
    assert child.urn in after.dependencies


def test_explicit_providers_reach_children_and_default_ones_are_named() -> None:
    def program() -> None:
        provider = azure_native.Provider("azure", subscription_id="s")
        Lake("lake", opts=pulumi.ResourceOptions(providers=[provider]))
        account("alone")

    graph = run(program)
    by_name = {resource.name: resource for resource in graph.resources}
    assert by_name["lake-account"].provider == f"{PREFIX}::pulumi:providers:azure-native::azure"
    assert by_name["alone"].provider == f"{PREFIX}::pulumi:providers:azure-native::default_3_29_0"
    assert by_name["azure"].provider is None


def test_a_provider_with_an_unknown_input_answers_nothing() -> None:
    def program() -> None:
        host = account("account").primary_endpoints.apply(lambda found: found.blob)
        provider = databricks.Provider("workspace", host=host)
        job = databricks.Job("job", name="j", opts=pulumi.ResourceOptions(provider=provider))
        pulumi.export("job", job.name)

    assert run(program).outputs["job"] == {"$unknown": True}


def reading_hub() -> None:
    hub = pulumi.StackReference(BELOW).require_output("hub")
    provider = databricks.Provider("workspace", host=hub.apply(lambda found: f"https://{found['host']}"))
    job = databricks.Job(
        "job",
        name=hub.apply(lambda found: found["name"]),
        tags={"host": hub.apply(lambda found: found["host"])},
        opts=pulumi.ResourceOptions(provider=provider),
    )
    pulumi.export("job", job.name)


def test_what_another_stack_will_know_stays_apart_from_what_it_knows() -> None:
    outputs = {BELOW: {"hub": {"name": "known", "host": {"$unknown": True}}}}
    graph = run(reading_hub, stack_references=outputs)
    job = graph.one("databricks:index/job:Job")
    assert job.inputs["name"] == "known"
    assert job.inputs["tags"] == {"host": {"$unknown": True}}
    assert graph.one("pulumi:providers:databricks").inputs["host"] == {"$unknown": True}
    assert graph.outputs["job"] == "known", "the provider is configured by the time this stack is deployed"
    reference = graph.one("pulumi:pulumi:StackReference")
    assert reference.read
    assert reference.urn in job.dependencies


def test_secret_outputs_of_another_stack_stay_secret() -> None:
    outputs = {BELOW: {"hub": {"$secret": {"name": "n", "host": "h"}}}}
    job = run(reading_hub, stack_references=outputs).one("databricks:index/job:Job")
    assert job.inputs["name"] == {"$secret": "n"}


def test_a_stack_that_nobody_described_is_refused() -> None:
    with pytest.raises(PlanError) as caught:
        run(reading_hub)
    assert caught.value.findings[0].code == "RND002"


def test_invokes_are_unknown_and_run_nothing_after_them() -> None:
    def program() -> None:
        found = network.get_virtual_network_output(resource_group_name="rg", virtual_network_name="v")
        account("account", tags={"vnet": found.name})

    assert run(program).one("azure-native:storage:StorageAccount").inputs["tags"] == {
        "vnet": {"$unknown": True}
    }


def test_reads_are_recorded_as_reads() -> None:
    def program() -> None:
        storage.StorageAccount.get("found", "/subscriptions/s/x")

    assert run(program).one("azure-native:storage:StorageAccount").read


def test_messages_of_the_program_are_kept() -> None:
    graph = run(lambda: pulumi.log.warn("look here"))
    assert graph.messages == (("warning", "look here"),)


def test_errors_of_the_program_reach_the_caller_and_leave_nothing_behind() -> None:
    def failing() -> None:
        account("account")
        raise ValueError("of the program")

    enabled = gc.isenabled()
    with pytest.raises(ValueError, match="of the program"):
        run(failing)
    assert gc.isenabled() == enabled
    assert len(run(lambda: account("account")).resources) == 2, "a render after a failed one is a fresh one"


def test_a_render_opens_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was asked to connect")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert len(run(lambda: Lake("lake", inner=True)).resources) == 5


def test_renders_leave_the_callers_event_loop_alone() -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        run(lambda: account("account"))
        assert asyncio.get_event_loop_policy().get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_two_renders_are_equal() -> None:
    assert run(lambda: Lake("lake", inner=True)) == run(lambda: Lake("lake", inner=True))
