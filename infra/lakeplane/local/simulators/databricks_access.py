"""Who takes part in a workspace, from where, and what it lets them do: types of the databricks provider."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Any

from lakeplane.local.resources import reference
from lakeplane.local.simulators.model import Failure, Model, Refusal, Scene, Target, at, guid, known, number

__all__ = [
    "DEPLOYER",
    "GROUP",
    "MODELS",
    "PRINCIPAL",
    "WAREHOUSE",
    "invoke",
    "may_run_as",
    "refuse_same_name",
    "require",
    "workspace",
]

_D = "databricks:index/"
PRINCIPAL = f"{_D}servicePrincipal:ServicePrincipal"
GROUP = f"{_D}permissionAssignment:PermissionAssignment"
WAREHOUSE = f"{_D}sqlEndpoint:SqlEndpoint"
_RULES = f"{_D}accessControlRuleSet:AccessControlRuleSet"
_BINDING = f"{_D}workspaceBinding:WorkspaceBinding"
_CONF, _ADDRESSES = f"{_D}workspaceConf:WorkspaceConf", f"{_D}ipAccessList:IpAccessList"

DEPLOYER = "deployer@lakeplane.local"
"""Whom every call comes from: the one administrator of the workspace."""

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RULE_SET = re.compile(
    r"accounts/(?P<account>[^/]+)/servicePrincipals/(?P<application>[^/]+)/ruleSets/default"
)
_ROLES = frozenset({"roles/servicePrincipal.user", "roles/servicePrincipal.manager"})
_PRINCIPAL_KINDS = ("users/", "groups/", "servicePrincipals/")
_MOST_ADDRESSES = 1000  # Microsoft Learn, "Configure IP access lists for workspaces"
_SIZES = frozenset(
    {"2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large"}
)
_SECURABLES: Mapping[str, str] = {
    "catalog": f"{_D}catalog:Catalog",
    "external_location": f"{_D}externalLocation:ExternalLocation",
    "storage_credential": f"{_D}storageCredential:StorageCredential",
}
# Keys that Databricks' workspace configuration API documents.
_CONF_KEYS = frozenset(
    {
        *("enableClusterAclsConfig", "enableDatabricksAutologgingAdminConf", "enableDbfsFileBrowser"),
        *("enableDeprecatedGlobalInitScripts", "enableExportNotebook", "enableFileStoreEndpoint"),
        *("enableIpAccessLists", "enableJobAclsConfig", "enableJobViewAcls", "enableJobsEmailsV2"),
        *("enableNotebookTableClipboard", "enableProjectTypeInWorkspace", "enableProjectsAllowList"),
        *("enableResultsDownloading", "enableTokensConfig", "enableUploadDataUis", "enableVerboseAuditLogs"),
        *("enableWebTerminal", "enableWorkspaceAclsConfig", "enforceClusterViewAcls", "enforceUserIsolation"),
        *("enforceWorkspaceViewAcls", "maxTokenLifetimeDays", "mlflowModelServingEndpointCreationEnabled"),
        *("mlflowRunArtifactDownloadEnabled", "projectsAllowList", "projectsAllowListPermissions"),
        *("reposIpynbResultsExportPermissions", "storeInteractiveNotebookResultsInCustomerAccount"),
    }
)


def workspace(scene: Scene, _target: Target) -> str:
    """Workspace objects go when their workspace goes; the provider's configuration names it."""
    return str(scene.config.get("azureWorkspaceResourceId") or "")


def require(scene: Scene, token: str, resource_id: Any, what: str) -> Any:
    """Return a resource that another one refers to.

    Raises:
        Refusal: It does not exist.
    """
    found = scene.resources.get(token, str(resource_id))
    if found is None:
        raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"{what} {resource_id!r} does not exist.")
    return found


def refuse_same_name(scene: Scene, target: Target, key: str) -> None:
    """Let a name be taken once among resources of one type.

    Raises:
        Refusal: Another one has the name.
    """
    name = target.inputs.get(key)
    for other in scene.resources.of_type(target.type):
        if other.id != target.id and name is not None and other.plain_inputs.get(key) == name:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", f"{name!r} is the name of {other.id} already")


def may_run_as(scene: Scene, application_id: str) -> bool:
    """Tell whether the deployer has the role that jobs of a service principal need."""
    for rules in scene.resources.of_type(_RULES):
        named = _RULE_SET.fullmatch(rules.id)
        if named is None or named["application"] != application_id:
            continue
        for rule in rules.plain_inputs.get("grantRules") or ():
            if rule["role"] == "roles/servicePrincipal.user" and f"users/{DEPLOYER}" in rule["principals"]:
                return True
    return False


def invoke(scene: Scene, token: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a function of the provider.

    Raises:
        Refusal: The function is not simulated.
    """
    if token == "databricks:index/getCurrentUser:getCurrentUser":  # noqa: S105 - a function's name
        return {
            "aclPrincipalId": f"users/{DEPLOYER}",
            "alphanumeric": re.sub(r"\W", "_", DEPLOYER.partition("@")[0]),
            "externalId": "",
            "home": f"/Users/{DEPLOYER}",
            "id": "1",
            "repos": f"/Repos/{DEPLOYER}",
            "userName": DEPLOYER,
            "workspaceUrl": _host(scene),
        }
    raise Refusal(501, "NotSimulated", f"the simulated workspace does not answer {token}")


def _host(scene: Scene) -> str:
    """Return the workspace's address, as the provider's configuration has it."""
    return str(scene.config.get("host", ""))


def _number(_scene: Scene, target: Target) -> str:
    return str(number(target.urn))


def _check_principal(_scene: Scene, target: Target) -> Iterator[Failure]:
    application = known(target.inputs, "applicationId")
    if application is None and at(target.inputs, "applicationId") is None:
        yield Failure("applicationId", "is missing: on Azure the identity lives in Entra")
    if isinstance(application, str) and not _GUID.fullmatch(application):
        yield Failure("applicationId", f"{application!r} is no application id")


def _admit_principal(scene: Scene, target: Target) -> None:
    if not target.inputs.get("force"):
        refuse_same_name(scene, target, "applicationId")


def _principal_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    application = target.inputs["applicationId"]
    return {
        "aclPrincipalId": f"servicePrincipals/{application}",
        "home": f"/Users/{application}",
        "repos": f"/Repos/{application}",
    }


def _check_assignment(_scene: Scene, target: Target) -> Iterator[Failure]:
    names = ("groupName", "principalId", "servicePrincipalName", "userName")
    if sum(at(target.inputs, name) is not None for name in names) != 1:
        yield Failure("groupName", f"exactly one of {', '.join(names)} is needed")
    for level in known(target.inputs, "permissions") or ():
        if level not in ("USER", "ADMIN"):
            yield Failure("permissions", f"{level!r} is neither USER nor ADMIN")


def _check_rules(_scene: Scene, target: Target) -> Iterator[Failure]:
    name = known(target.inputs, "name")
    if isinstance(name, str) and not _RULE_SET.fullmatch(name):
        yield Failure("name", "is not accounts/…/servicePrincipals/…/ruleSets/default")
    for index, rule in enumerate(target.inputs.get("grantRules") or ()):
        if (role := known(rule, "role")) is not None and role not in _ROLES:
            yield Failure(f"grantRules[{index}].role", f"{role!r} is none of {', '.join(sorted(_ROLES))}")
        for principal in known(rule, "principals") or ():
            if not str(principal).startswith(_PRINCIPAL_KINDS):
                yield Failure(f"grantRules[{index}].principals", f"{principal!r} names no kind of principal")


def _admit_rules(scene: Scene, target: Target) -> None:
    named = _RULE_SET.fullmatch(str(target.inputs["name"]))
    application = named["application"] if named else ""
    applications = {one.plain_inputs.get("applicationId") for one in scene.resources.of_type(PRINCIPAL)}
    if application not in applications:
        raise Refusal(404, "NOT_FOUND", f"Service principal {application} does not exist in the account.")


def _check_binding(_scene: Scene, target: Target) -> Iterator[Failure]:
    kind = known(target.inputs, "securableType")
    if kind is not None and kind not in _SECURABLES:
        yield Failure("securableType", f"{kind!r} is none of {', '.join(_SECURABLES)}")
    binding = known(target.inputs, "bindingType")
    if binding is not None and binding not in ("BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"):
        yield Failure("bindingType", f"{binding!r} is neither BINDING_TYPE_READ_WRITE nor …_READ_ONLY")


def _securable(target: Target) -> tuple[str, str]:
    kind = str(target.inputs.get("securableType") or "catalog")
    return kind, str(target.inputs.get("securableName") or target.inputs.get("catalogName"))


def _binding_id(_scene: Scene, target: Target) -> str:
    kind, name = _securable(target)
    return f"{target.inputs['workspaceId']}|{kind}|{name}"


def _admit_binding(scene: Scene, target: Target) -> None:
    kind, name = _securable(target)
    found = require(scene, _SECURABLES[kind], name, kind)
    if not str(found.plain_inputs.get("isolationMode", "")).endswith("ISOLATED"):
        raise Refusal(400, "INVALID_STATE", f"{kind} {name!r} is open to every workspace; isolate it first.")
    here = scene.resources.by_id(str(scene.config.get("azureWorkspaceResourceId") or ""))
    wanted = str(target.inputs["workspaceId"])
    if here is not None and str(here.plain_outputs.get("workspaceId")) != wanted:
        raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Workspace {wanted} has no such metastore.")


def _check_conf(_scene: Scene, target: Target) -> Iterator[Failure]:
    for key, value in (target.inputs.get("customConfig") or {}).items():
        if key not in _CONF_KEYS:
            yield Failure(f"customConfig.{key}", "is no key of the workspace's configuration")
        elif not isinstance(value, str | Mapping):
            yield Failure(f"customConfig.{key}", "its value has to be text")
        elif (
            key.startswith(("enable", "enforce"))
            and isinstance(value, str)
            and value not in ("true", "false")
        ):
            yield Failure(f"customConfig.{key}", f"{value!r} is neither true nor false")


def _check_addresses(_scene: Scene, target: Target) -> Iterator[Failure]:
    kind = known(target.inputs, "listType")
    if kind is not None and kind not in ("ALLOW", "BLOCK"):
        yield Failure("listType", f"{kind!r} is neither ALLOW nor BLOCK")
    addresses = target.inputs.get("ipAddresses")
    if isinstance(addresses, list) and not 1 <= len(addresses) <= _MOST_ADDRESSES:
        yield Failure("ipAddresses", f"needs 1 to {_MOST_ADDRESSES} addresses")
    for index, address in enumerate(addresses or ()):
        if isinstance(address, str) and not _is_range(address):
            yield Failure(f"ipAddresses[{index}]", f"{address!r} is no IPv4 address or range")


def _is_range(text: str) -> bool:
    try:
        IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        return False
    return True


def _check_warehouse(_scene: Scene, target: Target) -> Iterator[Failure]:
    size = known(target.inputs, "clusterSize")
    if size is not None and size not in _SIZES:
        yield Failure("clusterSize", f"{size!r} is none of {', '.join(sorted(_SIZES))}")
    kind = known(target.inputs, "warehouseType")
    if kind is not None and kind not in ("PRO", "CLASSIC"):
        yield Failure("warehouseType", f"{kind!r} is neither PRO nor CLASSIC")
    if target.inputs.get("enableServerlessCompute") is True and kind == "CLASSIC":
        yield Failure("warehouseType", "a serverless warehouse is a PRO one")
    least, most = known(target.inputs, "minNumClusters"), known(target.inputs, "maxNumClusters")
    if least is not None and most is not None and least > most:
        yield Failure("minNumClusters", f"{least:g} is more than maxNumClusters, {most:g}")


def _admit_warehouse(scene: Scene, target: Target) -> None:
    refuse_same_name(scene, target, "name")


def _warehouse_id(_scene: Scene, target: Target) -> str:
    return hashlib.sha256(target.urn.encode()).hexdigest()[:16]


def _warehouse_outputs(scene: Scene, target: Target) -> dict[str, Any]:
    host = _host(scene).partition("://")[2]
    path = f"/sql/1.0/warehouses/{target.id}"
    return {
        "jdbcUrl": f"jdbc:spark://{host}:443/default;transportMode=http;ssl=1;httpPath={path}",
        "odbcParams": {"hostname": host, "path": path, "port": 443, "protocol": "https"},
        "state": "STOPPED",
        "numClusters": 0,
    }


def _setting(key: str, path: str, kind: type) -> tuple[str, Model]:
    """A setting of which a workspace has one: it is set, and set back when it goes."""

    def check(_scene: Scene, target: Target) -> Iterator[Failure]:
        value = known(target.inputs, path)
        if value is not None and not isinstance(value, kind):
            yield Failure(path, f"{value!r} is not of type {kind.__name__}")

    token = f"{_D}{key}:{key[0].upper()}{key[1:]}"
    outputs = {"etag": "1", "settingName": "default"}
    return token, Model(
        lambda _scene, _target: "global",
        required=(path,),
        parent=workspace,
        check=check,
        outputs=lambda _scene, _target: outputs,
    )


MODELS: Mapping[str, Model] = {
    PRINCIPAL: Model(
        _number,
        parent=workspace,
        check=_check_principal,
        admit=_admit_principal,
        outputs=_principal_outputs,
    ),
    GROUP: Model(_number, required=("permissions",), parent=workspace, check=_check_assignment),
    _RULES: Model(
        lambda _scene, target: str(target.inputs["name"]),
        required=("name", "grantRules"),
        parent=workspace,
        check=_check_rules,
        admit=_admit_rules,
        outputs=lambda _scene, _target: {"etag": "1"},
    ),
    _BINDING: Model(
        _binding_id,
        required=("workspaceId", "securableName"),
        parent=lambda _scene, target: reference(_SECURABLES[_securable(target)[0]], _securable(target)[1]),
        check=_check_binding,
        admit=_admit_binding,
    ),
    _CONF: Model(
        lambda _scene, _target: "_", required=("customConfig",), parent=workspace, check=_check_conf
    ),
    _ADDRESSES: Model(
        lambda _scene, target: guid(target.urn),
        required=("ipAddresses", "label", "listType"),
        parent=workspace,
        check=_check_addresses,
        outputs=lambda _scene, target: {"listId": target.id},
    ),
    WAREHOUSE: Model(
        _warehouse_id,
        required=("name", "clusterSize"),
        parent=workspace,
        check=_check_warehouse,
        admit=_admit_warehouse,
        outputs=_warehouse_outputs,
    ),
    **dict(
        (
            _setting("disableLegacyAccessSetting", "disableLegacyAccess.value", bool),
            _setting("disableLegacyDbfsSetting", "disableLegacyDbfs.value", bool),
            _setting("defaultNamespaceSetting", "namespace.value", str),
        )
    ),
}
