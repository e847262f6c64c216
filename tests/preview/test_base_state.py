"""A Pulumi state as base: read as the engine keeps it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeplane.errors import PlanError
from lakeplane.preview.base_state import is_state, state_base
from lakeplane.preview.seals import new_seal, seal
from lakeplane.preview.state_values import plain_inputs, without_place

STACK = "dev.foundation"
TOKEN = "azure-native:keyvault:Vault"
URN = f"urn:pulumi:{STACK}::shop::{TOKEN}::vault"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}
KEY = new_seal()

Write = Callable[..., Path]


def state(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    root = {
        "urn": f"urn:pulumi:{STACK}::shop::pulumi:pulumi:Stack::shop-{STACK}",
        "type": "pulumi:pulumi:Stack",
    }
    return {"version": 3, "deployment": {"resources": [root, *resources], **more}}


def vault(**more: Any) -> dict[str, Any]:
    return {"urn": URN, "custom": True, "type": TOKEN, "id": "/v", "inputs": {"vaultName": "kv"}, **more}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def run(document: object, name: str = "state.json") -> Path:
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return run


def test_a_state_is_read_with_what_the_engine_keeps(write: Write) -> None:
    document = state(
        vault(
            protect=True,
            parent="p",
            provider="urn:pulumi:dev.foundation::shop::pulumi:providers:azure-native::mine::1234-id",
            dependencies=["d"],
            propertyDependencies={"vaultName": ["d"], "tags": None},
            retainOnDelete=True,
            deletedWith="w",
        )
    )
    base = state_base([write(document)], "dev", ["foundation"], KEY)
    layer = base.layers["foundation"]
    found = layer.resources[URN]
    assert (found.protect, found.retain_on_delete, found.deleted_with) == (True, True, "w")
    assert found.provider == "urn:pulumi:dev.foundation::shop::pulumi:providers:azure-native::mine"
    assert found.property_dependencies == {"vaultName": ("d",)}
    assert found.inputs == {"vaultName": "kv"}
    assert layer.ids == {URN: "/v"}
    assert base.findings == ()


def test_the_engines_own_file_is_read_too(write: Write) -> None:
    latest = state(vault())["deployment"]
    base = state_base([write({"version": 3, "checkpoint": {"latest": latest}})], "dev", ["foundation"], KEY)
    assert set(base.layers["foundation"].resources) == {URN}


def test_what_an_interrupted_update_left_is_told(write: Write) -> None:
    document = state(
        vault(pendingReplacement=True),
        vault(delete=True),
        vault(urn=f"{URN}2", initErrors=["no"], external=True),
        pending_operations=[{}],
    )
    base = state_base([write(document)], "dev", ["foundation"], KEY)
    layer = base.layers["foundation"]
    assert layer.replacing == {URN}
    assert [one.urn for one in layer.left_over] == [URN]
    assert layer.unfinished == {f"{URN}2"}
    assert layer.resources[f"{URN}2"].read
    (finding,) = base.findings
    assert finding.code == "PRV026"
    assert "1 operations were begun" in finding.detail
    assert "1 resources wait for their deletion" in finding.detail


def test_a_layer_without_a_state_is_told(write: Write) -> None:
    base = state_base([write(state(vault()))], "dev", ["foundation", "contents"], KEY)
    assert [(one.code, "dev.contents" in one.summary) for one in base.findings] == [("PRV027", True)]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("{ not json", "can't be read"),
        ("[]", "no `deployment`"),
        ({"version": 3}, "no `deployment`"),
        ({"deployment": {"resources": []}}, "no resources of one stack"),
        (state(vault(urn=URN.replace("dev", "prod"))), "no resources of one stack"),
        ({"deployment": {"resources": [vault(urn=URN.replace("dev", "prod"))]}}, "prod.foundation"),
    ],
)
def test_what_is_no_state_of_the_environment_is_refused(write: Write, document: object, found: str) -> None:
    with pytest.raises(PlanError) as caught:
        state_base([write(document)], "dev", ["foundation"], KEY)
    (finding,) = caught.value.findings
    assert finding.code == "PRV025"
    assert found in finding.detail


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ({"inputs": "x"}, "resources[1].inputs: input should be a valid dictionary"),
        ({"urn": "urn:pulumi:dev.foundation"}, "resources[1].urn"),
        ({"urn": 7}, "resources[1].urn"),
        ({"urn": None}, "resources[1].urn"),
        ({"type": None}, "resources[1].type"),
        ({"dependencies": "d"}, "resources[1].dependencies"),
        ({"dependencies": [1]}, "resources[1].dependencies[0]"),
        ({"propertyDependencies": []}, "resources[1].propertyDependencies"),
        ({"provider": {}}, "resources[1].provider"),
        ({"delete": "no"}, "resources[1].delete"),
    ],
)
def test_a_state_of_another_shape_is_refused(write: Write, broken: dict[str, Any], found: str) -> None:
    with pytest.raises(PlanError) as caught:
        state_base([write(state(vault(**broken)))], "dev", ["foundation"], KEY)
    (finding,) = caught.value.findings
    assert finding.code == "PRV025"
    assert found in finding.detail


@pytest.mark.parametrize("more", [{"pending_operations": 3}, {"resources": {}}, {"resources": [1, "x"]}])
def test_a_deployment_of_another_shape_is_refused(write: Write, more: dict[str, Any]) -> None:
    document = state()
    document["deployment"] |= more
    with pytest.raises(PlanError, match="another shape"):
        state_base([write(document)], "dev", ["foundation"], KEY)


_JUNK = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([]) | st.just([1]) | st.just({})
)


@given(junk=_JUNK, place=st.integers(min_value=0, max_value=60), gone=st.booleans())
def test_no_broken_state_is_met_by_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, junk: object, place: int, gone: bool
) -> None:
    inputs = {
        "vaultName": {**SECRET, "plaintext": '"p"'},
        "metadata": {"annotations": {"pulumi.com/autonamed": "true"}},
        "file": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "hash": "h"},
        "__defaults": ["a"],
    }
    document = state(
        vault(inputs=inputs, propertyDependencies={"a": ["b"]}, dependencies=["d"], provider="p::i"),
        vault(delete=True, type="kubernetes:core/v1:Secret", inputs=inputs),
        pending_operations=[{}],
    )
    places = list(_places(document))
    holder, key = places[place % len(places)]
    if gone:
        del holder[key]
    else:
        holder[key] = junk
    path = tmp_path_factory.getbasetemp() / "broken.json"
    path.write_text(json.dumps(document))
    with contextlib.suppress(PlanError):
        state_base([path], "dev", ["foundation"], KEY)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a document, as what holds it and its key there."""
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


def test_two_states_of_one_stack_are_refused(write: Write) -> None:
    with pytest.raises(PlanError, match="named already"):
        state_base([write(state(vault())), write(state(vault()), "again.json")], "dev", ["foundation"], KEY)


def test_states_are_told_from_specs_by_what_is_in_them(write: Write, tmp_path: Path) -> None:
    assert is_state(write(state()))
    assert not is_state(write("name: dev\n", "dev.yaml"))
    assert not is_state(tmp_path / "missing")


def test_secrets_of_a_state_are_sealed() -> None:
    inputs = {"a": {**SECRET, "plaintext": '"p"'}, "b": {**SECRET, "ciphertext": "v1:xyz"}, "c": [{**SECRET}]}
    found = seal(plain_inputs(TOKEN, inputs), KEY)
    assert found["a"] == seal({"$secret": "p"}, KEY)
    assert found["b"] == {"$secret": None}
    assert "p" not in found["a"]["$secret"]


def test_what_providers_and_engine_add_is_left_out() -> None:
    inputs = {
        "__defaults": ["format"],
        "format": "MULTI_TASK",
        "name": "n",
        "tasks": [{"__defaults": [], "key": "k"}],
    }
    assert plain_inputs("databricks:index/job:Job", inputs) == {"name": "n", "tasks": [{"key": "k"}]}
    provider = {"__internal": {}, "version": "1", "host": "h", "pluginDownloadURL": "u"}
    assert plain_inputs("pulumi:providers:databricks", provider) == {"host": "h"}
    named = {
        "kind": "Service",
        "metadata": {"name": "a-1x2y", "annotations": {"pulumi.com/autonamed": "true"}},
    }
    assert plain_inputs("kubernetes:core/v1:Service", named) == {"kind": "Service", "metadata": {}}
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "hash": "h", "path": "p"}
    assert plain_inputs(TOKEN, {"file": asset}) == {"file": {"$asset": {"hash": "h", "path": "p"}}}


def test_a_built_wheel_is_the_same_wherever_its_project_lies() -> None:
    here = {
        "source": "/srv/one/.lakeplane/wheels/ab12/w.whl",
        "list": ["C:\\x\\.lakeplane\\wheels\\ab12\\w.whl"],
    }
    assert without_place(here) == {
        "source": ".lakeplane/wheels/ab12/w.whl",
        "list": [".lakeplane\\wheels\\ab12\\w.whl"],
    }
    assert without_place({"source": "/srv/one/file"}) == {"source": "/srv/one/file"}
