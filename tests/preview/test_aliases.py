"""Resources that were renamed or moved, recognised by the aliases that a real program declares."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import keyvault

from lakeplane.preview import Change
from lakeplane.preview.changes import LayerChanges
from lakeplane.preview.losses import find_losses
from lakeplane.render import Graph

from .conftest import PREFIX, as_layer, compare, rendered

PROPERTIES = keyvault.VaultPropertiesArgs(
    tenant_id="00000000-0000-0000-0000-000000000001", sku=keyvault.SkuArgs(name="standard", family="A")
)


def vault(name: str, **options) -> keyvault.Vault:
    return keyvault.Vault(
        name,
        vault_name="kv-shop",
        resource_group_name="rg",
        properties=PROPERTIES,
        opts=pulumi.ResourceOptions(**options),
    )


class Safe(pulumi.ComponentResource):
    """A component with a vault, and a component inside that has one too."""

    def __init__(self, name: str, kind: str = "Safe", depth: int = 1, **options) -> None:
        super().__init__(f"shop:safes:{kind}", name, None, pulumi.ResourceOptions(**options))
        vault(f"{name}-vault", parent=self)
        if depth:
            Safe(f"{name}-inner", depth=depth - 1, parent=self)
        self.register_outputs({})


def moved(before: Graph, after: Graph) -> tuple[LayerChanges, dict[str, str | None]]:
    """Compare two programs; return each resource's former URN, without what all URNs begin with."""
    found = compare(as_layer(before.resources[1:]), list(after.resources))
    return found, {
        one.resource.name: one.former_urn.removeprefix(PREFIX) if one.former_urn else None
        for one in found.resources
    }


def all_same(found: LayerChanges) -> bool:
    return {one.change for one in found.resources} == {Change.SAME}


def test_without_an_alias_a_rename_deletes_and_creates() -> None:
    found, _ = moved(rendered(lambda: vault("old")), rendered(lambda: vault("new")))
    assert {one.resource.name: one.change.value for one in found.resources} == {
        "new": "create",
        "old": "delete",
    }
    (loss,) = find_losses(found, as_layer(rendered(lambda: vault("old")).resources[1:]))
    assert "alias" in loss.remedy


def test_a_resource_by_its_former_name() -> None:
    after = rendered(lambda: vault("new", aliases=[pulumi.Alias(name="old")]))
    found, former = moved(rendered(lambda: vault("old")), after)
    assert all_same(found)
    assert former == {"new": "azure-native:keyvault:Vault::old"}


def test_a_resource_by_its_former_urn() -> None:
    after = rendered(lambda: vault("new", aliases=[f"{PREFIX}azure-native:keyvault:Vault::old"]))
    assert all_same(moved(rendered(lambda: vault("old")), after)[0])


def test_a_resource_that_moved_into_a_component() -> None:
    before = rendered(lambda: vault("box-vault"))

    def program() -> None:
        box = pulumi.ComponentResource("shop:safes:Box", "box")
        vault("box-vault", parent=box, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])

    found, former = moved(before, rendered(program))
    changes = {one.resource.name: one.change for one in found.resources}
    assert changes == {"box": Change.CREATE, "box-vault": Change.SAME}
    assert former["box-vault"] == "azure-native:keyvault:Vault::box-vault"


def test_a_resource_that_moved_from_one_component_to_another() -> None:
    def program(home: str, **options) -> None:
        parents = {name: pulumi.ComponentResource("shop:safes:Box", name) for name in ("one", "two")}
        aliases = [pulumi.Alias(parent=parents[options["was"]])] if options else None
        vault("vault", parent=parents[home], aliases=aliases)

    # Names tell two parents of one type apart no more than URNs do: nothing moves as the engine sees it.
    found, former = moved(rendered(lambda: program("one")), rendered(lambda: program("two", was="one")))
    assert all_same(found)
    assert former["vault"] is None


def test_children_follow_a_renamed_component() -> None:
    before = rendered(lambda: Safe("old"))
    after = rendered(lambda: Safe("new", aliases=[pulumi.Alias(name="old")]))
    found, former = moved(before, after)
    assert all_same(found)
    assert former == {
        "new": "shop:safes:Safe::old",
        "new-inner": "shop:safes:Safe$shop:safes:Safe::old-inner",
        "new-inner-vault": "shop:safes:Safe$shop:safes:Safe$azure-native:keyvault:Vault::old-inner-vault",
        "new-vault": "shop:safes:Safe$azure-native:keyvault:Vault::old-vault",
    }


def test_children_follow_a_component_of_another_type() -> None:
    after = rendered(lambda: Safe("safe", kind="Strongbox", aliases=[pulumi.Alias(type_="shop:safes:Safe")]))
    found, former = moved(rendered(lambda: Safe("safe")), after)
    assert all_same(found)
    assert former["safe-inner-vault"] == (
        "shop:safes:Safe$shop:safes:Safe$azure-native:keyvault:Vault::safe-inner-vault"
    )


def test_a_child_that_was_renamed_with_its_parent() -> None:
    def program(component: str, name: str, **options) -> None:
        parent = pulumi.ComponentResource(
            "shop:safes:Box", component, None, pulumi.ResourceOptions(**options)
        )
        aliases = [pulumi.Alias(name="strange")] if options else None
        vault(name, parent=parent, aliases=aliases)

    before = rendered(lambda: program("old", "strange"))
    after = rendered(lambda: program("new", "sensible", aliases=[pulumi.Alias(name="old")]))
    found, former = moved(before, after)
    assert all_same(found)
    assert former["sensible"] == "shop:safes:Box$azure-native:keyvault:Vault::strange"


def test_azure_resources_are_recognised_under_other_versions_of_their_type() -> None:
    before = rendered(lambda: vault("vault"))
    old = before.resources[1]
    token = "azure-native:keyvault/v20230701:Vault"
    versioned = type(old)(old.urn.replace(old.type, token), token, old.name, custom=True, inputs=old.inputs)
    found = compare([versioned], list(before.resources))
    assert all_same(found)


def test_two_resources_that_claim_one_are_a_finding() -> None:
    def program() -> None:
        vault("one", aliases=[pulumi.Alias(name="old")])
        vault("two", aliases=[pulumi.Alias(name="old")])

    found, _ = moved(rendered(lambda: vault("old")), rendered(program))
    assert [one.code for one in find_losses(found, None)] == ["PRV013"]


def test_an_alias_of_a_resource_that_is_still_there_is_a_finding() -> None:
    def program() -> None:
        vault("old")
        vault("new", aliases=[pulumi.Alias(name="old")])

    found, former = moved(rendered(lambda: vault("old")), rendered(program))
    assert former == {"new": None, "old": None}
    assert [one.code for one in find_losses(found, None)] == ["PRV013"]
