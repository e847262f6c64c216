"""A Databricks workspace and its Unity Catalog, as the databricks provider manages them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lakeplane.local.resources import Resource, reference
from lakeplane.local.simulators.databricks_access import (
    GROUP,
    PRINCIPAL,
    WAREHOUSE,
    may_run_as,
    refuse_same_name,
    require,
    workspace,
)
from lakeplane.local.simulators.databricks_access import MODELS as ACCESS_MODELS
from lakeplane.local.simulators.model import Failure, Model, Refusal, Scene, Target, at, known, number

__all__ = ["FILE", "MODELS", "content_changed"]

_D = "databricks:index/"
CATALOG, SCHEMA, VOLUME = f"{_D}catalog:Catalog", f"{_D}schema:Schema", f"{_D}volume:Volume"
CREDENTIAL = f"{_D}storageCredential:StorageCredential"
LOCATION = f"{_D}externalLocation:ExternalLocation"
POLICY, POOL = f"{_D}clusterPolicy:ClusterPolicy", f"{_D}instancePool:InstancePool"
JOB, FILE = f"{_D}job:Job", f"{_D}file:File"
GRANTS, PERMISSIONS = f"{_D}grants:Grants", f"{_D}permissions:Permissions"

# Unity Catalog object names (Databricks docs, "Names"): no period, space, slash or control character.
_OBJECT_NAME = re.compile(r"[^\s./\x00-\x1f\x7f]{1,255}")
_LIMITS = frozenset({"fixed", "forbidden", "allowlist", "blocklist", "regex", "range", "unlimited"})
_PERMISSION_TARGETS: Mapping[str, tuple[str, str]] = {
    "jobId": ("jobs", JOB),
    "clusterPolicyId": ("cluster-policies", POLICY),
    "instancePoolId": ("instance-pools", POOL),
    "sqlEndpointId": ("sql/warehouses", WAREHOUSE),
}
# Databricks docs, "Access control lists": the levels that each kind of object knows.
_LEVELS: Mapping[str, frozenset[str]] = {
    "jobId": frozenset({"CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"}),
    "clusterPolicyId": frozenset({"CAN_USE"}),
    "instancePoolId": frozenset({"CAN_ATTACH_TO", "CAN_MANAGE"}),
    "sqlEndpointId": frozenset({"CAN_USE", "CAN_MONITOR", "CAN_VIEW", "CAN_MANAGE", "IS_OWNER"}),
}
_SYSTEM_GROUPS = frozenset({"admins", "users"})
_GRANT_TARGETS: Mapping[str, str] = {
    "catalog": CATALOG,
    "schema": SCHEMA,
    "volume": VOLUME,
    "externalLocation": LOCATION,
    "storageCredential": CREDENTIAL,
}


def _by_name(_scene: Scene, target: Target) -> str:
    return str(target.inputs["name"])


def _schema_id(_scene: Scene, target: Target) -> str:
    return f"{target.inputs['catalogName']}.{target.inputs['name']}"


def _volume_id(_scene: Scene, target: Target) -> str:
    return f"{target.inputs['catalogName']}.{target.inputs['schemaName']}.{target.inputs['name']}"


def _hex_id(_scene: Scene, target: Target) -> str:
    return hashlib.sha256(target.urn.encode()).hexdigest()[:16].upper()


def _pool_id(_scene: Scene, target: Target) -> str:
    digest = hashlib.sha256(target.urn.encode()).hexdigest()
    return f"{number(target.urn, 4)}-{number(target.urn, 6)}-{target.name[:12]}-pool-{digest[:8]}"


def _permissions_id(_scene: Scene, target: Target) -> str:
    for name, (collection, _) in _PERMISSION_TARGETS.items():
        if value := target.inputs.get(name):
            return f"/{collection}/{value}"
    raise Refusal(400, "INVALID_PARAMETER_VALUE", "permissions name no object")


def _grants_id(_scene: Scene, target: Target) -> str:
    if found := _granted_on(target):
        return f"{found[0]}/{found[2]}"
    raise Refusal(400, "INVALID_PARAMETER_VALUE", "grants name no securable")


def _granted_on(target: Target) -> tuple[str, str, str] | None:
    """Return the kind, type and id of the securable that grants are about."""
    for name, token in _GRANT_TARGETS.items():
        if value := target.inputs.get(name):
            return name, token, str(value)
    return None


def _grants_parent(_scene: Scene, target: Target) -> str:
    found = _granted_on(target)
    return reference(found[1], found[2]) if found else ""


def _permissions_parent(_scene: Scene, target: Target) -> str:
    for name, (_, token) in _PERMISSION_TARGETS.items():
        if value := target.inputs.get(name):
            return reference(token, str(value))
    return ""


def _file_parent(_scene: Scene, target: Target) -> str:
    return reference(VOLUME, ".".join(str(target.inputs["path"]).split("/")[2:5]))


def _name_check(_scene: Scene, target: Target) -> Iterator[Failure]:
    name = known(target.inputs, "name")
    if name is None and at(target.inputs, "name") is None:
        yield Failure("name", "is missing")
    if isinstance(name, str) and not _OBJECT_NAME.fullmatch(name):
        yield Failure("name", f"{name!r} has characters that Unity Catalog refuses: . / or a space")


def _policy_check(_scene: Scene, target: Target) -> Iterator[Failure]:
    text = known(target.inputs, "definition")
    if not isinstance(text, str):
        return
    try:
        definition = json.loads(text)
    except ValueError as error:
        yield Failure("definition", f"is not JSON: {error}")
        return
    for attribute, limit in definition.items():
        if not isinstance(limit, Mapping) or limit.get("type") not in _LIMITS:
            yield Failure(f"definition.{attribute}", f"its type is none of {', '.join(sorted(_LIMITS))}")


def _job_check(_scene: Scene, target: Target) -> Iterator[Failure]:
    tasks = target.inputs.get("tasks")
    keys = [str(task.get("taskKey")) for task in tasks or () if isinstance(task, Mapping)]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Failure("tasks", f"the task key {key!r} is given twice")
    clusters = {
        c.get("jobClusterKey") for c in target.inputs.get("jobClusters") or () if isinstance(c, Mapping)
    }
    for index, cluster in enumerate(target.inputs.get("jobClusters") or ()):
        for node, pool in (
            ("nodeTypeId", "instancePoolId"),
            ("driverNodeTypeId", "driverInstancePoolId"),
        ):
            if at(cluster, f"newCluster.{node}") and at(cluster, f"newCluster.{pool}"):
                yield Failure(f"jobClusters[{index}].newCluster.{node}", f"is not allowed beside {pool}")
    environments = {
        e.get("environmentKey") for e in target.inputs.get("environments") or () if isinstance(e, Mapping)
    }
    for index, task in enumerate(tasks or ()):
        if not isinstance(task, Mapping):
            continue
        wanted = task.get("environmentKey")
        if isinstance(wanted, str) and wanted not in environments:
            yield Failure(f"tasks[{index}].environmentKey", f"there is no environment {wanted!r}")
        used = task.get("jobClusterKey")
        if isinstance(used, str) and used not in clusters:
            yield Failure(f"tasks[{index}].jobClusterKey", f"there is no job cluster {used!r}")
        for dependency in task.get("dependsOns") or ():
            if dependency.get("taskKey") not in keys:
                yield Failure(f"tasks[{index}].dependsOns", f"there is no task {dependency.get('taskKey')!r}")


def _need_workspace(scene: Scene) -> None:
    """Every call goes to a workspace; one that is not there answers nobody."""
    workspace = scene.config.get("azureWorkspaceResourceId")
    if workspace and scene.resources.by_id(str(workspace)) is None:
        raise Refusal(404, "WORKSPACE_NOT_FOUND", f"the workspace {workspace} does not exist")


def _admit_policy(scene: Scene, target: Target) -> None:
    refuse_same_name(scene, target, "name")


def _admit_pool(scene: Scene, target: Target) -> None:
    refuse_same_name(scene, target, "instancePoolName")


def _admit_location(scene: Scene, target: Target) -> None:
    require(scene, CREDENTIAL, target.inputs["credentialName"], "storage credential")
    root = scene.places.lake_path(str(target.inputs["url"]))
    if root is None or not root.exists():
        raise Refusal(
            400, "INVALID_PARAMETER_VALUE", f"The container of {target.inputs['url']} does not exist."
        )


def _admit_inside(scene: Scene, url: Any) -> None:
    """Storage of a catalog, schema or volume lies in an external location."""
    if not url:
        return
    inside = str(url).rstrip("/") + "/"
    locations = [
        str(found.plain_inputs["url"]).rstrip("/") + "/" for found in scene.resources.of_type(LOCATION)
    ]
    if not any(inside.startswith(location) for location in locations):
        raise Refusal(403, "PERMISSION_DENIED", f"No external location covers {url}.")


def _admit_catalog(scene: Scene, target: Target) -> None:
    _admit_inside(scene, target.inputs.get("storageRoot"))


def _admit_schema(scene: Scene, target: Target) -> None:
    require(scene, CATALOG, target.inputs["catalogName"], "catalog")
    _admit_inside(scene, target.inputs.get("storageRoot"))


def _admit_volume(scene: Scene, target: Target) -> None:
    require(scene, SCHEMA, f"{target.inputs['catalogName']}.{target.inputs['schemaName']}", "schema")
    _admit_inside(scene, target.inputs.get("storageLocation"))


def _admit_file(scene: Scene, target: Target) -> None:
    parts = str(target.inputs["path"]).split("/")
    if parts[1:2] == ["Volumes"]:
        require(scene, VOLUME, ".".join(parts[2:5]), "volume")


def _admit_job(scene: Scene, target: Target) -> None:
    for cluster in target.inputs.get("jobClusters") or ():
        for name, token in (("policyId", POLICY), ("instancePoolId", POOL)):
            if value := at(cluster, f"newCluster.{name}"):
                require(scene, token, value, name)
    application = at(target.inputs, "runAs.servicePrincipalName")
    if application:
        _need_principal(scene, str(application))
        if not may_run_as(scene, str(application)):
            raise Refusal(
                403,
                "PERMISSION_DENIED",
                f"You lack roles/servicePrincipal.user on {application} to run jobs as it.",
            )


def _permissions_check(_scene: Scene, target: Target) -> Iterator[Failure]:
    about = next((name for name in _LEVELS if at(target.inputs, name) is not None), None)
    seen: set[str] = set()
    for index, entry in enumerate(target.inputs.get("accessControls") or ()):
        level = known(entry, "permissionLevel")
        if about and level is not None and level not in _LEVELS[about]:
            allowed = ", ".join(sorted(_LEVELS[about]))
            yield Failure(f"accessControls[{index}].permissionLevel", f"{level!r} is none of {allowed}")
        group = known(entry, "groupName")
        if group in seen:
            yield Failure(f"accessControls[{index}].groupName", f"{group!r} is named twice")
        seen |= {group} if group else set()


def _admit_permissions(scene: Scene, target: Target) -> None:
    for name, (_, token) in _PERMISSION_TARGETS.items():
        if value := target.inputs.get(name):
            require(scene, token, value, name)
    groups = {found.plain_inputs.get("groupName") for found in scene.resources.of_type(GROUP)}
    for entry in target.inputs["accessControls"]:
        group = entry.get("groupName")
        if group and group not in groups | _SYSTEM_GROUPS:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Principal: GroupName({group}) does not exist")
        if application := entry.get("servicePrincipalName"):
            _need_principal(scene, str(application))


def _need_principal(scene: Scene, application_id: str) -> None:
    applications = {found.plain_inputs.get("applicationId") for found in scene.resources.of_type(PRINCIPAL)}
    if application_id not in applications:
        raise Refusal(
            404,
            "RESOURCE_DOES_NOT_EXIST",
            f"Principal: ServicePrincipalName({application_id}) does not exist",
        )


def _admit_grants(scene: Scene, target: Target) -> None:
    for name, token in _GRANT_TARGETS.items():
        if value := target.inputs.get(name):
            require(scene, token, value, name)


def _release_catalog(scene: Scene, resource: Resource) -> None:
    schemas = [s.id for s in scene.resources.of_type(SCHEMA) if s.id.startswith(f"{resource.id}.")]
    if schemas and not resource.plain_inputs.get("forceDestroy"):
        raise Refusal(400, "INVALID_STATE", f"Catalog {resource.id!r} is not empty: {', '.join(schemas)}")


def _release_schema(scene: Scene, resource: Resource) -> None:
    root = scene.places.lake_path(str(resource.plain_inputs.get("storageRoot") or ""))
    tables = sorted(path.parent.name for path in root.glob("*/_delta_log")) if root else []
    if tables and not resource.plain_inputs.get("forceDestroy"):
        raise Refusal(400, "INVALID_STATE", f"Schema {resource.id!r} is not empty: {', '.join(tables)}")


def _make_schema(scene: Scene, target: Target) -> None:
    root = scene.places.lake_path(str(target.inputs.get("storageRoot") or ""))
    if root is not None:
        root.mkdir(parents=True, exist_ok=True)


def _drop_schema(scene: Scene, resource: Resource) -> None:
    root = scene.places.lake_path(str(resource.plain_inputs.get("storageRoot") or ""))
    for log in root.glob("*/_delta_log") if root else ():
        shutil.rmtree(log.parent, ignore_errors=True)


def _volume_link(scene: Scene, inputs: Mapping[str, Any]) -> tuple[Path, Path]:
    parts = (inputs["catalogName"], inputs["schemaName"], inputs["name"])
    external = scene.places.lake_path(str(inputs.get("storageLocation") or ""))
    target = external if external is not None else scene.places.managed_volumes.joinpath(*parts)
    return scene.places.volumes.joinpath(*parts), target.absolute()


def _make_volume(scene: Scene, target: Target) -> None:
    link, directory = _volume_link(scene, target.inputs)
    directory.mkdir(parents=True, exist_ok=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(directory, target_is_directory=True)


def _drop_volume(scene: Scene, resource: Resource) -> None:
    link, directory = _volume_link(scene, resource.plain_inputs)
    link.unlink(missing_ok=True)
    if resource.plain_inputs.get("volumeType") == "MANAGED":
        shutil.rmtree(directory, ignore_errors=True)


def _content(inputs: Mapping[str, Any]) -> bytes:
    if text := inputs.get("contentBase64"):
        return base64.b64decode(text)
    # Relative ones are relative to the program, as the engine's own providers are started there.
    source = Path(str(inputs.get("source", "")))
    if not source.is_file():
        raise Refusal(400, "INVALID_PARAMETER_VALUE", f"the file to upload, {source}, does not exist")
    return source.read_bytes()


def _file_path(scene: Scene, inputs: Mapping[str, Any]) -> Path:
    path = scene.places.volume_path(str(inputs["path"]))
    if path is None:
        raise Refusal(400, "INVALID_PARAMETER_VALUE", f"{inputs['path']} lies in no volume")
    return path


def _upload(scene: Scene, target: Target) -> None:
    path = _file_path(scene, target.inputs)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".partial")
    beside.write_bytes(_content(target.inputs))
    beside.replace(path)


def _remove_file(scene: Scene, resource: Resource) -> None:
    path = _file_path(scene, resource.plain_inputs)
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()


def _file_outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    content = _content(target.inputs)
    return {"md5": _md5(content), "fileSize": len(content)}


def _md5(content: bytes) -> str:
    # The real provider keeps MD5, which here compares contents and protects nothing.
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def content_changed(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Tell whether a file differs from what was uploaded of it; one that is gone does not."""
    source = inputs.get("source")
    if not isinstance(source, str) or not Path(source).is_file() or "md5" not in outputs:
        return False
    return bool(_md5(Path(source).read_bytes()) != outputs["md5"])


def _id_output(name: str) -> Callable[[Scene, Target], dict[str, Any]]:
    return lambda _scene, target: {name: target.id}


_MODELS: Mapping[str, Model] = {
    CREDENTIAL: Model(_by_name, required=("name",), check=_name_check),
    LOCATION: Model(
        _by_name, required=("name", "url", "credentialName"), check=_name_check, admit=_admit_location
    ),
    CATALOG: Model(
        _by_name, required=("name",), check=_name_check, admit=_admit_catalog, release=_release_catalog
    ),
    SCHEMA: Model(
        _schema_id,
        required=("name", "catalogName"),
        parent=lambda _scene, target: reference(CATALOG, str(target.inputs["catalogName"])),
        check=_name_check,
        admit=_admit_schema,
        release=_release_schema,
        apply=_make_schema,
        undo=_drop_schema,
    ),
    VOLUME: Model(
        _volume_id,
        required=("name", "catalogName", "schemaName", "volumeType"),
        parent=lambda _scene, target: reference(
            SCHEMA, f"{target.inputs['catalogName']}.{target.inputs['schemaName']}"
        ),
        check=_name_check,
        admit=_admit_volume,
        apply=_make_volume,
        undo=_drop_volume,
    ),
    GRANTS: Model(_grants_id, required=("grants",), parent=_grants_parent, admit=_admit_grants),
    POLICY: Model(
        _hex_id, parent=workspace, check=_policy_check, admit=_admit_policy, outputs=_id_output("policyId")
    ),
    POOL: Model(
        _pool_id,
        required=("instancePoolName", "idleInstanceAutoterminationMinutes"),
        parent=workspace,
        admit=_admit_pool,
        outputs=_id_output("instancePoolId"),
    ),
    PERMISSIONS: Model(
        _permissions_id,
        required=("accessControls",),
        parent=_permissions_parent,
        check=_permissions_check,
        admit=_admit_permissions,
    ),
    FILE: Model(
        lambda _scene, target: str(target.inputs["path"]),
        required=("path",),
        parent=_file_parent,
        admit=_admit_file,
        apply=_upload,
        undo=_remove_file,
        outputs=_file_outputs,
    ),
    JOB: Model(
        lambda _scene, target: str(number(target.urn)),
        parent=workspace,
        check=_job_check,
        admit=_admit_job,
        outputs=lambda _scene, target: {"url": f"#job/{number(target.urn)}"},
    ),
}


def _in_workspace(model: Model) -> Model:
    def admit(scene: Scene, target: Target) -> None:
        _need_workspace(scene)
        model.admit(scene, target)

    return replace(model, admit=admit)


MODELS: Mapping[str, Model] = {
    token: _in_workspace(model) for token, model in {**_MODELS, **ACCESS_MODELS}.items()
}
