"""The render against the real engine: what it would send its providers in a preview of an empty stack.

`local` is compared in every run, all other specs by `-m slow`. Differences that are none stand in `normal`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lakeplane.engine import EngineBinaries
from lakeplane.layout import find_project
from lakeplane.program import main
from lakeplane.provider_models.wire import has_unknown
from lakeplane.render import Graph, Resource, render
from lakeplane.wheel import ensure_wheel

sys.path.insert(0, str(Path(__file__).parent))
from engine_preview import PROVIDERS, EnginePreviews, engine_previews

PROJECT = find_project(Path(__file__).parent)
SPECS = (
    "local",
    "dev",
    "test",
    "prod",
    "bring_your_own",
    "examples/defaults",
    "examples/waf_aligned",
    "examples/max",
)
_AUTHORITY = base64.b64encode(b"authority").decode()
# What a deployed foundation would tell, where the plan doesn't know it.
LATER = {
    "aks_certificate_authority": _AUTHORITY,
    "aks_fqdn": "aks-1.hcp.westeurope.azmk8s.io",
    "databricks_workspace_number": "1234567890123456",
    "databricks_workspace_url": "adb-1234567890123456.7.azuredatabricks.net",
    "egress_address": "198.51.100.7",
    "jobs_client_id": "00000000-0000-4000-8000-00000000000a",
    "serving_client_id": "00000000-0000-4000-8000-00000000000b",
}
# What only a provider can tell, by asking its service; a render calls nobody, so it stays unknown there.
ANSWERED = {
    ("databricks:index/accessControlRuleSet:AccessControlRuleSet", "grantRules[0].principals[0]"): (
        "the user who deploys, whom the workspace knows (`getCurrentUser`)"
    ),
    ("databricks:index/mwsNccBinding:MwsNccBinding", "networkConnectivityConfigId"): (
        "the account's id of the hub's config (`getMwsNetworkConnectivityConfig`)"
    ),
    ("databricks:index/mwsNccPrivateEndpointRule:MwsNccPrivateEndpointRule", "networkConnectivityConfigId"): (
        "the same"
    ),
    ("azure-native:consumption:Budget", "timePeriod.startDate"): (
        "the month of the first update, which the stack keeps; an empty stack would begin now"
    ),
}
OPTIONS = {
    "protect": "protect",
    "retainOnDelete": "retain_on_delete",
    "deletedWith": "deleted_with",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
}


@pytest.fixture(scope="module")
def engine(
    tmp_path_factory: pytest.TempPathFactory, engine_binaries: EngineBinaries
) -> Iterator[EnginePreviews]:
    with engine_previews(tmp_path_factory.mktemp("engine"), PROJECT.root, engine_binaries) as previews:
        yield previews


@pytest.mark.engine
@pytest.mark.parametrize(
    "spec", [pytest.param(name, marks=[] if name == "local" else pytest.mark.slow) for name in SPECS]
)
def test_an_environment_registers_what_the_engine_sees(spec: str, engine: EnginePreviews) -> None:
    path = PROJECT.environments / f"{spec}.yaml"
    config = {"lakeplane:spec": str(path), "lakeplane:wheel": str(ensure_wheel(PROJECT))}
    name = _name(path)
    foundation = _render(f"{name}.foundation", config)
    compare(foundation, engine.preview(f"{name}.foundation", config), engine)
    outputs = {"foundation": _deployed(foundation.outputs["foundation"])}
    if "overridden" in foundation.outputs:
        outputs["overridden"] = foundation.outputs["overridden"]
    # The same names and ids, now as they are read from a stack that is there.
    engine.pulumi("stack", "rm", "--yes", f"{name}.foundation")
    engine.deploy_outputs(f"{name}.foundation", outputs)
    contents = _render(f"{name}.contents", config, {f"organization/lakeplane/{name}.foundation": outputs})
    compare(contents, engine.preview(f"{name}.contents", config), engine)


@pytest.mark.engine
@pytest.mark.slow
def test_a_hub_registers_what_the_engine_sees(engine: EnginePreviews) -> None:
    path = PROJECT.environments / "hub.yaml"
    config = {"lakeplane:spec": str(path)}
    compare(_render("hub.hub", config), engine.preview("hub.hub", config), engine)


def compare(graph: Graph, steps: Mapping[str, Mapping[str, Any]], engine: EnginePreviews) -> None:
    """Hold each resource against the engine's step and against what a provider was asked to check."""
    ours = {found.urn: found for found in graph.resources if found.type != "pulumi:pulumi:Stack"}
    theirs = {urn: state for urn, state in steps.items() if not _made_by_the_engine(urn, state)}
    assert ours.keys() == theirs.keys()
    differences = [text for urn, found in ours.items() for text in _differences(found, theirs[urn], engine)]
    assert not differences, "\n".join(differences)
    assert sum(found.custom and not found.read for found in ours.values()) > 30


def _differences(found: Resource, state: Mapping[str, Any], engine: EnginePreviews) -> Iterator[str]:
    sent = engine.provider.checked.get(found.urn)
    seen: dict[str, tuple[Any, Any]] = {
        "type": (found.type, state["type"]),
        "custom": (found.custom, state["custom"]),
        "parent": (found.parent, state.get("parent") or None),
        "dependencies": (list(found.dependencies), sorted(state.get("dependencies") or ())),
        "propertyDependencies": (
            {key: list(urns) for key, urns in found.property_dependencies.items()},
            {key: sorted(urns) for key, urns in (state.get("propertyDependencies") or {}).items() if urns},
        ),
    }
    if found.provider is not None:
        seen["provider"] = (found.provider, str(state.get("provider")).rpartition("::")[0])
    for name, ours in OPTIONS.items():
        value = getattr(found, ours)
        seen[name] = (list(value) if isinstance(value, tuple) else value, _or_none(state.get(name), value))
    if sent is not None:
        seen["inputs"] = (
            _plain(found.inputs),
            _without_answers(found.type, _plain(sent), _plain(found.inputs)),
        )
    elif found.package in PROVIDERS and not found.read:
        yield f"{found.urn}: no provider was asked"
    elif not found.read:
        # Components and providers: providers get a version and a mark from the engine itself.
        given = {
            key: value
            for key, value in (state.get("inputs") or {}).items()
            if key not in ("version", "__internal")
        }
        seen["inputs"] = (sorted(found.inputs), sorted(given))
    for what, (mine, its) in seen.items():
        if mine != its:
            yield f"{found.urn}: {what}: {json.dumps(mine)} is not {json.dumps(its)}"


def _or_none(said: Any, ours: Any) -> Any:
    """Read what the engine leaves out of its JSON where it says nothing."""
    if said is None:
        return type(ours)() if isinstance(ours, bool) else [] if isinstance(ours, tuple) else None
    return said


def _plain(value: Any) -> Any:
    """Read an asset by what it holds: the engine adds a hash, and the program a path of this machine."""
    if isinstance(value, Mapping):
        if "$asset" in value or "$archive" in value:
            return "an asset"
        return {key: _plain(item) for key, item in sorted(value.items())}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _without_answers(token: str, sent: Any, ours: Any, path: str = "") -> Any:
    """Make unknown again what a provider answered, where the table says so."""
    if (token, path) in ANSWERED and ours == {"$unknown": True}:
        return ours
    if isinstance(sent, Mapping) and isinstance(ours, Mapping):
        return {
            key: _without_answers(token, item, ours.get(key), f"{path}.{key}" if path else key)
            for key, item in sent.items()
        }
    if isinstance(sent, list) and isinstance(ours, list) and len(sent) == len(ours):
        return [
            _without_answers(token, item, mine, f"{path}[{at}]")
            for at, (item, mine) in enumerate(zip(sent, ours, strict=True))
        ]
    return sent


def _made_by_the_engine(urn: str, state: Mapping[str, Any]) -> bool:
    return state["type"] == "pulumi:pulumi:Stack" or "::default" in urn


def _deployed(outputs: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: LATER[key] if has_unknown(value) else value for key, value in outputs.items()}
    assert not has_unknown(known)
    return known


def _render(stack: str, config: Mapping[str, str], references: Mapping[str, Any] | None = None) -> Graph:
    with contextlib.chdir(PROJECT.stacks):
        return render(main, project="lakeplane", stack=stack, config=config, stack_references=references)


def _name(path: Path) -> str:
    return next(line.split()[1] for line in path.read_text().splitlines() if line.startswith("name:"))
