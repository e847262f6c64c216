"""What the cuts leave out, nobody misses: programs register the same with and without each of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from pulumi_azure_native import resources, storage

from lakeplane.render import Graph, render, session
from lakeplane.sdk_adapter import cuts


class Shelf(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:test:Shelf", name, None, opts)
        earlier: list[pulumi.Resource] = []
        for index in range(3):
            account = storage.StorageAccount(
                f"{name}-{index}",
                account_name=f"st{name}{index}",
                resource_group_name="rg",
                kind="StorageV2",
                sku=storage.SkuArgs(name="Standard_LRS"),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=earlier,
                    aliases=[
                        pulumi.Alias(name=f"old-{index}"),
                        pulumi.Alias(parent=None),
                        "urn:pulumi:a::b::c::d",
                    ],
                    protect=index == 1,
                ),
            )
            earlier = [account]
        self.last = account.primary_endpoints.apply(lambda found: found.dfs)
        self.register_outputs({"name": account.name, "last": self.last})


def program() -> None:
    group = resources.ResourceGroup("group", resource_group_name="rg", location="westeurope")
    shelf = Shelf("shelf", pulumi.ResourceOptions(depends_on=[group], aliases=[pulumi.Alias(name="rack")]))
    later = pulumi.Output.all(shelf.last, pulumi.Output.secret("s3cret")).apply(
        lambda both: f"{both[0]}{both[1]}"
    )
    kubernetes.core.v1.ConfigMap("map", data={"endpoint": later, "plain": group.name})
    pulumi.log.warn("mind the gap")
    pulumi.export("endpoint", shelf.last)


def rendered(of: Callable[[], None] = program) -> Graph:
    return render(of, project="shop", stack="dev.foundation")


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render with the SDK as it is."""
    monkeypatch.setattr(cuts, "CUTS", ())


def test_every_cut_still_has_something_to_cut() -> None:
    for module, name, instead in cuts.CUTS:
        ordinary = inspect.signature(getattr(module, name))
        assert ordinary.bind, name
        taken = [each.name for each in inspect.signature(instead).parameters.values()]
        if taken and taken[0] not in ("_", "of"):
            assert len(taken) == len(ordinary.parameters), (
                f"{module.__name__}.{name} takes other arguments now"
            )


def test_all_cuts_together_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = rendered()
    monkeypatch.setattr(cuts, "CUTS", ())
    assert cut == rendered()
    by_name = {found.name: found for found in cut.resources}
    assert by_name["shelf-0"].aliases[0] == {"spec": {"name": "old-0", "parentUrn": ""}}
    assert len(by_name["shelf-0"].aliases) > 20, "the SDK's own aliases are sent too"


@pytest.mark.parametrize("index", range(len(cuts.CUTS)))
def test_each_cut_alone_changes_nothing(index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rendered()
    monkeypatch.setattr(cuts, "CUTS", (cuts.CUTS[index],))
    assert rendered() == expected


def test_the_sdk_is_as_before_after_a_render() -> None:
    before = [getattr(module, name) for module, name, _ in cuts.CUTS]
    rendered()
    assert [getattr(module, name) for module, name, _ in cuts.CUTS] == before
    assert session.without_waste is cuts.without_waste


@pytest.mark.parametrize("cuts_made", [True, False])
def test_a_failing_program_fails_with_its_own_error(cuts_made: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> None:
        group = resources.ResourceGroup("group", resource_group_name="rg")
        resources.ResourceGroup("other", resource_group_name=group.name.apply(lambda _: 1 / 0))

    if not cuts_made:
        monkeypatch.setattr(cuts, "CUTS", ())
    with pytest.raises(ZeroDivisionError):
        rendered(failing)
