"""What the installed Pulumi SDKs say about their own types: names, shapes, which inputs are required.

The SDKs keep this as metadata on generated classes. Reading it here, in one place, means that nothing in
lakeplane repeats a provider's schema by hand.
"""

from __future__ import annotations

import collections.abc
import functools
import importlib
import types
import typing
from dataclasses import dataclass
from typing import Any

from pulumi import Output, _types

__all__ = ["Field", "args_class", "fields", "is_args_class", "resource_class"]


@dataclass(frozen=True, slots=True)
class Field:
    """One input property of a generated type.

    Attributes:
        python: Name in Python, such as `depends_ons`.
        wire: Name on the wire, such as `dependsOns`.
        element: Generated class of the property's value, or of its items, where it has one.
        is_list: The property holds a list.
        is_map: The property holds a map with free keys.
    """

    python: str
    wire: str
    element: type[object] | None
    is_list: bool
    is_map: bool


@functools.cache
def resource_class(token: str) -> type[Any]:
    """Return the SDK's class of a resource type.

    Args:
        token: Type token, such as `databricks:index/job:Job`, `azure-native:storage:StorageAccount` or
            `kubernetes:core/v1:Namespace`.

    Raises:
        LookupError: The token belongs to no SDK that lakeplane uses, or the SDK has no such type.
    """
    package, _, rest = token.partition(":")
    module_path, _, name = rest.rpartition(":")
    if package == "azure-native":
        module_name = f"pulumi_azure_native.{module_path}"
    elif package == "databricks":
        module_name = "pulumi_databricks"
    elif package == "kubernetes":
        group, _, version = module_path.partition("/")
        module_name = f"pulumi_kubernetes.{group.split('.')[0]}.{version}"
    else:
        raise LookupError(f"no SDK for {token}")
    try:
        found: type[Any] = getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"the SDK has no type {token}") from error
    return found


@functools.cache
def args_class(token: str) -> type[object]:
    """Return the SDK's class that lists the inputs of a resource type.

    Where a resource's own arguments would clash with a nested type of the same name, the generator calls
    them `<Name>InitArgs`.
    """
    resource = resource_class(token)
    scope = vars(importlib.import_module(resource.__module__))
    found: type[object] = scope.get(f"{resource.__name__}InitArgs") or scope[f"{resource.__name__}Args"]
    return found


def is_args_class(value: object) -> bool:
    """Tell whether `value` is a generated class of input properties."""
    return isinstance(value, type) and _types.is_input_type(value)


_FIELDS: dict[type[object], dict[str, Field]] = {}


def fields(cls: type[object]) -> dict[str, Field]:
    """Return the input properties of a generated class by their Python names."""
    if cls not in _FIELDS:
        hints = _types.input_type_types(cls)
        _FIELDS[cls] = {
            python: _field(python, wire, hints.get(wire))
            for python, wire in _types.input_type_py_to_pulumi_names(cls).items()
        }
    return _FIELDS[cls]


def _field(python: str, wire: str, hint: Any) -> Field:
    alternatives = _alternatives(hint)
    lists = [a for a in alternatives if typing.get_origin(a) in (list, collections.abc.Sequence)]
    maps = [a for a in alternatives if typing.get_origin(a) in (dict, collections.abc.Mapping)]
    candidates = list(alternatives)
    for container in lists:
        candidates += _alternatives(typing.get_args(container)[0])
    for container in maps:
        candidates += _alternatives(typing.get_args(container)[1])
    element = next((c for c in candidates if is_args_class(c)), None)
    return Field(python, wire, element, bool(lists), bool(maps))


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """Flatten `Input`, `Optional` and `Union` to the plain types that a value may have."""
    origin = typing.get_origin(hint)
    if origin is typing.Union or origin is types.UnionType:
        found: list[Any] = []
        for argument in typing.get_args(hint):
            if argument is type(None) or typing.get_origin(argument) in (collections.abc.Awaitable, Output):
                continue
            found += [a for a in _alternatives(argument) if a not in found]
        return tuple(found)
    return (hint,)
