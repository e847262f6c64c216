"""What an update does to each resource, and what reaches it from others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeplane.preview import Change
from lakeplane.preview.base import BaseLayer
from lakeplane.preview.changes import compare_layer
from lakeplane.preview.losses import find_losses
from lakeplane.provider_models.wire import UNKNOWN
from lakeplane.render import Resource

from .conftest import ACCOUNT, GROUP, IDENTITY, ROLE, VAULT, as_layer, changes_of, compare, made, urn

SETTING = "databricks:index/defaultNamespaceSetting:DefaultNamespaceSetting"
JOB = "databricks:index/job:Job"
AZURE = "pulumi:providers:azure-native"
CLUSTER = "pulumi:providers:kubernetes"


def one_change(token: str, before: dict, after: dict, **options) -> str:
    old, new = made(token, "it", before), made(token, "it", after, **options)
    return changes_of([old], [new])["it"]


RESOURCES = st.lists(
    st.builds(
        made,
        st.sampled_from((VAULT, ACCOUNT, JOB)),
        st.sampled_from("abcdef"),
        st.dictionaries(st.sampled_from(("location", "name", "tags")), st.integers(0, 2), max_size=3),
        protect=st.booleans(),
    ),
    unique_by=lambda one: one.urn,
    max_size=6,
)


@settings(deadline=None)
@given(RESOURCES)
def test_equal_graphs_change_nothing(resources: list[Resource]) -> None:
    found = compare(resources, resources)
    assert {one.change for one in found.resources} <= {Change.SAME}
    assert list(find_losses(found, as_layer(resources))) == []


@settings(deadline=None)
@given(RESOURCES, RESOURCES, st.randoms(use_true_random=False))
def test_order_of_registration_does_not_matter(before: list[Resource], after: list[Resource], random) -> None:
    shuffled = random.sample(after, len(after))
    assert compare(before, shuffled) == compare(before, after)


@settings(deadline=None)
@given(RESOURCES, RESOURCES)
def test_every_resource_of_either_side_is_told_once(before: list[Resource], after: list[Resource]) -> None:
    told = [one.resource.urn for one in compare(before, after).resources]
    assert sorted(told) == sorted({one.urn for one in (*before, *after)})


def test_a_new_resource_is_created_and_a_missing_one_deleted() -> None:
    assert changes_of([made(VAULT, "old")], [made(VAULT, "new")]) == {"new": "create", "old": "delete"}


@pytest.mark.parametrize(
    ("token", "before", "after", "change"),
    [
        (ACCOUNT, {"tags": {"a": 1}}, {"tags": {"a": 2}}, "update"),
        (ACCOUNT, {"location": "westeurope"}, {"location": "northeurope"}, "replace"),
        (ACCOUNT, {"location": "West Europe"}, {"location": "westeurope"}, "same"),
        (ACCOUNT, {}, {"encryption": {"requireInfrastructureEncryption": True}}, "replace"),
        (VAULT, {"vaultName": "a"}, {"vaultName": "b"}, "replace"),
        (JOB, {"name": "a"}, {"name": "b"}, "update"),
        (SETTING, {"namespace": {"value": "a"}}, {"namespace": {"value": "b"}}, "may-replace"),
        (AZURE, {"location": "a"}, {"location": "b"}, "update"),
        (CLUSTER, {"kubeconfig": "a"}, {"kubeconfig": "b"}, "replace"),
        (
            CLUSTER,
            {"kubeconfig": "a", "clusterIdentifier": "c"},
            {"kubeconfig": "b", "clusterIdentifier": "c"},
            "update",
        ),
        (CLUSTER, {"clusterIdentifier": "a"}, {"clusterIdentifier": "b"}, "replace"),
        (VAULT, {"tags": {"a": {"$secret": None}}}, {"tags": {"a": {"$secret": "digest"}}}, "may-update"),
    ],
)
def test_a_change_does_what_a_source_says(token: str, before: dict, after: dict, change: str) -> None:
    assert one_change(token, before, after) == change


def test_options_are_respected() -> None:
    before, after = {"tags": {"a": 1, "b": 1}}, {"tags": {"a": 2, "b": 1}}
    assert one_change(VAULT, before, after, ignore_changes=("tags.a",)) == "same"
    assert one_change(VAULT, before, after, ignore_changes=("tags.b",)) == "update"
    assert one_change(VAULT, before, after, replace_on_changes=("tags.*",)) == "replace"
    assert one_change(VAULT, before, after, replace_on_changes=("*",)) == "replace"
    assert one_change(VAULT, before, after, replace_on_changes=("properties",)) == "update"


def test_components_change_and_are_never_replaced() -> None:
    old = Resource(urn("a:b:C", "it"), "a:b:C", "it", custom=False, inputs={"location": "a"})
    assert changes_of([old], [replace(old, inputs={"location": "b"})]) == {"it": "update"}


def child_of(group: str, **more) -> Resource:
    """Return an account whose group is known by name and comes from another resource."""
    given = {"property_dependencies": {"resourceGroupName": (urn(GROUP, "group"),)}, **more}
    return made(ACCOUNT, "account", {"accountName": "st", "resourceGroupName": group}, **given)


def test_what_depends_on_a_resource_that_goes_first_is_replaced_with_it() -> None:
    before = [made(GROUP, "group", {"location": "a"}), child_of("rg")]
    after = [made(GROUP, "group", {"location": "b"}), child_of("rg")]
    found = {one.resource.name: one for one in compare(before, after).resources}
    assert found["account"].change is Change.REPLACE
    assert found["account"].reasons == (
        "resourceGroupName comes from group, which is deleted before it is replaced",
    )
    assert found["account"].differences == ()


def test_a_replacement_reaches_as_far_as_dependencies_do() -> None:
    container = made(
        "azure-native:storage:BlobContainer",
        "container",
        {"containerName": "c", "accountName": "st"},
        property_dependencies={"accountName": (urn(ACCOUNT, "account"),)},
    )
    tagged = made(VAULT, "vault", {"tags": {"x": 1}}, property_dependencies={"tags": (urn(GROUP, "group"),)})
    before = [made(GROUP, "group", {"location": "a"}), child_of("rg"), container, tagged]
    after = [made(GROUP, "group", {"location": "b"}), child_of("rg"), container, tagged]
    assert changes_of(before, after) == {
        "account": "replace",
        "container": "replace",
        "group": "replace",
        "vault": "same",
    }


def role(principal: object, **more) -> Resource:
    given = {"property_dependencies": {"principalId": (urn(IDENTITY, "who"),)}, **more}
    return made(ROLE, "role", {"principalId": principal, "roleAssignmentName": "r", "scope": "/s"}, **given)


@pytest.mark.parametrize("was", ["0000-known-from-a-state", dict(UNKNOWN)])
@pytest.mark.parametrize(
    ("who", "change"),
    [
        ({"tags": {"a": 1}}, "same"),
        ({"tags": {"a": 2}}, "same"),
        ({"location": "b", "tags": {"a": 1}}, "replace"),
    ],
)
def test_an_unknown_stays_unless_what_it_comes_from_is_made_anew(was: object, who: dict, change: str) -> None:
    before = [made(IDENTITY, "who", {"tags": {"a": 1}, "location": "a"}), role(was)]
    after = [made(IDENTITY, "who", {"location": "a", **who}), role(dict(UNKNOWN))]
    assert changes_of(before, after)["role"] == change
    # What comes from a resource that stays is no question.
    assert compare(before, after).settled == (who == {"tags": {"a": 2}})


def test_an_unknown_of_something_new_may_replace() -> None:
    after = [made(IDENTITY, "who"), role(dict(UNKNOWN))]
    assert changes_of([role("known")], after) == {"who": "create", "role": "may-replace"}


def test_everything_of_a_replaced_provider_is_replaced() -> None:
    provider = urn(CLUSTER, "cluster")
    space = made("kubernetes:core/v1:Namespace", "space", {"kind": "Namespace"}, provider=provider)
    before = [made(CLUSTER, "cluster", {"clusterIdentifier": "a"}), space]
    after = [made(CLUSTER, "cluster", {"clusterIdentifier": "b"}), space]
    assert changes_of(before, after) == {"cluster": "replace", "space": "replace"}


def test_another_provider_replaces_and_another_version_of_a_default_one_does_not() -> None:
    old = made(VAULT, "vault", provider=urn(AZURE, "default_3_28_0"))
    assert changes_of([old], [replace(old, provider=urn(AZURE, "default_3_29_0"))]) == {"vault": "same"}
    assert changes_of([old], [replace(old, provider=urn(AZURE, "mine"))]) == {"vault": "replace"}


def test_what_goes_with_a_replaced_resource_may_be_replaced() -> None:
    guest = made(JOB, "job", {"name": "j"}, deleted_with=urn(VAULT, "vault"))
    before = [made(VAULT, "vault", {"vaultName": "a"}), guest]
    assert changes_of(before, [made(VAULT, "vault", {"vaultName": "b"}), guest])["job"] == "may-replace"
    found = {one.resource.name: one for one in compare(before, []).resources}
    assert found["job"].reasons == ("it goes with vault",)


def test_objects_of_a_lost_workspace_may_be_replaced() -> None:
    workspace = "azure-native:databricks:Workspace"
    below = compare([made(workspace, "w", {"location": "a"})], [made(workspace, "w", {"location": "b"})])
    job = made(JOB, "job")
    found = compare_layer("contents", [job], as_layer([job]), below.resources)
    assert [one.change for one in found.resources] == [Change.MAY_REPLACE]
    assert "Workspace that holds it" in found.resources[0].reasons[0]


def test_what_is_only_read_is_never_created_or_deleted() -> None:
    seen = made(VAULT, "vault", read=True)
    assert changes_of([], [seen]) == {"vault": "read"}
    assert changes_of([seen], [seen]) == {"vault": "read"}
    assert changes_of([seen], []) == {}
    assert changes_of([seen], [made(VAULT, "vault")]) == {"vault": "create"}


def test_what_is_only_read_from_now_on_is_deleted() -> None:
    found = compare([made(VAULT, "vault")], [made(VAULT, "vault", read=True)]).resources
    assert [(one.change, one.reasons) for one in found] == [
        (Change.READ, ()),
        (Change.DELETE, ("from now on it is only read",)),
    ]


def test_an_import_is_told_until_it_is_done() -> None:
    adopted = made(VAULT, "vault", import_id="/v")
    assert changes_of([], [adopted]) == {"vault": "import"}
    assert changes_of(as_layer([made(VAULT, "vault")], ids={urn(VAULT, "vault"): "/v"}), [adopted]) == {
        "vault": "same"
    }


def test_a_state_of_an_interrupted_update() -> None:
    vault = made(VAULT, "vault")
    where = urn(VAULT, "vault")
    assert changes_of(as_layer([vault], replacing=frozenset({where})), [vault]) == {"vault": "replace"}
    assert changes_of(as_layer([vault], unfinished=frozenset({where})), [vault]) == {"vault": "update"}
    found = compare(as_layer([vault], left_over=(vault,)), [vault]).resources
    assert [one.change for one in found] == [Change.SAME, Change.DELETE]


def test_default_providers_come_and_go_unseen() -> None:
    assert changes_of([made(AZURE, "default_3_28_0"), made(AZURE, "mine")], []) == {"mine": "delete"}


def losses(before: BaseLayer, after: list[Resource]) -> dict[str, str]:
    return {one.code: one.detail for one in find_losses(compare(before, after), before)}


def test_losses_are_found_by_what_goes() -> None:
    old = as_layer([made(VAULT, "vault", {"vaultName": "a"})])
    assert set(losses(old, [])) == {"PRV010"}
    assert losses(old, [made(VAULT, "vault", {"vaultName": "b"})]) == {
        "PRV010": "vaultName can't be changed in place"
    }
    assert losses(old, [made(VAULT, "vault", {"vaultName": dict(UNKNOWN)})]) == {}
    assert losses(old, [made(VAULT, "vault", {"vaultName": "a", "tags": {}})]) == {}
    assert losses(as_layer([made(JOB, "job")]), []) == {}, "a job holds nothing that can't be made again"
    assert losses(as_layer([made(VAULT, "vault", retain_on_delete=True)]), []) == {}


def test_protected_resources_are_refused() -> None:
    old = as_layer([made(VAULT, "vault", {"vaultName": "a"}, protect=True)])
    assert set(losses(old, [])) == {"PRV011"}
    assert set(losses(old, [made(VAULT, "vault", {"vaultName": "b"}, protect=True)])) == {"PRV011"}
    # The engine lets go of a resource whose protection ends in the same update.
    assert set(losses(old, [made(VAULT, "vault", {"vaultName": "b"})])) == {"PRV010"}


def test_an_imported_resource_cannot_be_replaced() -> None:
    old = as_layer([made(JOB, "job")], ids={urn(JOB, "job"): "/j"})
    new = made(JOB, "job", {"name": "b"}, import_id="/j", replace_on_changes=("name",))
    assert set(losses(old, [new])) == {"PRV015"}
