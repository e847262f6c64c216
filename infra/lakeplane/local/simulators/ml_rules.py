"""What Azure Machine Learning and Azure Monitor's collection of metrics refuse, each with its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lakeplane.local.simulators.model import Failure, at, known
from lakeplane.spec.sections.machine_sizes import endpoint_sizes
from lakeplane.spec.sizes import vm_sizes

__all__ = ["ML_RULES"]

_DURATION = re.compile(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")
_AUTH_MODES = ("AADToken", "AMLToken", "Key")  # SDK, OnlineEndpointProperties.authMode
_WHOLE = 100
_MIRRORED = 50  # SDK, OnlineEndpointProperties.mirrorTraffic
_CONFIGURATION_ACCESS = "configurationAccessEndpoint"


def _workspace(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    for name in ("storageAccount", "keyVault", "applicationInsights"):
        if at(inputs, name) is None:
            yield Failure(name, "is missing: a workspace needs it")
    # "Set up authentication": the primary identity is one of those assigned.
    primary = known(inputs, "primaryUserAssignedIdentity")
    assigned = known(inputs, "identity.userAssignedIdentities")
    if primary is not None and assigned is not None and primary not in assigned:
        yield Failure("primaryUserAssignedIdentity", "is none of identity.userAssignedIdentities")
    # "Workspace managed virtual network isolation".
    if known(inputs, "provisionNetworkNow") and known(inputs, "managedNetwork.isolationMode") in (
        None,
        "Disabled",
    ):
        yield Failure("provisionNetworkNow", "there is no managed network to provision")


def _compute(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    if known(inputs, "properties.computeType") != "AmlCompute":
        return
    # "Set up authentication", compute cluster: one system-assigned or several user-assigned, not both.
    if "SystemAssigned" in str(known(inputs, "identity.type")) and at(
        inputs, "identity.userAssignedIdentities"
    ):
        yield Failure("identity.type", "a cluster takes a system-assigned identity or user-assigned ones")
    path = "properties.properties"
    size = known(inputs, f"{path}.vmSize")
    if at(inputs, f"{path}.vmSize") is None:
        yield Failure(f"{path}.vmSize", "is missing")
    elif size is not None and size not in vm_sizes():
        yield Failure(f"{path}.vmSize", f"no size {size!r} is known")
    scale = f"{path}.scaleSettings"
    low, high = known(inputs, f"{scale}.minNodeCount") or 0, known(inputs, f"{scale}.maxNodeCount")
    if at(inputs, scale) is not None and at(inputs, f"{scale}.maxNodeCount") is None:
        yield Failure(f"{scale}.maxNodeCount", "is missing")
    if high is not None and low > high:
        yield Failure(f"{scale}.minNodeCount", f"{low} is more than maxNodeCount {high}")
    idle = known(inputs, f"{scale}.nodeIdleTimeBeforeScaleDown")
    if idle is not None and not _DURATION.fullmatch(idle):
        yield Failure(f"{scale}.nodeIdleTimeBeforeScaleDown", f"{idle!r} is no ISO 8601 duration like PT15M")
    # REST, AmlCompute.userAccountCredentials: an account for SSH, which disableLocalAuth forbids.
    if known(inputs, "properties.disableLocalAuth") and at(inputs, f"{path}.userAccountCredentials"):
        yield Failure(f"{path}.userAccountCredentials", "no local account while disableLocalAuth is on")
    if known(inputs, f"{path}.remoteLoginPortPublicAccess") == "Enabled":
        if known(inputs, f"{path}.enableNodePublicIp") is False:
            yield Failure(f"{path}.remoteLoginPortPublicAccess", "nodes without public addresses have none")
        if at(inputs, f"{path}.userAccountCredentials") is None:
            yield Failure(f"{path}.userAccountCredentials", "is missing: SSH needs an account")


def _endpoint(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    mode = known(inputs, "properties.authMode")
    if at(inputs, "properties.authMode") is None or (mode is not None and mode not in _AUTH_MODES):
        yield Failure("properties.authMode", f"found {mode}; one of {', '.join(_AUTH_MODES)}")
    if at(inputs, "properties.keys") is not None and mode not in (None, "Key"):
        yield Failure("properties.keys", "only an endpoint of authMode Key has keys")
    traffic = known(inputs, "properties.traffic") or {}
    if traffic and sum(traffic.values()) not in (0, _WHOLE):
        yield Failure("properties.traffic", f"the shares add up to {sum(traffic.values())}, not to {_WHOLE}")
    mirrored = known(inputs, "properties.mirrorTraffic") or {}
    if sum(mirrored.values()) > _MIRRORED:
        yield Failure("properties.mirrorTraffic", f"the shares add up to more than {_MIRRORED}")


def _deployment(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    if known(inputs, "properties.endpointComputeType") != "Managed":
        return
    # "Managed online endpoints SKU list".
    size = known(inputs, "properties.instanceType")
    if size is not None and size not in endpoint_sizes():
        yield Failure("properties.instanceType", f"managed endpoints don't take {size}")
    if at(inputs, "properties.model") is None and at(inputs, "properties.environmentId") is None:
        yield Failure("properties.model", "is missing: there is nothing to serve")
    capacity = known(inputs, "sku.capacity")
    if at(inputs, "sku.capacity") is None or (capacity is not None and capacity < 1):
        yield Failure("sku.capacity", f"found {capacity}; at least one instance")


def _outbound_rule(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    if known(inputs, "properties.type") != "FQDN":
        return
    host = known(inputs, "properties.destination")
    if at(inputs, "properties.destination") is None:
        yield Failure("properties.destination", "is missing: a host")
    elif host is not None and not re.fullmatch(r"(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", str(host)):
        yield Failure("properties.destination", f"{host!r} is no host name")


def _association(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # REST, dataCollectionRuleAssociations: a rule, or under its own name an endpoint.
    rule, endpoint = at(inputs, "dataCollectionRuleId"), at(inputs, "dataCollectionEndpointId")
    if (rule is None) == (endpoint is None):
        yield Failure("dataCollectionRuleId", "exactly one of dataCollectionRuleId, dataCollectionEndpointId")
    name = known(inputs, "associationName")
    if name is not None and (name == _CONFIGURATION_ACCESS) != (endpoint is not None):
        yield Failure("associationName", f"{_CONFIGURATION_ACCESS} is for endpoints, and for nothing else")


def _collection_rule(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # Azure Monitor, "Structure of a data collection rule".
    destinations = {
        each.get("name")
        for group in (known(inputs, "destinations") or {}).values()
        for each in (group if isinstance(group, list) else [group])
    }
    for index, flow in enumerate(known(inputs, "dataFlows") or []):
        strangers = [each for each in flow.get("destinations", []) if each not in destinations]
        if at(inputs, "destinations") is not None and destinations and strangers:
            yield Failure(f"dataFlows[{index}].destinations", f"no destination {', '.join(strangers)}")
    sources = known(inputs, "dataSources") or {}
    if "prometheusForwarder" in sources and at(inputs, "dataCollectionEndpointId") is None:
        yield Failure("dataCollectionEndpointId", "is missing: Prometheus metrics come in by an endpoint")


ML_RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Failure]]] = {
    "azure-native:machinelearningservices:Compute": _compute,
    "azure-native:machinelearningservices:ManagedNetworkSettingsRule": _outbound_rule,
    "azure-native:machinelearningservices:OnlineDeployment": _deployment,
    "azure-native:machinelearningservices:OnlineEndpoint": _endpoint,
    "azure-native:machinelearningservices:Workspace": _workspace,
    "azure-native:monitor:DataCollectionRule": _collection_rule,
    "azure-native:monitor:DataCollectionRuleAssociation": _association,
}
"""Rules by type token; what isn't known yet is left out of them."""
