"""What an update of stacks as they are could lose, before and after the engine was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from pulumi.automation.events import EngineEvent

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import EngineError
from lakeplane.preview.at_risk import AtRisk, confirm_losses, find_at_risk
from lakeplane.preview.layers import Rendered

from .conftest import ACCOUNT, GROUP, IDENTITY, STACK, VAULT, rendered, urn

Registration = tuple[str, str, dict[str, Any]]

GROUP_RG: Registration = (GROUP, "group", {"resourceGroupName": "rg", "location": "westeurope"})
LAKE: Registration = (ACCOUNT, "lake", {"accountName": "st", "resourceGroupName": "rg"})
KEYS: Registration = (VAULT, "keys", {"vaultName": "kv", "resourceGroupName": "rg"})
WHO: Registration = (IDENTITY, "who", {"resourceName": "id", "resourceGroupName": "rg"})


def program(*resources: Registration) -> Rendered:
    def run() -> None:
        for token, name, inputs in resources:
            pulumi.CustomResource(token, name, inputs)

    graph = rendered(run)
    return Rendered(SimpleNamespace(environment="dev"), ("foundation",), {"foundation": graph})  # type: ignore[arg-type]


def deployment(*resources: Registration, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a state with these; `more` adds to a resource by its name."""
    root = {"urn": f"urn:pulumi:{STACK}::shop::pulumi:pulumi:Stack::shop", "type": "pulumi:pulumi:Stack"}
    standing = [
        {
            "urn": urn(token, name),
            "type": token,
            "custom": True,
            "id": name,
            "inputs": inputs,
            **more.get(name, {}),
        }
        for token, name, inputs in resources
    ]
    return {STACK: {"resources": [root, *standing]}}


def names(at_risk: AtRisk) -> tuple[list[str], list[str]]:
    return [one.resource.name for one in at_risk.lost], [one.resource.name for one in at_risk.doubtful]


def renamed(registration: Registration, **inputs: Any) -> Registration:
    token, name, before = registration
    return token, name, {**before, **inputs}


def test_nothing_is_at_risk_of_what_stays_or_is_new_or_holds_nothing() -> None:
    everything = (GROUP_RG, LAKE, KEYS, WHO)
    assert find_at_risk(program(*everything), deployment(*everything)) == {}
    assert find_at_risk(program(*everything), deployment(GROUP_RG, LAKE)) == {}
    assert find_at_risk(program(*everything), {STACK: {}}) == {}, "a stack that isn't there yet"
    assert find_at_risk(program(GROUP_RG, LAKE, KEYS), deployment(*everything)) == {}, "an identity goes"


def test_what_the_program_has_no_more_is_lost_for_certain() -> None:
    at_risk = find_at_risk(program(GROUP_RG, LAKE), deployment(GROUP_RG, LAKE, KEYS))
    assert names(at_risk["foundation"]) == (["keys"], [])
    kept = deployment(GROUP_RG, LAKE, KEYS, keys={"retainOnDelete": True})
    assert find_at_risk(program(GROUP_RG, LAKE), kept) == {}, "it stays in the cloud"


def test_any_change_is_doubtful_until_the_engine_was_asked() -> None:
    """A table of what replaces can lack something; what it lacks looks like an update in place."""
    changed = program(GROUP_RG, renamed(LAKE, allowBlobPublicAccess=False), renamed(KEYS, vaultName="new"))
    at_risk = find_at_risk(changed, deployment(GROUP_RG, LAKE, KEYS))
    assert names(at_risk["foundation"]) == ([], ["keys", "lake"])


def test_a_protected_one_that_is_replaced_needs_no_engine() -> None:
    """The engine's preview refuses such a step instead of telling it."""
    changed = program(GROUP_RG, LAKE, renamed(KEYS, vaultName="new"))
    at_risk = find_at_risk(changed, deployment(GROUP_RG, LAKE, KEYS, keys={"protect": True}))
    assert names(at_risk["foundation"]) == (["keys"], [])


def test_what_an_interrupted_update_had_begun_was_decided_then() -> None:
    changed = program(GROUP_RG, LAKE, renamed(KEYS, vaultName="new"))
    begun = deployment(GROUP_RG, LAKE, KEYS, keys={"pendingReplacement": True})
    assert find_at_risk(changed, begun) == {}
    left_over = deployment(GROUP_RG, LAKE, renamed(KEYS, vaultName="new"), keys={"delete": True})
    assert find_at_risk(program(GROUP_RG, LAKE), left_over) == {}


class _Engine:
    """Answers a preview by the events that it was given."""

    def __init__(self, steps: Sequence[tuple[str, Registration]], error: EngineError | None = None) -> None:
        self._steps = steps
        self._error = error

    def preview(
        self, stack: str, on_progress: Callable[[str], None], *, on_event: Callable[[EngineEvent], None]
    ) -> object:
        assert stack == STACK
        for op, (token, name, inputs) in self._steps:
            state = {"urn": urn(token, name), "type": token, "id": name, "custom": True, "inputs": inputs}
            state |= {"parent": "", "provider": "", "outputs": {}}
            step = {
                "op": op,
                "urn": urn(token, name),
                "type": token,
                "old": state,
                "new": state,
                "provider": "",
            }
            on_event(
                EngineEvent.from_json({"sequence": 1, "timestamp": 1, "resourcePreEvent": {"metadata": step}})
            )
        on_progress("asked")
        if self._error:
            raise self._error
        return None

    def point_at(self, stack: str, spec: Any) -> None:
        raise AssertionError

    def outputs(self, stack: str) -> dict[str, Any]:
        raise AssertionError


def test_the_engine_says_what_goes() -> None:
    changed = program(GROUP_RG, renamed(LAKE, accountName="new"), renamed(KEYS, tenantId="t"))
    at_risk = find_at_risk(changed, deployment(GROUP_RG, LAKE, KEYS))["foundation"]
    steps = [("same", GROUP_RG), ("replace", LAKE), ("create-replacement", LAKE), ("update", KEYS)]
    steps += [("delete", WHO)]
    confirmed = confirm_losses(_Engine(steps), STACK, at_risk, lambda _: None)
    assert confirmed.refused is None
    (lost,) = confirmed.losses
    assert (lost.resource.name, lost.change.value) == ("lake", "replace")
    assert [found.path for found in lost.differences] == ["accountName"], "it says why, as the table knows it"


def test_where_the_engine_cannot_say_nobody_goes_on() -> None:
    """An update after a preview that failed for a moment could do what the preview would have told."""
    at_risk = find_at_risk(program(renamed(LAKE, accountName="new")), deployment(LAKE))["foundation"]
    error = EngineError([Diagnostic(code="ENG006", summary="no", detail="TooManyRequests")])
    with pytest.raises(EngineError) as raised:
        confirm_losses(_Engine([("same", GROUP_RG)], error), STACK, at_risk, lambda _: None)
    assert raised.value is error


def test_what_only_the_provider_would_replace_is_told_where_protection_keeps_it() -> None:
    changed = program(renamed(KEYS, tenantId="other"))
    at_risk = find_at_risk(changed, deployment(KEYS, keys={"protect": True}))["foundation"]
    assert names(at_risk) == ([], ["keys"]), "no table says that it replaces"
    words = f'unable to replace resource "{urn(VAULT, "keys")}"\nas it is currently marked for protection.'
    error = EngineError([Diagnostic(code="ENG004", summary="no", detail=words)])
    confirmed = confirm_losses(_Engine([], error), STACK, at_risk, lambda _: None)
    assert confirmed.refused is error
    assert [(one.resource.name, one.change.value) for one in confirmed.losses] == [("keys", "replace")]


def test_what_stands_where_an_interrupted_update_left_something_counts_by_itself() -> None:
    both = deployment(LAKE, KEYS, keys={"delete": True})
    standing = deployment(LAKE, KEYS)[STACK]["resources"][-1]
    both[STACK]["resources"].append(standing)
    at_risk = find_at_risk(program(LAKE), both)["foundation"]
    assert names(at_risk) == (["keys"], []), "the program has it no more"
    at_risk = find_at_risk(program(LAKE, renamed(KEYS, vaultName="third")), both)["foundation"]
    assert names(at_risk) == ([], ["keys"])

    def losses(*steps: tuple[str, Registration]) -> list[str]:
        confirmed = confirm_losses(_Engine(steps), STACK, at_risk, lambda _: None)
        return [one.resource.name for one in confirmed.losses]

    assert losses(("same", KEYS), ("delete-replaced", KEYS)) == [], "what was left over goes at last"
    assert losses(("create-replacement", KEYS), ("replace", KEYS), ("delete-replaced", KEYS)) == ["keys"]
    assert losses(("delete-replaced", KEYS), ("delete", KEYS)) == ["keys"]
