"""The outputs that a provider is certain of before it has created anything.

A provider may answer a preview only with values that the update will repeat (pulumi/pulumi#5443). The
offline render and the simulated cloud take them from here, so their previews can't disagree. Whatever isn't
here stays unknown in a preview.
"""

from __future__ import annotations

import collections.abc
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pulumi import _types

from lakeplane.provider_models.arm import ARM_TYPES
from lakeplane.provider_models.sdk_types import resource_class
from lakeplane.provider_models.wire import is_unknown

__all__ = ["certain_outputs"]

_SCALARS = (str, int, float, bool)


def certain_outputs(token: str, urn: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a resource's outputs will certainly be.

    Args:
        token: The resource's type, such as `azure-native:storage:StorageAccount`.
        urn: The resource's URN; outputs depend on it only where a provider names things by itself.
        inputs: Its checked inputs on the wire, as plain data with the markers of
            `lakeplane.provider_models.wire`.

    Returns:
        Outputs by wire name, markers of unknowns and secrets kept. An output that isn't certain is absent,
        and so is the id, which no engine takes from a preview.
    """
    package = token.partition(":")[0]
    if package == "azure-native":
        return _azure(token, inputs)
    if package == "databricks":
        return _databricks(token, inputs)
    if package == "kubernetes":
        return _kubernetes(urn, inputs)
    return dict(inputs)


def _azure(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Echo plain values; ARM answers objects, such as identities, in another shape than it takes them."""
    shapes = _output_shapes(token)
    outputs = {
        name: value
        for name, value in inputs.items()
        if name in shapes and not is_unknown(value) and _is_plain(shapes[name])
    }
    arm_type = ARM_TYPES.get(token)
    if arm_type is not None:
        name = inputs.get(arm_type.name_inputs[-1])
        if name is not None and not is_unknown(name) and "name" in shapes:
            outputs["name"] = name
        if "type" in shapes and token not in _OWN_TYPE_INPUT:
            outputs["type"] = arm_type.resource_type
    computed = _COMPUTED.get(token)
    if computed is not None and "name" in outputs:
        outputs |= computed(outputs["name"])
    return outputs


# `type` of these means something else than ARM's type: the kind of a node pool, the type of a subnet.
_OWN_TYPE_INPUT = frozenset({"azure-native:containerservice:AgentPool", "azure-native:network:Subnet"})

# What follows from a resource's name.
_COMPUTED: Mapping[str, Callable[[str], dict[str, Any]]] = {
    # Microsoft Learn, "Azure Container Registry": `<registry>.azurecr.io`, all in lower case. The inputs have
    # no domain name label, which alone would change it.
    "azure-native:containerregistry:Registry": lambda name: {"loginServer": f"{name.lower()}.azurecr.io"},
}


def _databricks(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A bridged provider plans by Terraform's rules: a value that is configured is the value after apply."""
    shapes = _output_shapes(token)
    return {name: value for name, value in inputs.items() if name in shapes and not is_unknown(value)}


def _kubernetes(urn: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An API server keeps what it is given; a name left out is made by the provider, and so not certain."""
    del urn
    return {name: value for name, value in inputs.items() if not is_unknown(value)}


def _output_shapes(token: str) -> dict[str, Any]:
    try:
        return dict(_types.resource_types(resource_class(token)))
    except LookupError:
        return {}


def _is_plain(shape: Any) -> bool:
    if shape in _SCALARS:
        return True
    origin = typing.get_origin(shape)
    if origin in (list, collections.abc.Sequence):
        return _is_plain(typing.get_args(shape)[0])
    if origin in (dict, collections.abc.Mapping):
        return _is_plain(typing.get_args(shape)[1])
    return False
