"""Every Azure input of the render against Microsoft's own model classes: an oracle that others wrote.

Building the models proves nothing, for they take any mapping; so their metadata is walked. Types of services
whose models are of another generation, or heavy to install, stand in UNCOVERED.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import enum
import functools
import importlib
import inspect
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from lakeplane.provider_models.arm import ARM_TYPES
from lakeplane.render import Resource

Rendered = Callable[[str], list[Resource]]
Path = tuple[str | int, ...]
Found = list[tuple[Path, str]]

ABSENT = object()

# The request's body for each type: package of azure-mgmt and class.
MODELS: Mapping[str, tuple[str, str]] = {
    "azure-native:containerservice:AgentPool": ("containerservice", "AgentPool"),
    "azure-native:containerservice:MaintenanceConfiguration": (
        "containerservice",
        "MaintenanceConfiguration",
    ),
    "azure-native:containerservice:ManagedCluster": ("containerservice", "ManagedCluster"),
    "azure-native:databricks:AccessConnector": ("databricks", "AccessConnector"),
    "azure-native:databricks:Workspace": ("databricks", "Workspace"),
    "azure-native:keyvault:Vault": ("keyvault", "VaultCreateOrUpdateParameters"),
    "azure-native:storage:BlobContainer": ("storage", "BlobContainer"),
    "azure-native:storage:BlobServiceProperties": ("storage", "BlobServiceProperties"),
    "azure-native:storage:ManagementPolicy": ("storage", "ManagementPolicy"),
    "azure-native:storage:StorageAccount": ("storage", "StorageAccountCreateParameters"),
} | {
    f"azure-native:network:{name}": ("network", name)
    for name in (
        "AzureFirewall",
        "FirewallPolicy",
        "NatGateway",
        "NetworkSecurityGroup",
        "PrivateDnsZoneGroup",
        "PrivateEndpoint",
        "PublicIPAddress",
        "PublicIPPrefix",
        "RouteTable",
        "Subnet",
        "VirtualNetwork",
        "VirtualNetworkPeering",
    )
}
# Packages of azure-native without a model class here. azure-ai-ml has that of machinelearningservices, but
# brings thirty packages and other versions of those that the project uses.
UNCOVERED = frozenset(
    {
        "applicationinsights",
        "authorization",
        "compute",
        "consumption",
        "containerregistry",
        "insights",
        "machinelearningservices",
        "managedidentity",
        "monitor",
        "operationalinsights",
        "privatedns",
        "resources",
        "alertsmanagement",
        "eventgrid",
        "containerinstance",
        "app",
    }
)


@dataclass(frozen=True)
class Attribute:
    """One property of a model."""

    rest: str
    hint: Any
    read_only: bool
    required: bool


def models_of(package: str) -> ModuleType:
    return importlib.import_module(f"azure.mgmt.{package}.models")


@functools.cache
def attributes(cls: type[Any]) -> dict[str, Attribute]:
    """Return a model's properties by each name that they go by, in lower case."""
    # Building it once makes the class read its own annotations.
    with contextlib.suppress(TypeError, ValueError):
        cls({})
    found: dict[str, Attribute] = {}
    hints = _hints(cls)
    for name, field in cls._attr_to_rest_field.items():
        hint = hints.get(name, Any)
        read_only = field._visibility == ["read"]
        required = type(None) not in typing.get_args(hint) and not read_only and hint is not Any
        attribute = Attribute(field._rest_name, hint, read_only, required)
        found.setdefault(name.replace("_", "").lower(), attribute)
        found[field._rest_name.lower()] = attribute
    return found


def _hints(cls: type[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        root, in_models, _ = base.__module__.partition(".models")
        if not in_models:
            continue
        module = sys.modules[base.__module__]
        scope = {**vars(typing), **vars(module), "datetime": datetime}
        scope |= {"_models": importlib.import_module(f"{root}.models")}
        for name, hint in inspect.get_annotations(base).items():
            holder = type("Holder", (), {"__annotations__": {name: hint}})
            try:
                found[name] = typing.get_type_hints(holder, globalns=scope)[name]
            except NameError:
                found[name] = Any
    return found


def judge(one: Resource) -> Found:
    """Find what Microsoft's models would not take of a resource's inputs."""
    package, name = MODELS[one.type]
    arm = ARM_TYPES.get(one.type)
    in_path = {"resourceGroupName", *(arm.name_inputs if arm else ())}
    body = {key: value for key, value in one.inputs.items() if key not in in_path}
    found: Found = []
    # ARM takes a location from its group in previews of models that demand one for themselves.
    _object(body, getattr(models_of(package), name), (), found, absent_is_fine=frozenset({"location"}))
    return found


def _object(
    value: Any, cls: type[Any], path: Path, found: Found, absent_is_fine: frozenset[str] = frozenset()
) -> None:
    if not isinstance(value, dict):
        found.append((path, f"{cls.__name__} expected"))
        return
    cls = _subclass(cls, value)
    own = attributes(cls)
    nested = _nested(cls)
    # azure-native flattens ARM's `properties`, unless the inputs have them.
    flattened = attributes(nested) if nested is not None and "properties" not in value else {}
    seen: set[Attribute] = set()
    for key, item in value.items():
        attribute = _writable(own.get(key.lower()), flattened.get(key.lower()))
        if attribute is None:
            found.append(((*path, key), f"{cls.__name__} has no such property"))
            continue
        seen.add(attribute)
        if attribute.read_only:
            found.append(((*path, key), "read-only"))
        # azure-native writes ARM's map of identities by id as a list of ids.
        if not (key == "userAssignedIdentities" and isinstance(item, list)):
            _value(item, attribute.hint, (*path, key), found)
    for attribute in {*own.values(), *flattened.values()} - seen:
        if attribute.required and attribute.rest not in absent_is_fine | {"properties"}:
            found.append(((*path, attribute.rest), "missing"))


def _writable(own: Attribute | None, flattened: Attribute | None) -> Attribute | None:
    if own is not None and (not own.read_only or flattened is None):
        return own
    return flattened


def _subclass(cls: type[Any], value: Mapping[str, Any]) -> type[Any]:
    kinds = getattr(cls, "__mapping__", None) or {}
    for item in value.values():
        if isinstance(item, str) and item in kinds:
            return kinds[item]
    return cls


def _nested(cls: type[Any]) -> type[Any] | None:
    attribute = attributes(cls).get("properties")
    if attribute is None:
        return None
    return next((each for each in _alternatives(attribute.hint) if _is_model(each)), None)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) is typing.Union:
        return tuple(each for each in typing.get_args(hint) if each is not type(None))
    return (hint,)


def _is_model(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "_is_model")


def _value(value: Any, hint: Any, path: Path, found: Found) -> None:
    if value is None or (isinstance(value, dict) and "$unknown" in value):
        return
    if isinstance(value, dict) and "$secret" in value:
        value = value["$secret"]
    best: Found | None = None
    alternatives = _alternatives(hint)
    known = [each for each in alternatives if isinstance(each, type) and issubclass(each, enum.Enum)]
    if known and isinstance(value, str):
        values = [str(member.value) for each in known for member in each]
        if value.lower() not in {each.lower() for each in values}:
            found.append((path, f"{value!r} is none of {values}"))
        return
    for each in alternatives:
        attempt: Found = []
        _alternative(value, each, path, attempt)
        if not attempt:
            return
        if best is None or len(attempt) < len(best):
            best = attempt
    found += best or []


def _alternative(value: Any, hint: Any, path: Path, found: Found) -> None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return
    if origin is list:
        _items(value, arguments[0], path, found)
    elif origin is dict:
        if isinstance(value, dict):
            for key, item in value.items():
                _value(item, arguments[1], (*path, key), found)
        else:
            found.append((path, "a map expected"))
    elif origin is typing.Literal:
        if value not in [getattr(each, "value", each) for each in arguments]:
            found.append((path, f"{value!r} is none of {arguments}"))
    elif _is_model(hint):
        _object(value, hint, path, found)
    elif isinstance(hint, type) and not isinstance(value, _JSON.get(hint, (str,))):
        found.append((path, f"{hint.__name__} expected"))
    elif isinstance(value, bool) and hint is not bool:
        found.append((path, f"{hint} expected"))


_JSON: Mapping[type, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float), str: (str,)}


def _items(value: Any, hint: Any, path: Path, found: Found) -> None:
    if not isinstance(value, list):
        found.append((path, "a list expected"))
        return
    for index, item in enumerate(value):
        _value(item, hint, (*path, index), found)


@pytest.mark.parametrize("name", ["dev", "local"])
def test_microsofts_models_take_every_input(name: str, rendered: Rendered) -> None:
    azure = [one for one in rendered(name) if one.package == "azure-native"]
    covered = [one for one in azure if one.type in MODELS]
    wrong = [(one.type, one.name, found) for one in covered if (found := judge(one))]
    assert wrong == []
    others = {one.type.split(":")[1] for one in azure if one.type not in MODELS}
    assert others <= UNCOVERED
    assert len({one.type for one in covered}) >= 10


def _mutants() -> Iterator[tuple[str, Path, Any]]:
    yield "azure-native:storage:StorageAccount", ("networkRuleSet", "defaultActoin"), "Deny"
    yield "azure-native:storage:StorageAccount", ("minimumTlsVersion",), "TLS1.2"
    yield (
        "azure-native:storage:StorageAccount",
        ("networkRuleSet", "ipRules"),
        {"iPAddressOrRange": "192.0.2.1"},
    )
    yield "azure-native:containerservice:ManagedCluster", ("networkProfile", "networkPolicy"), "ciliun"
    yield "azure-native:containerservice:ManagedCluster", ("agentPoolProfiles", 0, "osDiskTyp"), "Ephemeral"
    yield "azure-native:containerservice:ManagedCluster", ("securityProfile", "workloadIdentity"), True
    yield "azure-native:keyvault:Vault", ("properties", "tenantId"), ABSENT
    yield "azure-native:keyvault:Vault", ("properties", "networkAcls", "bypass"), "AzureService"
    yield "azure-native:databricks:Workspace", ("computeMode",), ABSENT
    yield "azure-native:databricks:Workspace", ("requiredNsgRules",), "NoRules"
    yield "azure-native:network:Subnet", ("privateEndpointNetworkPolicies",), "Off"
    yield "azure-native:network:Subnet", ("delegations", 0, "serviceNames"), "x"


@pytest.mark.parametrize(("type_", "path", "value"), list(_mutants()))
def test_microsofts_models_refuse_mutants(type_: str, path: Path, value: Any, rendered: Rendered) -> None:
    one = next(
        each
        for each in rendered("dev")
        if each.type == type_ and (len(path) == 1 or each.inputs.get(str(path[0])))
    )
    inputs = copy.deepcopy(dict(one.inputs))
    holder: Any = inputs
    for part in path[:-1]:
        holder = holder[part]
    if value is ABSENT:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    found = judge(Resource(one.urn, one.type, one.name, True, inputs=inputs))
    assert found
    assert all(at[: len(path) - 1] == path[:-1] for at, _ in found)
