"""What a state says is protected or locked, and what `lakeplane destroy` makes of it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from lakeplane.cli.unprotect import check_named, check_typed
from lakeplane.engine.protection import deployed, find_protected, open_up
from lakeplane.errors import ProtectedError

STACK = "ledger.foundation"
GROUP_ID = "/subscriptions/s/resourceGroups/rg-ledger"
ACCOUNT_ID = f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/stledger"


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:{STACK}::lakeplane::lakeplane:x:Thing${token}::{name}"


def _resource(token: str, name: str, arm_id: str, **more: Any) -> dict[str, Any]:
    return {"urn": _urn(token, name), "type": token, "custom": True, "id": arm_id, **more}


def _lock(name: str, scope: str) -> dict[str, Any]:
    token = "azure-native:authorization:ManagementLockByScope"
    return _resource(token, name, f"{scope}/locks/{name}", inputs={"scope": scope, "level": "CanNotDelete"})


def _state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": list(resources)}}


GROUP = _resource("azure-native:resources:ResourceGroup", "group", GROUP_ID)
ACCOUNT = _resource("azure-native:storage:StorageAccount", "lake", ACCOUNT_ID, protect=True)


def test_protected_and_locked_resources_are_found_with_what_they_hold() -> None:
    state = _state(
        {"urn": "urn:pulumi:x::p::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack"},
        GROUP,
        ACCOUNT,
        _lock("keep-group", GROUP_ID.upper()),
        _lock("keep-lake", ACCOUNT_ID),
        _lock("keep-other", "/subscriptions/s/resourceGroups/of-another-stack"),
    )
    found = {resource.name: resource for resource in find_protected(STACK, state)}
    assert list(found) == ["group", "keep-other", "lake"]
    assert (found["group"].is_protected, found["lake"].is_protected) == (False, True)
    assert [lock.rsplit("::", 1)[-1] for lock in found["group"].locks] == ["keep-group"]
    assert found["lake"].to_dict() == {
        "name": "lake",
        "type": "azure-native:storage:StorageAccount",
        "stack": STACK,
        "holds": "files of a storage account",
        "protected": True,
        "locks": ["keep-lake"],
        "urn": ACCOUNT["urn"],
    }
    assert found["keep-other"].locks == (found["keep-other"].urn,)
    assert find_protected(STACK, {"version": 3, "deployment": {}}) == []


def test_only_what_lies_in_a_cloud_is_deployed() -> None:
    reference = _resource("pulumi:pulumi:StackReference", "below", "x", external=True)
    provider = _resource("pulumi:providers:azure-native", "azure", "0")
    component = {"urn": _urn("lakeplane:x:Thing", "thing"), "type": "lakeplane:x:Thing"}
    replaced = {**GROUP, "delete": True, "id": "old"}
    state = _state(provider, reference, component, GROUP, replaced)
    assert deployed(state) == [("azure-native:resources:ResourceGroup", GROUP_ID)]


def test_opening_takes_what_is_held_along() -> None:
    schema = _resource("databricks:index/schema:Schema", "gold", "c.gold", protect=True)
    schema |= {"inputs": {"forceDestroy": False}, "outputs": {"forceDestroy": False, "name": "gold"}}
    open_up(schema)
    assert (schema["protect"], schema["inputs"], schema["outputs"]) == (
        False,
        {"forceDestroy": True},
        {"forceDestroy": True, "name": "gold"},
    )
    group = {**GROUP, "inputs": {"location": "westeurope"}}
    open_up(group)
    assert group["inputs"] == {"location": "westeurope"}


def test_every_protected_resource_must_be_named() -> None:
    twin = {**ACCOUNT, "urn": ACCOUNT["urn"].replace("Thing$", "Other$")}
    protected = find_protected(STACK, _state(GROUP, ACCOUNT, _lock("keep-group", GROUP_ID)))
    check_named("ledger", protected, ["group", "lake"])
    check_named("ledger", protected, ["all"])
    check_named("ledger", protected, ["group", ACCOUNT["urn"], "gone-already"])
    with pytest.raises(ProtectedError) as refused:
        check_named("ledger", protected, ["group", "all"])
    (finding,) = refused.value.findings
    assert (finding.code, finding.resource) == ("ENG007", ACCOUNT["urn"])
    assert "files of a storage account" in finding.detail
    assert "lakeplane destroy ledger --unprotect group --unprotect lake --confirm ledger" in finding.remedy
    with pytest.raises(ProtectedError) as refused:
        check_named("ledger", find_protected(STACK, _state(ACCOUNT, twin)), ["lake"])
    assert [finding.code for finding in refused.value.findings] == ["ENG009"]
    check_named("ledger", find_protected(STACK, _state(ACCOUNT, twin)), [ACCOUNT["urn"], twin["urn"]])


@pytest.mark.parametrize("typed", [None, "", "Ledger", "local"])
def test_the_environments_name_must_be_typed(typed: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())  # no terminal
    with pytest.raises(ProtectedError) as refused:
        check_typed("ledger", typed, "this loses 2 protected resources of 'ledger'")
    (finding,) = refused.value.findings
    assert finding.code == "ENG008"
    assert finding.remedy == "add `--confirm ledger`"
    check_typed("ledger", "ledger", "")
