"""A Databricks account: what the databricks provider manages with `account_id` and no workspace."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lakeplane.local.resources import Resource, reference
from lakeplane.local.simulators.model import Failure, Model, Refusal, Scene, Target, guid, known

__all__ = ["MODELS", "invoke"]

_D = "databricks:index/"
METASTORE = f"{_D}metastore:Metastore"
CONFIG = f"{_D}mwsNetworkConnectivityConfig:MwsNetworkConnectivityConfig"
RULE = f"{_D}mwsNccPrivateEndpointRule:MwsNccPrivateEndpointRule"
_ASSIGNMENT = f"{_D}metastoreAssignment:MetastoreAssignment"
_BINDING = f"{_D}mwsNccBinding:MwsNccBinding"
_POLICY = f"{_D}accountNetworkPolicy:AccountNetworkPolicy"
_BUDGET = f"{_D}budget:Budget"
_OPTION = f"{_D}workspaceNetworkOption:WorkspaceNetworkOption"
_WORKSPACE = "azure-native:databricks:Workspace"
_HOST = "https://accounts.azuredatabricks.net"
# Databricks CLI reference, "account network-connectivity": alphanumeric, - and _, 3 to 30 characters.
_CONFIG_NAME = re.compile(r"[A-Za-z0-9_-]{3,30}")
_OBJECT_NAME = re.compile(r"[^\s./\x00-\x1f\x7f]{1,255}")
_ARM_ID = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/.+", re.IGNORECASE)
# Microsoft Learn, "Configure private connectivity from serverless compute": 10 configs for each region of an
# account, 100 private endpoints for each region.
_MOST_CONFIGS, _MOST_RULES = 10, 100
_MOST_ALERTS = 4
_FOREIGN_VERSION = 3  # of the UUIDs of what stands outside of this cloud; its own have version 5


def _account(scene: Scene) -> str:
    account = str(scene.config.get("accountId") or "")
    if not account or scene.config.get("host") != _HOST:
        raise Refusal(
            400,
            "INVALID_PARAMETER_VALUE",
            f"an account's objects need a provider with account_id and the host {_HOST}",
        )
    return account


def _config_guid(scene: Scene, target: Target) -> str:
    return guid(f"network connectivity {_account(scene)} {target.urn}")


def _config_id(scene: Scene, target: Target) -> str:
    return f"{_account(scene)}/{_config_guid(scene, target)}"


def _metastore_id(scene: Scene, target: Target) -> str:
    return guid(f"metastore {_account(scene)} {target.urn}")


def _rule_id(scene: Scene, target: Target) -> str:
    rule = guid(f"rule {_account(scene)} {target.urn}")
    return f"{target.inputs['networkConnectivityConfigId']}/{rule}"


def _check_config(_scene: Scene, target: Target) -> Iterator[Failure]:
    name = known(target.inputs, "name")
    if isinstance(name, str) and not _CONFIG_NAME.fullmatch(name):
        yield Failure("name", f"{name!r} is no name of 3 to 30 letters, digits, - and _")


def _check_metastore(_scene: Scene, target: Target) -> Iterator[Failure]:
    name = known(target.inputs, "name")
    if isinstance(name, str) and not _OBJECT_NAME.fullmatch(name):
        yield Failure("name", f"{name!r} has characters that Unity Catalog refuses: . / or a space")


def _check_rule(_scene: Scene, target: Target) -> Iterator[Failure]:
    resource = known(target.inputs, "resourceId")
    if isinstance(resource, str) and not _ARM_ID.fullmatch(resource):
        yield Failure("resourceId", f"{resource!r} is no ARM id")
    if resource is None and "resourceId" not in target.inputs:
        yield Failure("resourceId", "is missing: a private endpoint on Azure leads to a resource")
    if "groupId" not in target.inputs:
        yield Failure("groupId", "is missing: a private endpoint on Azure leads to one group of a resource")


def _check_policy(_scene: Scene, target: Target) -> Iterator[Failure]:
    # Microsoft Learn, "Manage network policies for serverless egress control".
    access = known(target.inputs, "egress.networkAccess") or {}
    mode, path = access.get("restrictionMode"), "egress.networkAccess"
    if mode not in (None, "FULL_ACCESS", "RESTRICTED_ACCESS"):
        yield Failure(f"{path}.restrictionMode", f"{mode!r} is neither FULL_ACCESS nor RESTRICTED_ACCESS")
    for index, one in enumerate(access.get("allowedInternetDestinations") or ()):
        if one.get("internetDestinationType") != "DNS_NAME":
            yield Failure(f"{path}.allowedInternetDestinations[{index}]", "takes DNS_NAME only")
        if mode == "FULL_ACCESS":
            yield Failure(f"{path}.allowedInternetDestinations[{index}]", "everything is allowed already")


def _check_budget(_scene: Scene, target: Target) -> Iterator[Failure]:
    # REST reference of account budgets: at least one alert, at most four a month, no threshold twice.
    alerts, path = known(target.inputs, "alertConfigurations") or (), "alertConfigurations"
    thresholds = [str(one.get("quantityThreshold")) for one in alerts]
    if not 1 <= len(alerts) <= _MOST_ALERTS or len(set(thresholds)) < len(thresholds):
        yield Failure(path, f"takes 1 to {_MOST_ALERTS} alerts, each with a threshold of its own")
    for index, one in enumerate(alerts):
        if not str(one.get("quantityThreshold") or "").replace(".", "", 1).isdigit():
            yield Failure(f"{path}[{index}].quantityThreshold", "is no number of USD")
        if not one.get("actionConfigurations"):
            yield Failure(f"{path}[{index}].actionConfigurations", "is missing: an alert tells somebody")
        if any(action.get("actionType") == "BLOCK_USAGE" for action in one.get("actionConfigurations") or ()):
            yield Failure(
                f"{path}[{index}].actionConfigurations", "only the AI gateway's budgets block usage"
            )


def _admit_budget(scene: Scene, target: Target) -> None:
    counted = (target.inputs.get("filter") or {}).get("workspaceId") or {}
    there = {str(one.plain_outputs.get("workspaceId")) for one in scene.resources.of_type(_WORKSPACE)}
    if missing := sorted({str(one) for one in counted.get("values") or ()} - there):
        raise Refusal(400, "INVALID_PARAMETER_VALUE", f"the account has no workspace {', '.join(missing)}")


def _others(scene: Scene, target: Target) -> Iterator[Resource]:
    yield from (other for other in scene.resources.of_type(target.type) if other.id != target.id)


def _admit_config(scene: Scene, target: Target) -> None:
    others = list(_others(scene, target))
    if any(other.plain_inputs.get("name") == target.inputs.get("name") for other in others):
        raise Refusal(409, "ALREADY_EXISTS", f"the name {target.inputs.get('name')!r} is taken")
    region = target.inputs["region"]
    if sum(other.plain_inputs["region"] == region for other in others) >= _MOST_CONFIGS:
        raise Refusal(400, "QUOTA_EXCEEDED", f"{region} has {_MOST_CONFIGS} configs already")


def _admit_metastore(scene: Scene, target: Target) -> None:
    region = target.inputs["region"]
    for other in _others(scene, target):
        if other.plain_inputs["region"] == region:
            raise Refusal(400, "METASTORE_LIMIT_EXCEEDED", f"{region} has the metastore {other.id} already")


def _admit_rule(scene: Scene, target: Target) -> None:
    config = str(target.inputs["networkConnectivityConfigId"])
    _config(scene, config)
    others = [one for one in _others(scene, target) if one.id.startswith(f"{config}/")]
    if len(others) >= _MOST_RULES:
        raise Refusal(400, "QUOTA_EXCEEDED", f"the config has {_MOST_RULES} private endpoints already")
    wanted = (target.inputs.get("resourceId"), target.inputs.get("groupId"))
    if any((one.plain_inputs.get("resourceId"), one.plain_inputs.get("groupId")) == wanted for one in others):
        raise Refusal(409, "ALREADY_EXISTS", f"the config has a private endpoint to {wanted[0]} already")


def _config(scene: Scene, config: str) -> Resource | None:
    """Return a config of this cloud; None for one that stands outside of it, which has a mark of its own.

    Raises:
        Refusal: There is no such config.
    """
    found = scene.resources.get(CONFIG, f"{_account(scene)}/{config}")
    if found is None and uuid.UUID(config).version != _FOREIGN_VERSION:
        raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"there is no network connectivity config {config}")
    return found


def _workspace(scene: Scene, target: Target) -> Resource:
    wanted = str(target.inputs["workspaceId"])
    for found in scene.resources.of_type(_WORKSPACE):
        if str(found.plain_outputs.get("workspaceId")) == wanted:
            return found
    raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"there is no workspace {wanted}")


def _admit_assignment(scene: Scene, target: Target) -> None:
    here = _workspace(scene, target)
    metastore = scene.resources.get(METASTORE, str(target.inputs["metastoreId"]))
    _same_region(here, metastore)
    for other in _others(scene, target):
        if other.plain_inputs["workspaceId"] == target.inputs["workspaceId"]:
            raise Refusal(400, "INVALID_STATE", f"the workspace has the metastore of {other.id} already")


def _admit_binding(scene: Scene, target: Target) -> None:
    here = _workspace(scene, target)
    _same_region(here, _config(scene, str(target.inputs["networkConnectivityConfigId"])))
    for other in _others(scene, target):
        if other.plain_inputs["workspaceId"] == target.inputs["workspaceId"]:
            raise Refusal(400, "INVALID_STATE", "a workspace is bound to one network connectivity config")


def _admit_option(scene: Scene, target: Target) -> None:
    _workspace(scene, target)


def _same_region(workspace: Resource, other: Resource | None) -> None:
    here = workspace.plain_inputs.get("location")
    there = other.plain_inputs["region"] if other is not None else here
    if there != here:
        raise Refusal(
            400,
            "INVALID_PARAMETER_VALUE",
            f"the workspace is in {here}, not in {there}",
        )


def _release_config(scene: Scene, resource: Resource) -> None:
    config = resource.id.rpartition("/")[2]
    rules = [one.id for one in scene.resources.of_type(RULE) if one.id.startswith(f"{config}/")]
    rules += [one.id for one in scene.resources.of_type(_BINDING) if one.id.endswith(f"/{config}")]
    if rules:
        raise Refusal(400, "INVALID_STATE", f"the config is in use by {', '.join(rules)}")


def _config_outputs(scene: Scene, target: Target) -> dict[str, Any]:
    return {"networkConnectivityConfigId": _config_guid(scene, target), "accountId": _account(scene)}


def _metastore_outputs(scene: Scene, target: Target) -> dict[str, Any]:
    metastore = _metastore_id(scene, target)
    return {"globalMetastoreId": f"azure:{target.inputs['region']}:{metastore}", "cloud": "azure"}


def _rule_outputs(scene: Scene, target: Target) -> dict[str, Any]:
    rule = _rule_id(scene, target).rpartition("/")[2]
    # It stays so until the resource's owner approves it in Azure, and expires after 14 days.
    return {"ruleId": rule, "endpointName": f"databricks-{rule}-pe", "connectionState": "PENDING"}


_MODELS: Mapping[str, Model] = {
    METASTORE: Model(
        _metastore_id,
        required=("name", "region"),
        check=_check_metastore,
        admit=_admit_metastore,
        outputs=_metastore_outputs,
    ),
    CONFIG: Model(
        _config_id,
        required=("name", "region"),
        check=_check_config,
        admit=_admit_config,
        release=_release_config,
        outputs=_config_outputs,
    ),
    RULE: Model(
        _rule_id,
        parent=lambda scene, target: reference(
            CONFIG, f"{_account(scene)}/{target.inputs['networkConnectivityConfigId']}"
        ),
        check=_check_rule,
        admit=_admit_rule,
        outputs=_rule_outputs,
    ),
    _ASSIGNMENT: Model(
        lambda _, target: f"{target.inputs['workspaceId']}|{target.inputs['metastoreId']}",
        required=("workspaceId", "metastoreId"),
        parent=lambda scene, target: _workspace(scene, target).reference,
        admit=_admit_assignment,
    ),
    _POLICY: Model(
        lambda _, target: str(target.inputs["networkPolicyId"]),
        required=("networkPolicyId",),
        check=_check_policy,
    ),
    _BUDGET: Model(
        lambda scene, target: f"{_account(scene)}|{guid(f'budget {target.urn}')}",
        required=("alertConfigurations",),
        check=_check_budget,
        admit=_admit_budget,
        outputs=lambda scene, target: {
            "accountId": _account(scene),
            "budgetConfigurationId": guid(f"budget {target.urn}"),
        },
    ),
    # Every workspace has one from its beginning, so it is set, and set again.
    _OPTION: Model(
        lambda _, target: str(target.inputs["workspaceId"]),
        required=("workspaceId", "networkPolicyId"),
        parent=lambda scene, target: _workspace(scene, target).reference,
        admit=_admit_option,
    ),
    _BINDING: Model(
        lambda _, target: f"{target.inputs['workspaceId']}/{target.inputs['networkConnectivityConfigId']}",
        required=("workspaceId", "networkConnectivityConfigId"),
        parent=lambda scene, target: _workspace(scene, target).reference,
        admit=_admit_binding,
    ),
}


def _in_account(model: Model) -> Model:
    def admit(scene: Scene, target: Target) -> None:
        _account(scene)
        model.admit(scene, target)

    return replace(model, admit=admit)


MODELS: Mapping[str, Model] = {token: _in_account(model) for token, model in _MODELS.items()}


def invoke(scene: Scene, token: str, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """Answer a function about an account; None for a function that is about something else.

    An account is larger than one environment's cloud: what is looked up and was not made here, such as in the
    hub's, is taken at its word.

    Raises:
        Refusal: The provider is none of an account.
    """
    for ending, kind, name_of_id in (
        (":getMwsNetworkConnectivityConfig", CONFIG, "networkConnectivityConfigId"),
        (":getMetastore", METASTORE, "metastoreId"),
    ):
        if token.endswith(ending):
            account, name = _account(scene), str(arguments.get("name"))
            found = [one for one in scene.resources.of_type(kind) if one.plain_inputs.get("name") == name]
            own = found[0].id.rpartition("/")[2] if found else _foreign(f"{kind} {account} {name}")
            answer = {"id": found[0].id if found else own, "name": name, name_of_id: own}
            return {**answer, "accountId": account} if kind == CONFIG else answer
    return None


def _foreign(text: str) -> str:
    """Make an id that no resource of this cloud has, always the same one."""
    return str(uuid.uuid3(uuid.NAMESPACE_URL, text))
