"""Azure Resource Manager: how its resources behave, as far as an environment needs it."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lakeplane.local.resources import Resource
from lakeplane.local.simulators.arm import ARM_TYPES, ArmType
from lakeplane.local.simulators.model import Failure, Model, Refusal, Scene, Target, at, guid, known, number

__all__ = ["MODELS", "invoke"]

_VAULT = "azure-native:keyvault:Vault"
_ML_WORKSPACE = "azure-native:machinelearningservices:Workspace"
_CLUSTER = "azure-native:containerservice:ManagedCluster"
_ACCOUNT = "azure-native:storage:StorageAccount"
_CONTAINER = "azure-native:storage:BlobContainer"
_NO_TENANT = "00000000-0000-0000-0000-000000000000"
# Microsoft Learn, "Recover deleted workspaces": 14 days. Key Vault's own default is 90.
_ML_RETENTION_DAYS = 14
_VAULT_RETENTION_DAYS = 90
_ARM_ID = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/.+", re.IGNORECASE)
# Ids that may name what does not exist yet, or what the service makes by itself.
_LOOSE = frozenset({"resourceAccessRules", "managedResourceGroupId", "nodeResourceGroup", "roleDefinitionId"})


def _subscription(scene: Scene, inputs: Mapping[str, Any]) -> str:
    return str(inputs.get("subscriptionId") or scene.config.get("subscriptionId") or _NO_TENANT)


def _identify(arm: ArmType) -> Callable[[Scene, Target], str]:
    def identify(scene: Scene, target: Target) -> str:
        return arm.resource_id(_subscription(scene, target.inputs), target.inputs)

    return identify


def _parent(arm: ArmType) -> Callable[[Scene, Target], str]:
    def parent(scene: Scene, target: Target) -> str:
        inputs = target.inputs
        if arm.scope:
            return str(inputs[arm.scope])
        if arm.path.startswith("resourceGroups/"):
            return ""
        group = f"/subscriptions/{_subscription(scene, inputs)}/resourceGroups/{inputs['resourceGroupName']}"
        outer = arm.path[: arm.path.rindex("{")]
        if "}" not in outer:
            return group
        return f"{group}/providers/{outer[: outer.rindex('}') + 1].format_map(inputs)}"

    return parent


def _check(arm: ArmType) -> Callable[[Scene, Target], Iterator[Failure]]:
    def check(_scene: Scene, target: Target) -> Iterator[Failure]:
        for name_input in arm.name_inputs:
            if at(target.inputs, name_input) is None:
                yield Failure(name_input, "is missing; lakeplane names every resource itself")
        own = known(target.inputs, arm.name_inputs[-1])
        if isinstance(own, str) and not arm.naming.pattern.fullmatch(own):
            yield Failure(arm.name_inputs[-1], f"{own!r} is no name that Azure allows: {arm.naming.rule}")
        yield from _RULES.get(target.type, _no_rules)(target.inputs)

    return check


def _no_rules(_inputs: Mapping[str, Any]) -> Iterator[Failure]:
    yield from ()


def _workspace_rules(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    if known(inputs, "sku.name") not in (None, "premium", "standard", "trial"):
        yield Failure("sku.name", "allowed: premium, standard, trial")
    custom = at(inputs, "parameters.customVirtualNetworkId.value")
    for name in ("customPublicSubnetName", "customPrivateSubnetName"):
        if custom is not None and at(inputs, f"parameters.{name}.value") is None:
            yield Failure(f"parameters.{name}", "is missing: VNet injection takes both subnets")


def _ml_rules(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    for name in ("storageAccount", "keyVault", "applicationInsights"):
        if at(inputs, name) is None:
            yield Failure(name, "is missing: a workspace needs it")


def _cluster_rules(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    pools = known(inputs, "agentPoolProfiles")
    if isinstance(pools, list) and not any(pool.get("mode") == "System" for pool in pools):
        yield Failure("agentPoolProfiles", "a cluster needs a pool of mode System")


def _account_rules(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    if known(inputs, "isHnsEnabled") and known(inputs, "kind") not in (None, "StorageV2", "BlockBlobStorage"):
        yield Failure("kind", "a hierarchical namespace takes StorageV2 or BlockBlobStorage")


_RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Failure]]] = {
    "azure-native:databricks:Workspace": _workspace_rules,
    _ML_WORKSPACE: _ml_rules,
    _CLUSTER: _cluster_rules,
    _ACCOUNT: _account_rules,
}


def _admit(arm: ArmType) -> Callable[[Scene, Target], None]:
    parent_of = _parent(arm)

    def admit(scene: Scene, target: Target) -> None:
        parent = parent_of(scene, target)
        if parent and scene.resources.by_id(parent) is None and not _is_subscription(parent):
            kind = "ResourceGroupNotFound" if parent.count("/") == 4 else "ParentResourceNotFound"
            raise Refusal(404, kind, f"{parent} could not be found.")
        if arm.is_global:
            _refuse_taken_name(scene, target, arm)
        for path, reference in _references(target.inputs):
            if _is_simulated(reference) and scene.resources.by_id(reference) is None:
                raise Refusal(
                    400, "LinkedInvalidPropertyId", f"{path} names {reference}, which does not exist."
                )
        if target.type == _ML_WORKSPACE:
            account = scene.resources.by_id(str(target.inputs["storageAccount"]))
            if account is not None and account.plain_inputs.get("isHnsEnabled"):
                raise Refusal(
                    400, "ValidationError", "The default storage account can't have a hierarchical namespace."
                )

    return admit


def _refuse_taken_name(scene: Scene, target: Target, arm: ArmType) -> None:
    name = str(target.inputs[arm.name_inputs[-1]]).lower()
    for other in scene.resources.of_type(target.type):
        taken = str(other.plain_inputs.get(arm.name_inputs[-1])).lower() == name
        if taken and other.id.lower() != target.id.lower():
            raise Refusal(409, "NameNotAvailable", f"The name {name!r} is taken by {other.id}.")
    for held in scene.resources.soft_deleted(target.type):
        if held.name.lower() == name and held.id.lower() != target.id.lower():
            raise Refusal(409, "NameSoftDeleted", f"The name {name!r} is held by a soft-deleted {held.id}.")


def _is_subscription(scope: str) -> bool:
    return scope.strip("/").count("/") == 1


def _is_simulated(arm_id: str) -> bool:
    kind = arm_id.rsplit("/providers/", 1)[-1].split("/")
    spoken = "/".join([kind[0], *kind[1::2]]).lower()
    return spoken in _SIMULATED


_SIMULATED = {arm.resource_type.lower() for arm in ARM_TYPES.values() if not arm.scope}


def _references(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _LOOSE:
                yield from _references(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, f"{path}[{index}]")
    elif isinstance(value, str) and _ARM_ID.fullmatch(value):
        yield path, value


def _tenant(scene: Scene) -> str:
    return str(scene.config.get("tenantId") or _NO_TENANT)


def _identity_outputs(scene: Scene, target: Target) -> dict[str, Any]:
    return {
        "principalId": guid(f"principal {target.id}"),
        "clientId": guid(f"client {target.id}"),
        "tenantId": _tenant(scene),
    }


def _workspace_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    workspace = number(f"workspace {target.id}", 16)
    return {
        "workspaceId": str(workspace),
        "workspaceUrl": f"adb-{workspace}.{workspace % 20}.azuredatabricks.net",
        "provisioningState": "Succeeded",
    }


def _cluster_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    location = str(target.inputs.get("location", ""))
    prefix = target.inputs.get("dnsPrefix") or target.inputs.get("fqdnSubdomain") or "aks"
    issuer = f"https://{location}.oic.prod-aks.azure.com/{guid('tenant')}/{guid(target.id)}/"
    fqdn = f"{prefix}-{number(target.id, 8)}.hcp.{location}.azmk8s.io"
    return {
        "fqdn": fqdn,
        "azurePortalFQDN": fqdn,
        "oidcIssuerProfile": {"enabled": True, "issuerURL": issuer},
        "provisioningState": "Succeeded",
    }


def _account_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    name = target.inputs["accountName"]
    points = {kind: f"https://{name}.{kind}.core.windows.net/" for kind in ("blob", "dfs", "file", "queue")}
    return {"primaryEndpoints": points, "provisioningState": "Succeeded", "statusOfPrimary": "available"}


def _address_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    # A documentation range (RFC 5737): no simulated address is anybody's.
    return {"ipAddress": f"198.51.100.{1 + number(target.id, 9) % 254}", "provisioningState": "Succeeded"}


def _vault_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    properties = dict(target.inputs.get("properties") or {})
    properties["vaultUri"] = f"https://{target.inputs['vaultName']}.vault.azure.net/"
    return {"properties": properties}


_OUTPUTS: Mapping[str, Callable[[Scene, Target], dict[str, Any]]] = {
    "azure-native:managedidentity:UserAssignedIdentity": _identity_outputs,
    "azure-native:databricks:Workspace": _workspace_outputs,
    "azure-native:network:PublicIPAddress": _address_outputs,
    "azure-native:operationalinsights:Workspace": lambda _, target: {"customerId": guid(f"logs {target.id}")},
    _CLUSTER: _cluster_outputs,
    _ACCOUNT: _account_outputs,
    _VAULT: _vault_outputs,
}


def _make_account(scene: Scene, target: Target) -> None:
    scene.places.account(target.inputs["accountName"]).mkdir(parents=True, exist_ok=True)


def _drop_account(scene: Scene, resource: Resource) -> None:
    shutil.rmtree(scene.places.account(resource.plain_inputs["accountName"]), ignore_errors=True)


def _make_container(scene: Scene, target: Target) -> None:
    inputs = target.inputs
    (scene.places.account(inputs["accountName"]) / inputs["containerName"]).mkdir(parents=True, exist_ok=True)


def _drop_container(scene: Scene, resource: Resource) -> None:
    inputs = resource.plain_inputs
    container = scene.places.account(inputs["accountName"]) / inputs["containerName"]
    shutil.rmtree(container, ignore_errors=True)


def _vault_retention(resource: Resource) -> int:
    days = at(resource.plain_inputs, "properties.softDeleteRetentionInDays")
    return int(days) if days else _VAULT_RETENTION_DAYS


def _answer(token: str) -> Callable[[Scene, Target], dict[str, Any]]:
    own = _OUTPUTS.get(token)

    def outputs(scene: Scene, target: Target) -> dict[str, Any]:
        shaped = _identity_shape(target.inputs.get("identity"), scene, target)
        return {**shaped, **own(scene, target)} if own else shaped

    return outputs


def _identity_shape(identity: Any, scene: Scene, target: Target) -> dict[str, Any]:
    """ARM takes user-assigned identities as a list here, and answers them as a map by their ids."""
    if not isinstance(identity, Mapping):
        return {}
    answer: dict[str, Any] = {
        key: value for key, value in identity.items() if key != "userAssignedIdentities"
    }
    if "SystemAssigned" in str(identity.get("type")):
        answer |= {"principalId": guid(f"principal {target.id}"), "tenantId": _tenant(scene)}
    if assigned := identity.get("userAssignedIdentities"):
        answer["userAssignedIdentities"] = {
            arm_id: {"principalId": guid(f"principal {arm_id}"), "clientId": guid(f"client {arm_id}")}
            for arm_id in assigned
        }
    return {"identity": answer}


def _model(token: str, arm: ArmType) -> Model:
    retention: Callable[[Resource], int | None] = lambda _: None  # noqa: E731 - most types keep nothing
    if token == _VAULT:
        retention = _vault_retention
    elif token == _ML_WORKSPACE:
        retention = lambda _: _ML_RETENTION_DAYS  # noqa: E731 - as above
    effects: dict[str, Any] = {}
    if token == _ACCOUNT:
        effects = {"apply": _make_account, "undo": _drop_account}
    elif token == _CONTAINER:
        effects = {"apply": _make_container, "undo": _drop_container}
    return Model(
        identify=_identify(arm),
        parent=_parent(arm),
        check=_check(arm),
        admit=_admit(arm),
        outputs=_answer(token),
        retention_days=retention,
        **effects,
    )


MODELS: Mapping[str, Model] = {token: _model(token, arm) for token, arm in ARM_TYPES.items()}


def invoke(scene: Scene, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a function of the provider.

    Raises:
        Refusal: The function is not simulated, or what it asks about does not exist.
    """
    if token == "azure-native:authorization:getClientConfig":  # noqa: S105 - a function's name
        return {
            "clientId": guid("deployer client"),
            "objectId": guid("deployer"),
            "subscriptionId": str(scene.config.get("subscriptionId", "")),
            "tenantId": _tenant(scene),
        }
    if token == "azure-native:containerservice:listManagedClusterUserCredentials":  # noqa: S105 - as above
        return _kubeconfig(scene, arguments)
    raise Refusal(501, "NotSimulated", f"the simulated cloud does not answer {token}")


def _kubeconfig(scene: Scene, arguments: Mapping[str, Any]) -> dict[str, Any]:
    name = arguments["resourceName"]
    for cluster in scene.resources.of_type(_CLUSTER):
        if cluster.plain_inputs["resourceName"] == name:
            authority = base64.b64encode(f"simulated certificate authority of {cluster.id}".encode()).decode()
            server = {
                "server": f"https://{cluster.plain_outputs['fqdn']}:443",
                "certificate-authority-data": authority,
            }
            config = {"apiVersion": "v1", "kind": "Config", "clusters": [{"name": name, "cluster": server}]}
            text = base64.b64encode(json.dumps(config, sort_keys=True).encode()).decode()
            return {"kubeconfigs": [{"name": "clusterUser", "value": text}]}
    raise Refusal(404, "ResourceNotFound", f"there is no managed cluster {name!r}")
