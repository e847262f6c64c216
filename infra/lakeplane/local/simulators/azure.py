"""Azure Resource Manager: how its resources behave, as far as an environment needs it."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from lakeplane.local.resources import Resource
from lakeplane.local.simulators.aks_rules import AKS_RULES
from lakeplane.local.simulators.diagnostic_rules import refuse_unfit_setting
from lakeplane.local.simulators.locks import refuse_locked_delete, refuse_locked_write
from lakeplane.local.simulators.managed_groups import make_managed_group
from lakeplane.local.simulators.ml_rules import ML_RULES
from lakeplane.local.simulators.model import Failure, Model, Refusal, Scene, Target, at, guid, known, number
from lakeplane.local.simulators.private_link_rules import PRIVATE_LINK_RULES, refuse_unfit_link
from lakeplane.provider_models.arm import ARM_TYPES, ArmType

__all__ = ["MODELS", "invoke"]

_VAULT = "azure-native:keyvault:Vault"
_ML_WORKSPACE = "azure-native:machinelearningservices:Workspace"
_CLUSTER = "azure-native:containerservice:ManagedCluster"
_ACCOUNT = "azure-native:storage:StorageAccount"
_CONTAINER = "azure-native:storage:BlobContainer"
_NO_TENANT = "00000000-0000-0000-0000-000000000000"
_LOGS = "azure-native:operationalinsights:Workspace"
# Microsoft Learn, "Recover deleted workspaces" (Azure Machine Learning) and "Delete and recover an Azure Log
# Analytics workspace": 14 days each. Key Vault's own default is 90.
_RETENTION_DAYS = {_ML_WORKSPACE: 14, _LOGS: 14}
_VAULT_RETENTION_DAYS = 90
# The services of a storage account come with it.
_STORAGE_SERVICE = re.compile(
    r"(?<=/)(?P<account>Microsoft\.Storage/storageAccounts/[^/]+)/(blob|file|queue|table)Services/default$",
    re.IGNORECASE,
)
_GROUP_PARTS = 4  # slashes in the id of a resource group
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


def _account_rules(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    if known(inputs, "isHnsEnabled") and known(inputs, "kind") not in (None, "StorageV2", "BlockBlobStorage"):
        yield Failure("kind", "a hierarchical namespace takes StorageV2 or BlockBlobStorage")


def _subnet_rules(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    if known(inputs, "subnetName") != "AzureFirewallSubnet":
        return
    prefix = known(inputs, "addressPrefix")
    if isinstance(prefix, str) and IPv4Network(prefix).prefixlen > 26:
        yield Failure("addressPrefix", "Azure Firewall's subnet is a /26 or larger")
    for refused in ("networkSecurityGroup", "delegations"):
        if at(inputs, refused):
            yield Failure(refused, "Azure Firewall's subnet takes none")


def _firewall_rules(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    for index, one in enumerate(known(inputs, "ipConfigurations") or ()):
        if not str(at(one, "subnet.id")).endswith("/subnets/AzureFirewallSubnet"):
            yield Failure(f"ipConfigurations[{index}].subnet", "is none of the name AzureFirewallSubnet")


def _job_rules(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    for container in known(inputs, "template.containers") or ():
        cpu, memory = at(container, "resources.cpu"), str(at(container, "resources.memory"))
        if cpu is not None and memory != f"{2 * cpu:g}Gi":
            yield Failure("template.containers", f"{cpu} cores take {2 * cpu:g}Gi, not {memory}")


_RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Failure]]] = {
    **AKS_RULES,
    **ML_RULES,
    **PRIVATE_LINK_RULES,
    "azure-native:databricks:Workspace": _workspace_rules,
    _ACCOUNT: _account_rules,
    "azure-native:app:Job": _job_rules,
    "azure-native:network:AzureFirewall": _firewall_rules,
    "azure-native:network:Subnet": _subnet_rules,
}


def _admit(arm: ArmType) -> Callable[[Scene, Target], None]:
    parent_of = _parent(arm)

    def admit(scene: Scene, target: Target) -> None:
        parent = parent_of(scene, target)
        is_group = parent.count("/") == _GROUP_PARTS
        found = scene.resources.by_id(parent) is not None if is_group else _exists(scene, parent)
        if parent and not found and not _is_subscription(parent):
            kind = "ResourceGroupNotFound" if is_group else "ParentResourceNotFound"
            raise Refusal(404, kind, f"{parent} could not be found.")
        if arm.is_global:
            _refuse_taken_name(scene, target, arm)
        refuse_locked_write(scene, target)
        for path, reference in _references(target.inputs):
            if _is_simulated(reference) and not _exists(scene, reference):
                raise Refusal(
                    400, "LinkedInvalidPropertyId", f"{path} names {reference}, which does not exist."
                )
        refuse_unfit_link(scene, target)
        refuse_unfit_setting(scene, target)
        if target.type == _CLUSTER:
            _refuse_open_vault(scene, target)
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


def _refuse_open_vault(scene: Scene, target: Target) -> None:
    """Refuse a key that is to be read by private link from a vault that has a public door.

    AKS documentation, "Add KMS etcd encryption", limitations: no vault that some public ranges may reach.
    """
    kms = at(target.inputs, "securityProfile.azureKeyVaultKms") or {}
    if kms.get("keyVaultNetworkAccess") != "Private":
        return
    vault = scene.resources.by_id(str(kms.get("keyVaultResourceId")))
    if vault is not None and at(vault.plain_inputs, "properties.publicNetworkAccess") != "Disabled":
        raise Refusal(400, "BadRequest", f"{vault.id} must have its public network access disabled.")


def _exists(scene: Scene, reference: str) -> bool:
    """Tell whether a resource is there, or stands where this cloud cannot look.

    What lies in a resource group that nobody made here, such as a network that was brought along, and what a
    service makes for itself in its own group are taken at their word.
    """
    if scene.resources.by_id(_STORAGE_SERVICE.sub(r"\g<account>", reference)) is not None:
        return True
    group = scene.resources.by_id("/".join(reference.split("/")[:5]))
    return group is None or "managedBy" in group.plain_outputs


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


def _workspace_outputs(scene: Scene, target: Target) -> dict[str, Any]:
    # Another number for one that was made anew: its managed resource group and location never change.
    lasting = [str(target.inputs.get(name, "")) for name in ("managedResourceGroupId", "location")]
    workspace = number(" ".join(("workspace", target.id, *lasting)), 16)
    # What needs a key gets an identity that may be let read it: the root account, and the disks' encryption
    # set ("Configure customer-managed keys for DBFS" and "… for Azure managed disks", Microsoft Learn).
    needs = {
        "storageAccountIdentity": at(target.inputs, "parameters.prepareEncryption.value"),
        "managedDiskIdentity": at(target.inputs, "encryption.entities.managedDisk"),
    }
    return {
        **{
            name: {
                "principalId": guid(f"{name} {target.id}"),
                "tenantId": _tenant(scene),
                "type": "SystemAssigned",
            }
            for name, needed in needs.items()
            if needed
        },
        "workspaceId": str(workspace),
        "workspaceUrl": f"adb-{workspace}.{workspace % 20}.azuredatabricks.net",
        "provisioningState": "Succeeded",
    }


def _cluster_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    location = str(target.inputs.get("location", ""))
    prefix = target.inputs.get("dnsPrefix") or target.inputs.get("fqdnSubdomain") or "aks"
    issuer = f"https://{location}.oic.prod-aks.azure.com/{guid('tenant')}/{guid(target.id)}/"
    name = f"{prefix}-{number(target.id, 8)}"
    access = target.inputs.get("apiServerAccessProfile") or {}
    fqdn = f"{name}.hcp.{location}.azmk8s.io"
    names = {"fqdn": fqdn, "azurePortalFQDN": fqdn}
    if access.get("enablePrivateCluster"):
        zone = str(access.get("privateDNSZone", "system")).rpartition("/")[2]
        own = zone if zone not in ("system", "none") else f"{guid(target.id)}.private.{location}.azmk8s.io"
        names["privateFQDN"] = f"{name}.{own}"
        if access.get("enablePrivateClusterPublicFQDN") is False:
            del names["fqdn"]
    return {
        **names,
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


def _firewall_outputs(scene: Scene, target: Target) -> dict[str, Any]:
    """Azure keeps four addresses of a subnet; a firewall alone in its own gets the next."""
    answered = []
    for one in target.inputs.get("ipConfigurations") or ():
        subnet = scene.resources.by_id(str(at(one, "subnet.id")))
        space = IPv4Network(str(subnet.plain_inputs["addressPrefix"])) if subnet else None
        answered.append({**one, "privateIPAddress": str(space[4]) if space else ""})
    return {"ipConfigurations": answered, "provisioningState": "Succeeded"}


def _vault_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    properties = dict(target.inputs.get("properties") or {})
    properties["vaultUri"] = f"https://{target.inputs['vaultName']}.vault.azure.net/"
    return {"properties": properties}


def _key_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    uri = f"https://{target.inputs['vaultName']}.vault.azure.net/keys/{target.inputs['keyName']}"
    return {"keyUri": uri, "keyUriWithVersion": f"{uri}/{guid(target.id).replace('-', '')}"}


def _endpoint_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    properties = dict(target.inputs.get("properties") or {})
    host = f"{target.inputs['endpointName']}.{target.inputs.get('location', '')}.inference.ml.azure.com"
    addresses = {"scoringUri": f"https://{host}/score", "swaggerUri": f"https://{host}/swagger.json"}
    return {"properties": {**properties, **addresses, "provisioningState": "Succeeded"}}


_OUTPUTS: Mapping[str, Callable[[Scene, Target], dict[str, Any]]] = {
    "azure-native:managedidentity:UserAssignedIdentity": _identity_outputs,
    "azure-native:databricks:Workspace": _workspace_outputs,
    "azure-native:network:AzureFirewall": _firewall_outputs,
    "azure-native:network:PublicIPAddress": _address_outputs,
    _LOGS: lambda _, target: {"customerId": guid(f"logs {target.id}")},
    "azure-native:keyvault:Key": _key_outputs,
    "azure-native:machinelearningservices:OnlineEndpoint": _endpoint_outputs,
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
    elif token in _RETENTION_DAYS:
        retention = lambda _: _RETENTION_DAYS[token]  # noqa: E731 - as above
    effects: dict[str, Any] = {"apply": make_managed_group}
    if token == _ACCOUNT:
        effects = {"apply": _make_account, "undo": _drop_account}
    elif token == _CONTAINER:
        effects = {"apply": _make_container, "undo": _drop_container}
    return Model(
        identify=_identify(arm),
        parent=_parent(arm),
        check=_check(arm),
        admit=_admit(arm),
        release=refuse_locked_delete,
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
                "server": f"https://{_api_server(cluster)}:443",
                "certificate-authority-data": authority,
            }
            config = {"apiVersion": "v1", "kind": "Config", "clusters": [{"name": name, "cluster": server}]}
            text = base64.b64encode(json.dumps(config, sort_keys=True).encode()).decode()
            return {"kubeconfigs": [{"name": "clusterUser", "value": text}]}
    raise Refusal(404, "ResourceNotFound", f"there is no managed cluster {name!r}")


def _api_server(cluster: Resource) -> str:
    outputs = cluster.plain_outputs
    return str(outputs.get("privateFQDN") or outputs["fqdn"])
