"""The Azure resources of a preview as deployment templates, one a scope, for anybody's scanner.

They say what Pulumi would send; nothing deploys them. A value that is known only after the update is a
parameter, and so is a secret, as `secureString`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeplane.preview.model import Change, Preview, PreviewedResource
from lakeplane.provider_models.api_versions import api_version
from lakeplane.provider_models.arm import ARM_TYPES, ArmType, arm_id
from lakeplane.provider_models.arm_bodies import request_body
from lakeplane.provider_models.wire import is_unknown

__all__ = ["ArmTemplates", "to_arm_templates"]

_SCHEMAS = "https://schema.management.azure.com/schemas"
_RESOURCE_GROUP = f"{_SCHEMAS}/2019-04-01/deploymentTemplate.json#"
_SUBSCRIPTION = f"{_SCHEMAS}/2018-05-01/subscriptionDeploymentTemplate.json#"
_ID = re.compile(r"/subscriptions/([^/]+)(?:/resourceGroups/([^/]+)(?:/providers/(.+))?)?", re.IGNORECASE)
_PROVIDER = "pulumi:providers:azure-native"


@dataclass(frozen=True, slots=True)
class ArmTemplates:
    """Templates of a preview.

    Attributes:
        files: Each template by a name for its file, such as `resource-group.rg-contoso-dev.json`.
        left_out: URNs of Azure resources that are in none: their type or their scope isn't known.
    """

    files: Mapping[str, Mapping[str, Any]]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Template:
    schema: str
    resources: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    def add(self, identifier: str, resource: dict[str, Any]) -> None:
        """Take a resource in."""
        self.ids.add(identifier)
        self.resources.append(resource)

    def keep_own_dependencies(self) -> None:
        """Leave out dependencies on what other templates hold: a template may name its own resources only."""
        for resource in self.resources:
            own = sorted(self.ids.intersection(resource.pop("dependsOn")))
            if own:
                resource["dependsOn"] = own

    def value(self, value: Any, where: str) -> Any:
        """Return a value as the template language writes it; unknowns and secrets become parameters."""
        if isinstance(value, str):
            return f"[{value}" if value.startswith("[") else value
        if isinstance(value, list):
            return [self.value(item, f"{where}_{index}") for index, item in enumerate(value)]
        if not isinstance(value, Mapping):
            return value
        if is_unknown(value):
            return self._parameter(where, "string", "known only after the update")
        if "$secret" in value:
            return self._parameter(where, "secureString", "a secret")
        return {name: self.value(item, f"{where}_{name}") for name, item in value.items()}

    def _parameter(self, where: str, kind: str, description: str) -> str:
        name = re.sub(r"\W+", "_", where)
        self.parameters[name] = {"type": kind, "metadata": {"description": description}}
        return f"[parameters('{name}')]"

    def document(self) -> dict[str, Any]:
        """Return the template."""
        return {
            "$schema": self.schema,
            "contentVersion": "1.0.0.0",
            "parameters": dict(sorted(self.parameters.items())),
            "resources": sorted(self.resources, key=lambda one: (one["type"], one["name"])),
        }


def to_arm_templates(preview: Preview) -> ArmTemplates:
    """Write the Azure resources that an environment would have; deleted ones are no part of it."""
    standing = [one for one in preview.resources if one.change is not Change.DELETE]
    subscriptions = {
        one.resource.urn: str(one.resource.inputs.get("subscriptionId", ""))
        for one in standing
        if one.resource.type == _PROVIDER
    }
    azure = [one for one in standing if one.is_managed and one.resource.package == "azure-native"]
    ids = {one.resource.urn: _id(one, subscriptions) for one in azure}
    templates: dict[str, _Template] = {}
    left_out: list[str] = []
    for one in azure:
        if not _add(templates, one, ids):
            left_out.append(one.resource.urn)
    for template in templates.values():
        template.keep_own_dependencies()
    return ArmTemplates(
        {name: found.document() for name, found in sorted(templates.items())}, tuple(left_out)
    )


def _id(one: PreviewedResource, subscriptions: Mapping[str, str]) -> str | None:
    subscription = subscriptions.get(one.resource.provider or "", "")
    return arm_id(one.resource.type, one.resource.inputs, subscription)


def _add(templates: dict[str, _Template], one: PreviewedResource, ids: Mapping[str, str | None]) -> bool:
    resource = one.resource
    arm_type = ARM_TYPES.get(resource.type)
    version = api_version(resource.type)
    identifier = ids[resource.urn]
    body = request_body(resource.type, resource.inputs)
    if arm_type is None or version is None or identifier is None or body is None:
        return False
    scope = str(resource.inputs[arm_type.scope]) if arm_type.scope else identifier
    found = _ID.match(scope)
    if found is None:
        return False
    subscription, group, inside = found.groups()
    in_group = group is not None and not arm_type.path.startswith("resourceGroups/")
    name = f"resource-group.{group}.json" if in_group else f"subscription.{subscription}.json"
    template = templates.setdefault(name, _Template(_RESOURCE_GROUP if in_group else _SUBSCRIPTION))
    written: dict[str, Any] = {
        "type": arm_type.resource_type,
        "apiVersion": version,
        "name": _name(arm_type, resource.inputs),
    }
    if arm_type.scope and inside:
        written["scope"] = inside
    written |= {key: template.value(value, f"{resource.name}_{key}") for key, value in body.items()}
    written["dependsOn"] = [waited for urn in resource.dependencies if (waited := ids.get(urn))]
    template.add(identifier, written)
    return True


def _name(arm_type: ArmType, inputs: Mapping[str, Any]) -> str:
    """Return the name as templates write it: those of a nested resource's parents first."""
    if arm_type.path.startswith("resourceGroups/"):
        return str(inputs["resourceGroupName"])
    _, *pairs = arm_type.path.format_map(inputs).split("/")
    return "/".join(pairs[1::2])
