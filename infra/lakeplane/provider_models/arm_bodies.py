"""The body that azure-native sends to Azure Resource Manager for a resource's inputs.

azure-native takes most of what REST nests in `properties` at the top, at some places inside too, and names a
few things in its own way. The tables below say where; what stands in none of them is sent as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lakeplane.provider_models.arm import ARM_TYPES

__all__ = ["request_body"]

# Source of all tables: each service's REST specification at the API version that azure-native 3.29.0 uses.
_ENVELOPE = frozenset(
    {"extendedLocation", "identity", "kind", "location", "managedBy", "plan", "sku", "tags", "zones"}
)
# Part of the envelope elsewhere, but a property here.
_PROPERTY_HERE = frozenset(
    {
        ("azure-native:containerservice:AgentPool", "tags"),
        ("azure-native:network:AzureFirewall", "sku"),
        ("azure-native:network:FirewallPolicy", "sku"),
        ("azure-native:operationalinsights:Workspace", "sku"),
    }
)
# Lists whose items have `name`, `id` and `properties` in REST.
_NESTED_ITEMS = frozenset(
    {
        "delegations",
        "ipConfigurations",
        "privateDnsZoneConfigs",
        "privateLinkServiceConnections",
        "routes",
        "securityRules",
    }
)
_ITEM_ENVELOPE = frozenset({"id", "name", "zones"})

# Names that differ, by the path on azure-native's side; `[]` stands for any item.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "azure-native:applicationinsights:Component": {
        "applicationType": "Application_Type",
        "disableLocalAuth": "DisableLocalAuth",
        "flowType": "Flow_Type",
        "ingestionMode": "IngestionMode",
        "requestSource": "Request_Source",
        "workspaceResourceId": "WorkspaceResourceId",
    },
    "azure-native:containerregistry:Registry": {"networkRuleSet.ipRules[].iPAddressOrRange": "value"},
    "azure-native:storage:StorageAccount": {
        "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
        "encryption.encryptionIdentity": "identity",
        "encryption.encryptionIdentity.encryptionUserAssignedIdentity": "userAssignedIdentity",
        "encryption.keyVaultProperties": "keyvaultproperties",
        "encryption.keyVaultProperties.keyName": "keyname",
        "encryption.keyVaultProperties.keyVaultUri": "keyvaulturi",
        "encryption.keyVaultProperties.keyVersion": "keyversion",
        "networkRuleSet": "networkAcls",
        "networkRuleSet.ipRules[].iPAddressOrRange": "value",
        "networkRuleSet.virtualNetworkRules[].virtualNetworkResourceId": "id",
    },
}


def request_body(token: str, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is sent for a resource: `location`, `tags`, `properties` and so on, without its name.

    Args:
        token: Pulumi's type, such as `azure-native:storage:StorageAccount`.
        inputs: Its inputs on the wire; markers of unknowns and secrets stay where they are.

    Returns:
        The body, or nothing for a type that isn't listed in `lakeplane.provider_models.arm`.
    """
    arm_type = ARM_TYPES.get(token)
    if arm_type is None:
        return None
    in_path = {*arm_type.name_inputs, arm_type.scope, "resourceGroupName"}
    body: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    renamed = _RENAMED.get(token, {})
    for name, value in inputs.items():
        if name in in_path:
            continue
        sent = _translate(value, name, renamed)
        if name == "properties" and isinstance(value, Mapping):
            properties |= sent
        elif name in _ENVELOPE and (token, name) not in _PROPERTY_HERE:
            body[name] = _identity(sent) if name == "identity" else sent
        else:
            properties[renamed.get(name, name)] = sent
    return {**body, "properties": properties} if properties else body


def _translate(value: Any, path: str, renamed: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        if any(name.startswith("$") for name in value):
            return dict(value)
        return {
            renamed.get(f"{path}.{name}", name): _translate(item, f"{path}.{name}", renamed)
            for name, item in value.items()
        }
    if not isinstance(value, list):
        return value
    items = [_translate(item, f"{path}[]", renamed) for item in value]
    if re.split(r"[.\]]", path)[-1] in _NESTED_ITEMS:
        return [_nest(item) for item in items]
    return items


def _nest(item: Any) -> Any:
    if not isinstance(item, Mapping) or "properties" in item:
        return item
    outer = {name: value for name, value in item.items() if name in _ITEM_ENVELOPE}
    return {**outer, "properties": {name: value for name, value in item.items() if name not in outer}}


def _identity(identity: Any) -> Any:
    """Return an identity with the map that REST wants; azure-native takes a list of ids."""
    ids = identity.get("userAssignedIdentities") if isinstance(identity, Mapping) else None
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        return identity
    return {**identity, "userAssignedIdentities": {one: {} for one in ids}}
