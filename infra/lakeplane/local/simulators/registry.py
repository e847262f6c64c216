"""Which model stands for a resource type, over all simulated providers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from lakeplane.local.simulators import azure, databricks, databricks_access, databricks_account, kubernetes
from lakeplane.local.simulators.model import Failure, Model, Scene, Target, at
from lakeplane.provider_models.sdk_types import args_class, fields
from lakeplane.provider_models.wire import reveal

__all__ = ["PROVIDERS", "find_failures", "invoke", "model_of"]

PROVIDERS = ("azure-native", "databricks", "kubernetes")


def model_of(token: str) -> Model | None:
    """Return how a type behaves, or None if it is not simulated."""
    if token.startswith("kubernetes:"):
        return kubernetes.model_of(token)
    return azure.MODELS.get(token) or databricks.MODELS.get(token) or databricks_account.MODELS.get(token)


def invoke(scene: Scene, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a function of one of the providers.

    Raises:
        Refusal: The function is not simulated, or what it asks about does not exist.
    """
    if token.startswith("databricks:"):
        answer = databricks_account.invoke(scene, token, arguments)
        return databricks_access.invoke(scene, token, arguments) if answer is None else answer
    return azure.invoke(scene, token, arguments)


def find_failures(scene: Scene, model: Model, target: Target) -> Iterator[Failure]:
    """Find everything about a resource's inputs that the service would refuse.

    Names and required inputs come from the SDK's own type, the rest from the type's model.
    """
    inputs = reveal(target.inputs)
    known_inputs = _inputs_of(target.type)
    for name in inputs:
        if known_inputs and name not in known_inputs:
            yield Failure(name, f"{target.type} has no such input")
    for name, required in known_inputs.items():
        if required and inputs.get(name) is None:
            yield Failure(name, "is missing")
    for path in model.required:
        if at(inputs, path) is None and not known_inputs.get(path):
            yield Failure(path, "is missing")
    yield from model.check(scene, Target(target.type, target.urn, inputs, target.id))


_INPUTS: dict[str, dict[str, bool]] = {}


def _inputs_of(token: str) -> Mapping[str, bool]:
    """Return a type's inputs by wire name, and whether the SDK calls each required."""
    if token not in _INPUTS:
        try:
            cls: Any = args_class(token)
        except LookupError:
            return {}
        parameters = inspect.signature(cls.__init__).parameters
        _INPUTS[token] = {
            field.wire: parameters[name].default is inspect.Parameter.empty if name in parameters else False
            for name, field in fields(cls).items()
        }
    return _INPUTS[token]
