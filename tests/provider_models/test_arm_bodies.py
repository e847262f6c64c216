"""What azure-native sends to ARM, against Microsoft's own models of what ARM takes."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lakeplane.layout import find_project
from lakeplane.preview.layers import render_layers
from lakeplane.provider_models.api_versions import api_version
from lakeplane.provider_models.arm import ARM_TYPES
from lakeplane.provider_models.arm_bodies import request_body
from lakeplane.render import Resource

ENVIRONMENTS = find_project(Path(__file__).parent).environments
SPECS = ("hub.yaml", "examples/max.yaml", "examples/waf_aligned.yaml")
# Packages whose models know their own properties; see tests/registration for the others.
MODELS = {
    "containerservice": {},
    "databricks": {},
    "keyvault": {"Vault": "VaultCreateOrUpdateParameters", "Key": "KeyCreateParameters"},
    "network": {},
    "storage": {"StorageAccount": "StorageAccountCreateParameters"},
}


@pytest.fixture(scope="module")
def azure() -> list[Resource]:
    """Every Azure resource of some specs."""
    return [
        one
        for spec in SPECS
        for graph in render_layers(
            ENVIRONMENTS / spec, "hub" if spec.startswith("hub") else "foundation"
        ).graphs.values()
        for one in graph.resources
        if one.package == "azure-native"
    ]


def model_of(token: str) -> type[Any] | None:
    _, module, name = token.split(":")
    if module not in MODELS:
        return None
    models = importlib.import_module(f"azure.mgmt.{module}.models")
    found: type[Any] | None = getattr(models, MODELS[module].get(name, name), None)
    if found is not None:
        # Building it once makes the class read its own annotations.
        with contextlib.suppress(TypeError, ValueError):
            found({})
    return found


def rest_fields(cls: type[Any]) -> dict[str, Any]:
    """Return a model's properties by their name in REST, with their types."""
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        module = vars(sys.modules[base.__module__])
        models = vars(importlib.import_module(cls.__module__.rpartition(".")[0]))
        for name, hint in inspect.get_annotations(base).items():
            if isinstance(hint, str):
                text = re.sub(r"\"|_models\.|_types\.|_enums\.", "", hint)
                try:
                    hints[name] = eval(text, {**vars(typing), **models, **module})
                except (NameError, TypeError, SyntaxError, AttributeError):
                    hints[name] = Any
            else:
                hints[name] = hint
    return {field._rest_name: hints.get(name, Any) for name, field in cls._attr_to_rest_field.items()}


def unknown(value: Any, hint: Any, path: str) -> Iterator[str]:
    """Yield the paths that a model doesn't know."""
    if isinstance(value, Mapping) and any(name.startswith("$") for name in value):
        return
    candidates = [
        one for one in flat(hint) if inspect.isclass(one) and one.__module__.startswith("azure.mgmt")
    ]
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from unknown(item, hint, f"{path}[{index}]")
    elif isinstance(value, Mapping) and candidates and not is_map(hint):
        with contextlib.suppress(TypeError, ValueError):
            candidates[0]({})
        fields = rest_fields(candidates[0])
        for name, item in value.items():
            if name in fields:
                yield from unknown(item, fields[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"


def flat(hint: Any) -> list[Any]:
    inner = typing.get_args(hint)
    return [hint, *(found for one in inner for found in flat(one))] if inner else [hint]


def is_map(hint: Any) -> bool:
    return any(typing.get_origin(one) is dict for one in (hint, *typing.get_args(hint)))


def test_microsofts_models_know_all_that_is_sent(azure: list[Resource]) -> None:
    checked: set[str] = set()
    wrong: set[str] = set()
    for one in azure:
        model = model_of(one.type)
        body = request_body(one.type, one.inputs)
        if model is None or body is None or not hasattr(model, "_attr_to_rest_field"):
            continue
        checked.add(one.type)
        wrong |= {re.sub(r"\[\d+\]", "[]", f"{one.type}{path}") for path in unknown(body, model, "")}
    assert len(checked) >= 18, sorted(checked)
    assert wrong == set()


def test_every_azure_resource_has_a_body_and_a_version(azure: list[Resource]) -> None:
    for one in azure:
        assert one.type in ARM_TYPES
        assert re.fullmatch(r"20\d\d-\d\d-\d\d(-preview)?", api_version(one.type) or ""), one.type
        body = request_body(one.type, one.inputs)
        assert body is not None
        assert not {"resourceGroupName", *ARM_TYPES[one.type].name_inputs} & set(body)


def test_inputs_go_where_arm_takes_them() -> None:
    body = request_body(
        "azure-native:storage:StorageAccount",
        {
            "accountName": "st",
            "resourceGroupName": "rg",
            "location": "westeurope",
            "sku": {"name": "Standard_LRS"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/i"]},
            "enableHttpsTrafficOnly": True,
            "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "1.2.3.4"}]},
            "tags": {"a": {"$unknown": True}},
        },
    )
    assert body == {
        "location": "westeurope",
        "sku": {"name": "Standard_LRS"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/i": {}}},
        "tags": {"a": {"$unknown": True}},
        "properties": {
            "supportsHttpsTrafficOnly": True,
            "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]},
        },
    }
    assert request_body(
        "azure-native:keyvault:Vault", {"vaultName": "v", "properties": {"tenantId": "t"}}
    ) == {"properties": {"tenantId": "t"}}
    assert request_body(
        "azure-native:network:NetworkSecurityGroup", {"securityRules": [{"name": "r", "priority": 100}]}
    ) == {"properties": {"securityRules": [{"name": "r", "properties": {"priority": 100}}]}}
    assert request_body("azure-native:sql:Server", {"location": "x"}) is None


def test_a_type_that_the_sdk_lacks_has_no_version() -> None:
    assert api_version("azure-native:nowhere:Nothing") is None
    assert api_version("other:a:B") is None
