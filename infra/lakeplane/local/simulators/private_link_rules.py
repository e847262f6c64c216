"""What Azure refuses of private endpoints, their names and customer-managed keys, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lakeplane.local.resources import Resource
from lakeplane.local.simulators.model import Failure, Refusal, Scene, Target, at, known
from lakeplane.naming import PRIVATE_LINK_ZONES

__all__ = ["PRIVATE_LINK_RULES", "refuse_unfit_link"]

_ENDPOINT = "azure-native:network:PrivateEndpoint"
_ZONE_GROUP = "azure-native:network:PrivateDnsZoneGroup"
_WORKSPACE = "azure-native:databricks:Workspace"
_ACCOUNT = "azure-native:storage:StorageAccount"
_REGISTRY = "azure-native:containerregistry:Registry"
_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
# Microsoft Learn, "What is a private endpoint?", private-link resources and their subresources.
_GROUPS = {
    "microsoft.storage/storageaccounts": ("blob", "dfs", "file", "queue", "table", "web"),
    "microsoft.keyvault/vaults": ("vault",),
    "microsoft.containerregistry/registries": ("registry",),
    "microsoft.databricks/workspaces": ("databricks_ui_api", "browser_authentication"),
    "microsoft.machinelearningservices/workspaces": ("amlworkspace",),
}
# Microsoft Learn, "Azure built-in roles for security": those that may wrap and unwrap with a key.
_ZONE_ROLE = "b12aa53e-6015-4669-85d0-8515ebb3ae7f"  # "… for networking": Private DNS Zone Contributor
_KEY_ROLES = (
    "e147488a-f6f5-4113-8e2d-b22465e65bf6",  # Key Vault Crypto Service Encryption User
    "12338af0-0e69-4776-bea7-57ae8d297424",  # Key Vault Crypto User
    "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",  # Key Vault Crypto Officer
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",  # Key Vault Administrator
)


def _endpoint(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    connections = known(inputs, "privateLinkServiceConnections") or ()
    for index, one in enumerate(connections):
        path = f"privateLinkServiceConnections[{index}]"
        target, groups = at(one, "privateLinkServiceId"), at(one, "groupIds")
        if not isinstance(target, str) or not isinstance(groups, list):
            continue
        allowed = _GROUPS.get(_kind(target))
        if allowed is None:
            yield Failure(f"{path}.privateLinkServiceId", f"{_kind(target)} takes no private endpoint")
        elif len(groups) != 1 or groups[0] not in allowed:
            yield Failure(f"{path}.groupIds", f"found {groups}; allowed: one of {', '.join(allowed)}")


def _registry(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # Microsoft Learn, "Disable export of artifacts": only with public network access disabled.
    exports = known(inputs, "policies.exportPolicy.status")
    if exports == "disabled" and known(inputs, "publicNetworkAccess") != "Disabled":
        yield Failure("policies.exportPolicy", "exports are off only while publicNetworkAccess is Disabled")


def _lifecycle(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # Azure REST API, "Management Policies": the one policy of an account is called default.
    if known(inputs, "managementPolicyName") not in (None, "default"):
        yield Failure("managementPolicyName", "must be default")
    for index, rule in enumerate(known(inputs, "policy.rules") or ()):
        for prefix in at(rule, "definition.filters.prefixMatch") or ():
            if str(prefix).startswith("/") or not str(prefix).partition("/")[0]:
                yield Failure(f"policy.rules[{index}]", "a prefix starts with a container's name")


def _budget(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # Azure REST API, "Budgets": the start is the first of a month; five notifications at most.
    start = known(inputs, "timePeriod.startDate")
    if isinstance(start, str) and start[8:10] != "01":
        yield Failure("timePeriod.startDate", f"{start} is not the first day of a month")
    if len(known(inputs, "notifications") or ()) > 5:
        yield Failure("notifications", "at most five")


PRIVATE_LINK_RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Failure]]] = {
    _ENDPOINT: _endpoint,
    _REGISTRY: _registry,
    "azure-native:storage:ManagementPolicy": _lifecycle,
    "azure-native:consumption:Budget": _budget,
}


def refuse_unfit_link(scene: Scene, target: Target) -> None:
    """Refuse what doesn't fit the resources that are there already.

    Raises:
        Refusal: As Azure would say it.
    """
    check = _ADMISSIONS.get(target.type)
    if check is not None:
        check(scene, target)


def _admit_endpoint(scene: Scene, target: Target) -> None:
    subnet = scene.resources.by_id(str(at(target.inputs, "subnet.id")))
    if subnet is not None and at(subnet.plain_inputs, "delegations"):
        raise Refusal(
            400,
            "PrivateEndpointCannotBeCreatedInSubnetThatHasDelegation",
            f"{subnet.id} is delegated to a service; a private endpoint needs another subnet.",
        )


def _admit_zone_group(scene: Scene, target: Target) -> None:
    endpoint = scene.resources.by_id(target.id.rpartition("/privateDnsZoneGroups/")[0])
    if endpoint is None:
        return
    connections = endpoint.plain_inputs.get("privateLinkServiceConnections") or [{}]
    groups = at(connections[0], "groupIds") or [""]
    wanted = PRIVATE_LINK_ZONES.get(str(groups[0]), ())
    for config in target.inputs.get("privateDnsZoneConfigs") or ():
        zone = str(at(config, "privateDnsZoneId")).rpartition("/")[2]
        if wanted and zone not in wanted:
            raise Refusal(
                400,
                "InvalidPrivateDnsZone",
                f"{zone} holds no names of {groups[0]}; allowed: {', '.join(wanted)}.",
            )


def _admit_account(scene: Scene, target: Target) -> None:
    inputs = target.inputs
    if known(inputs, "encryption.keySource") != "Microsoft.Keyvault":
        return
    identity = str(at(inputs, "encryption.encryptionIdentity.encryptionUserAssignedIdentity"))
    if identity not in (known(inputs, "identity.userAssignedIdentities") or ()):
        raise Refusal(400, "InvalidUserAssignedIdentity", f"{identity} is not assigned to the account.")
    vault = _vault(scene, str(at(inputs, "encryption.keyVaultProperties.keyVaultUri")))
    _need_right(
        scene, vault, at(inputs, "encryption.keyVaultProperties.keyName"), _principal(scene, identity)
    )


def _admit_registry(scene: Scene, target: Target) -> None:
    inputs = target.inputs
    uri = at(inputs, "encryption.keyVaultProperties.keyIdentifier")
    if uri is None:
        return
    vault = _vault(scene, str(uri))
    if vault is not None and at(vault.plain_inputs, "properties.networkAcls.defaultAction") == "Deny":
        # MicrosoftDocs/azure-docs issue 61064.
        raise Refusal(
            403, "CmkForbidden", f"The registry cannot read a key behind the firewall of {vault.id}."
        )
    for identity in known(inputs, "identity.userAssignedIdentities") or ():
        _need_right(scene, vault, str(uri).split("/keys/")[1].split("/")[0], _principal(scene, identity))


def _admit_workspace(scene: Scene, target: Target) -> None:
    inputs = target.inputs
    root = at(inputs, "parameters.encryption.value.keySource")
    if root == "Microsoft.Keyvault" and scene.resources.by_id(target.id) is None:
        # "Configure customer-managed keys for DBFS": prepare, give the right, then encrypt.
        raise Refusal(400, "InvalidEncryption", "Root storage takes a key once the workspace exists.")
    services = at(inputs, "encryption.entities.managedServices.keyVaultProperties")
    if services is not None:
        vault = _vault(scene, str(at(services, "keyVaultUri")))
        _need_right(scene, vault, at(services, "keyName"), None)


def _admit_cluster(scene: Scene, target: Target) -> None:
    zone = str(at(target.inputs, "apiServerAccessProfile.privateDNSZone"))
    if not zone.startswith("/subscriptions/"):
        return
    principals = {_principal(scene, one) for one in known(target.inputs, "identity.userAssignedIdentities")}
    for found in scene.resources.of_type(_ASSIGNMENT):
        given = found.plain_inputs
        may = (
            str(given.get("roleDefinitionId")).endswith(_ZONE_ROLE) and given.get("principalId") in principals
        )
        if may and zone.lower().startswith(str(given.get("scope")).lower()):
            return
    raise Refusal(
        400, "CustomPrivateDNSZoneMissingPermissionError", f"The cluster's identity may not write to {zone}."
    )


def _vault(scene: Scene, uri: str) -> Resource | None:
    name = uri.removeprefix("https://").partition(".")[0].lower()
    for vault in scene.resources.of_type("azure-native:keyvault:Vault"):
        if str(vault.plain_inputs.get("vaultName")).lower() == name:
            if not at(vault.plain_inputs, "properties.enablePurgeProtection"):
                raise Refusal(400, "KeyVaultPurgeProtectionRequired", f"{vault.id} lets keys be purged.")
            return vault
    return None


def _need_right(scene: Scene, vault: Resource | None, key: Any, principal: str | None) -> None:
    """Refuse a key that nobody, or not this principal, may wrap and unwrap with."""
    if vault is None or key is None:
        return
    scopes = {f"{vault.id}/keys/{key}".lower(), vault.id.lower()}
    for found in scene.resources.of_type(_ASSIGNMENT):
        given = found.plain_inputs
        here = str(given.get("scope")).lower() in scopes
        may = str(given.get("roleDefinitionId")).endswith(_KEY_ROLES)
        if here and may and principal in (None, given.get("principalId")):
            return
    raise Refusal(403, "KeyVaultAccessForbidden", f"No right to wrap and unwrap with the key {key!r}.")


def _principal(scene: Scene, identity: str) -> str | None:
    found = scene.resources.by_id(identity)
    return None if found is None else str(found.plain_outputs.get("principalId"))


def _kind(arm_id: str) -> str:
    namespace, *pairs = arm_id.rsplit("/providers/", 1)[-1].split("/")
    return "/".join([namespace, *pairs[::2]]).lower()


_ADMISSIONS: Mapping[str, Callable[[Scene, Target], None]] = {
    _ENDPOINT: _admit_endpoint,
    _ZONE_GROUP: _admit_zone_group,
    _ACCOUNT: _admit_account,
    _REGISTRY: _admit_registry,
    "azure-native:containerservice:ManagedCluster": _admit_cluster,
    _WORKSPACE: _admit_workspace,
}
