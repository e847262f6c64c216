"""A small Azure Resource Manager on loopback: it keeps what it is sent, and checks it as strictly as it can.

It knows the resource types of a bootstrap and no others. It stands where Azure itself would, so what it takes
is no proof of what Azure takes: bodies of storage, vault and network are held against Microsoft's own models,
the rest against the REST reference (`Azure/azure-rest-api-specs`), written down here by hand.
"""

from __future__ import annotations

import fnmatch
import os
import re
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services import Answer, Asked
from test_against_microsofts_models import MODELS, judge

from lakeplane.render import Resource
from lakeplane.roles import BUILT_IN_ROLES

__all__ = ["FakeArm"]

_S = r"/subscriptions/[0-9a-f-]{36}"
_G = rf"{_S}/resourcegroups/[\w.()-]{{1,90}}"
_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True)
class Kind:
    """A resource type: its path, the api-versions that it has, and what its body must and may hold."""

    name: str
    path: str
    versions: tuple[str, ...]
    pulumi: str = ""
    required: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    namespace: str = ""


KINDS = (
    Kind("group", _G, ("2021-04-01",), required=("location",), allowed=("location", "tags")),
    Kind(
        "account",
        rf"{_G}/providers/microsoft\.storage/storageaccounts/[a-z0-9]{{3,24}}",
        ("2023-05-01",),
        "azure-native:storage:StorageAccount",
        namespace="Microsoft.Storage",
    ),
    Kind(
        "blobs",
        rf"{_G}/providers/microsoft\.storage/storageaccounts/[a-z0-9]{{3,24}}/blobservices/default",
        ("2023-05-01",),
        "azure-native:storage:BlobServiceProperties",
    ),
    Kind(
        "container",
        rf"{_G}/providers/microsoft\.storage/storageaccounts/[a-z0-9]{{3,24}}/blobservices/default"
        r"/containers/[a-z0-9-]{3,63}",
        ("2023-05-01",),
        "azure-native:storage:BlobContainer",
    ),
    Kind(
        "vault",
        rf"{_G}/providers/microsoft\.keyvault/vaults/[a-z][a-z0-9-]{{1,22}}[a-z0-9]",
        ("2023-07-01",),
        "azure-native:keyvault:Vault",
        namespace="Microsoft.KeyVault",
    ),
    # Source: specification/keyvault/…/stable/2022-07-01/examples/createKey.json.
    Kind(
        "key",
        rf"{_G}/providers/microsoft\.keyvault/vaults/[a-z0-9-]+/keys/[a-z0-9-]{{1,127}}",
        ("2023-07-01",),
        required=("properties.kty",),
        allowed=("properties.kty", "properties.keySize", "properties.keyOps", "tags"),
    ),
    # Source: specification/msi/…/stable/2023-01-31/examples/IdentityCreate.json.
    Kind(
        "identity",
        rf"{_G}/providers/microsoft\.managedidentity/userassignedidentities/[\w-]{{3,128}}",
        ("2023-01-31",),
        required=("location",),
        allowed=("location", "tags"),
        namespace="Microsoft.ManagedIdentity",
    ),
    # Source: specification/msi/…/stable/2023-01-31/examples/FederatedIdentityCredentialCreate.json.
    Kind(
        "credential",
        rf"{_G}/providers/microsoft\.managedidentity/userassignedidentities/[\w-]+"
        r"/federatedidentitycredentials/[a-z0-9][\w-]{2,119}",
        ("2023-01-31",),
        required=("properties.issuer", "properties.subject", "properties.audiences"),
        allowed=("properties.issuer", "properties.subject", "properties.audiences"),
    ),
    # Source: specification/authorization/…/stable/2022-04-01, RoleDefinitions_CreateOrUpdate.
    Kind(
        "role",
        rf"{_G}/providers/microsoft\.authorization/roledefinitions/{_GUID}",
        ("2022-04-01",),
        required=("properties.roleName", "properties.permissions", "properties.assignableScopes"),
        allowed=(
            "properties.roleName",
            "properties.description",
            "properties.type",
            "properties.permissions",
            "properties.assignableScopes",
        ),
    ),
    # Source: specification/authorization/…/stable/2022-04-01, RoleAssignments_Create.
    Kind(
        "assignment",
        rf"{_S}.*/providers/microsoft\.authorization/roleassignments/{_GUID}",
        ("2022-04-01",),
        required=("properties.roleDefinitionId", "properties.principalId", "properties.principalType"),
        allowed=(
            "properties.roleDefinitionId",
            "properties.principalId",
            "properties.principalType",
            "properties.condition",
            "properties.conditionVersion",
        ),
    ),
    Kind(
        "endpoint",
        rf"{_G}/providers/microsoft\.network/privateendpoints/[\w.-]{{2,64}}",
        ("2024-05-01",),
        "azure-native:network:PrivateEndpoint",
        namespace="Microsoft.Network",
    ),
    Kind(
        "zone group",
        rf"{_G}/providers/microsoft\.network/privateendpoints/[\w.-]{{2,64}}/privatednszonegroups/[\w-]+",
        ("2024-05-01",),
        "azure-native:network:PrivateDnsZoneGroup",
    ),
)


class RefusalError(Exception):
    """An error of ARM's."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.answer = Answer(status, {"error": {"code": code, "message": message}})
        super().__init__(code)


@dataclass
class FakeArm:
    """State of one cloud.

    Attributes:
        resources: What is there, by id in lower case.
        registered: States of providers and features, by path in lower case.
        denied: Patterns of `METHOD path` that the caller has no right to.
        faults: Errors given once each: a pattern of `METHOD path`, and the error.
        kill: Process and number of the write at which it is killed: before it is done if the number is
            negative, after if positive.
    """

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    registered: dict[str, list[str]] = field(default_factory=dict)
    denied: tuple[str, ...] = ()
    faults: list[tuple[str, RefusalError]] = field(default_factory=list)
    foreign_accounts: tuple[str, ...] = ()
    deleted_vaults: tuple[str, ...] = ()
    kill: tuple[int, int] | None = None
    writes: int = 0
    url: str = ""
    _operations: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, asked: Asked) -> Answer:
        with self._lock:
            try:
                self._check_right(asked)
                if asked.method in ("PUT", "POST"):
                    return self._written(asked)
                return self._read(asked)
            except RefusalError as refusal:
                return refusal.answer

    def has(self, *arm_ids: str) -> None:
        """Have something that others made."""
        for arm_id in arm_ids:
            self.resources[arm_id.lower()] = {"id": arm_id, "name": arm_id.rpartition("/")[2]}

    def of(self, name: str) -> list[dict[str, Any]]:
        """Return all resources of a kind."""
        kind = next(one for one in KINDS if one.name == name)
        return [body for path, body in self.resources.items() if re.fullmatch(kind.path, path)]

    def _check_right(self, asked: Asked) -> None:
        said = f"{asked.method} {asked.path}"
        for pattern in self.denied:
            if fnmatch.fnmatch(said.lower(), pattern.lower()):
                raise RefusalError(
                    403,
                    "AuthorizationFailed",
                    "The client does not have authorization to perform the action over the scope, or the "
                    "scope is invalid. If access was recently granted, please refresh your credentials.",
                )
        for index, (pattern, refusal) in enumerate(self.faults):
            if fnmatch.fnmatch(said.lower(), pattern.lower()):
                del self.faults[index]
                raise refusal

    def _written(self, asked: Asked) -> Answer:
        self.writes += 1
        if self.kill is not None and self.writes == -self.kill[1]:
            os.kill(self.kill[0], signal.SIGKILL)
            raise RefusalError(500, "Killed", "before")
        answer = self._register(asked) if asked.method == "POST" else self._put(asked)
        if self.kill is not None and self.writes == self.kill[1]:
            os.kill(self.kill[0], signal.SIGKILL)
        return answer

    def _register(self, asked: Asked) -> Answer:
        path, _, last = asked.path.lower().rpartition("/")
        if last != "register":
            raise RefusalError(404, "InvalidResourceType", f"no such action: {asked.path}")
        states = self.registered.setdefault(path, ["NotRegistered"])
        if states[-1] != "Registered":
            states[:] = ["Registering", "Registering", "Registered"]
        return Answer(body=self._registration(path, states[0]))

    @staticmethod
    def _registration(path: str, state: str) -> dict[str, Any]:
        name = path.rpartition("/")[2]
        if "/features/" in path:
            return {"name": name, "properties": {"state": state}}
        return {"namespace": name, "registrationState": state}

    def _read(self, asked: Asked) -> Answer:
        path = asked.path.lower()
        if path in self._operations:
            states = self._operations[path]
            state = states.pop(0) if len(states) > 1 else states[0]
            return Answer(body={"status": state})
        if re.fullmatch(rf"{_S}/providers/[\w.]+", path) or "/microsoft.features/" in path:
            states = self.registered.setdefault(path, ["NotRegistered"])
            return Answer(body=self._registration(path, states.pop(0) if len(states) > 1 else states[0]))
        if path.endswith("/roleassignments"):
            scope = path.removesuffix("/providers/microsoft.authorization/roleassignments")
            who = asked.query["$filter"].partition("'")[2].rstrip("'")
            found = [
                one
                for one in self.of("assignment")
                if one["properties"]["principalId"] == who and one["properties"]["scope"].lower() == scope
            ]
            return Answer(body={"value": found})
        self._check_version(asked, _kind_of(path))
        found = self.resources.get(path)
        if found is None:
            raise RefusalError(404, "ResourceNotFound", f"The resource {asked.path} was not found.")
        return Answer(body=found)

    @staticmethod
    def _check_version(asked: Asked, kind: Kind | None) -> None:
        version = asked.query.get("api-version", "")
        if kind is not None and version not in kind.versions:
            raise RefusalError(400, "NoRegisteredProviderFound", f"no api-version {version} for {kind.name}")

    def _put(self, asked: Asked) -> Answer:
        path = asked.path.lower()
        kind = _kind_of(path)
        if kind is None:
            raise RefusalError(404, "InvalidResourceType", f"no such type: {asked.path}")
        self._check_version(asked, kind)
        body = asked.body
        if not isinstance(body, dict):
            raise RefusalError(400, "InvalidRequestContent", "a body is needed")
        self._check_place(path, kind)
        _check_body(kind, path, body)
        before = self.resources.get(path)
        made = {**body, "id": asked.path, "name": asked.path.rpartition("/")[2]}
        extra: Callable[[str, dict[str, Any], Any], None] | None = getattr(
            self, f"_{kind.name.replace(' ', '_')}", None
        )
        if extra is not None:
            extra(path, made, before)
        self.resources[path] = made
        if kind.name in ("account", "endpoint") and before is None:
            operation = f"{path.split('/resourcegroups/')[0]}/operations/{uuid.uuid4()}"
            self._operations[operation] = ["InProgress", "Succeeded"]
            where = f"{self.url}{operation}?api-version=2024-01-01"
            return Answer(202, {}, {"Azure-AsyncOperation": where})
        return Answer(200 if before else 201, made)

    def _check_place(self, path: str, kind: Kind) -> None:
        """Look for the parent, and for the registration of the provider."""
        if kind.name == "group":
            return
        parent = path.rpartition("/providers/")[0] if kind.namespace else _parent(path, kind)
        if parent.count("/") > 2 and parent not in self.resources:
            code = "ResourceGroupNotFound" if re.fullmatch(_G, parent) else "ParentResourceNotFound"
            raise RefusalError(404, code, f"{parent} could not be found.")
        if kind.namespace:
            where = f"{'/'.join(path.split('/')[:3])}/providers/{kind.namespace.lower()}"
            if self.registered.get(where, [""])[-1] != "Registered" or len(self.registered[where]) > 1:
                raise RefusalError(
                    409,
                    "MissingSubscriptionRegistration",
                    f"The subscription is not registered to use namespace '{kind.namespace}'.",
                )

    def _account(self, path: str, made: dict[str, Any], before: Any) -> None:
        if before is None and path.rpartition("/")[2] in self.foreign_accounts:
            raise RefusalError(409, "StorageAccountAlreadyTaken", "The storage account is already taken.")
        made["properties"] = {**made["properties"], "provisioningState": "Succeeded"}

    def _vault(self, path: str, made: dict[str, Any], before: Any) -> None:
        name = path.rpartition("/")[2]
        if before is None and name in self.deleted_vaults:
            # Source: Azure/azure-cli#21121 and others show the words.
            raise RefusalError(
                409, "ConflictError", f"A vault with the same name already exists in deleted state. {name}"
            )
        rules = made["properties"]["networkAcls"]["ipRules"]
        for rule in rules:  # the service writes single addresses in this way
            rule["value"] = rule["value"] if "/" in rule["value"] else f"{rule['value']}/32"

    def _key(self, path: str, made: dict[str, Any], before: Any) -> None:
        del path
        if before is not None:
            raise RefusalError(409, "Untouched", "a bootstrap never writes a key twice")
        made["properties"] = {**made["properties"], "keyUri": "https://x/keys/pulumi"}

    def _identity(self, path: str, made: dict[str, Any], before: Any) -> None:
        own = str(uuid.uuid5(uuid.NAMESPACE_URL, path))
        made["properties"] = (before or {}).get("properties") or {"principalId": own, "clientId": own[::-1]}

    def _credential(self, path: str, made: dict[str, Any], before: Any) -> None:
        del before
        said = made["properties"]
        if not said["issuer"].startswith("https://") or len(said["audiences"]) != 1 or not said["subject"]:
            raise RefusalError(400, "BadRequest", "issuer, subject and one audience are needed")
        identity = path.partition("/federatedidentitycredentials/")[0]
        for other, one in self.resources.items():
            if other != path and other.startswith(f"{identity}/federated"):
                same = one["properties"]
                if (same["issuer"], same["subject"]) == (said["issuer"], said["subject"]):
                    raise RefusalError(409, "Conflict", "issuer and subject are there already")

    def _role(self, path: str, made: dict[str, Any], before: Any) -> None:
        del before
        scope = path.partition("/providers/")[0]
        if [one.lower() for one in made["properties"]["assignableScopes"]] != [scope]:
            raise RefusalError(400, "InvalidAssignableScopes", "assignable elsewhere")

    def _assignment(self, path: str, made: dict[str, Any], before: Any) -> None:
        said = made["properties"]
        scope = path.partition("/providers/microsoft.authorization/roleassignments")[0]
        principals = {one["properties"]["principalId"] for one in self.of("identity")}
        if said["principalId"] not in principals:
            raise RefusalError(
                400,
                "PrincipalNotFound",
                f"Principal {said['principalId']} does not exist in the directory x.",
            )
        role = said["roleDefinitionId"].rpartition("/")[2].lower()
        own = {one["name"].lower() for one in self.of("role")}
        if role not in own | set(BUILT_IN_ROLES.values()):
            raise RefusalError(
                400, "RoleDefinitionDoesNotExist", f"The specified role definition {role} does not exist."
            )
        if said["principalType"] != "ServicePrincipal":
            raise RefusalError(400, "UnmatchedPrincipalType", "the principal is a ServicePrincipal")
        if ("condition" in said) != (said.get("conditionVersion") == "2.0"):
            raise RefusalError(400, "InvalidCondition", "condition and version 2.0 come together")
        if said.get("condition", "").count("(") != said.get("condition", "").count(")"):
            raise RefusalError(400, "InvalidCondition", "brackets don't match")
        for other in self.of("assignment"):
            there = other["properties"]
            if other["id"].lower() == path:
                continue
            same = there["roleDefinitionId"].rpartition("/")[2].lower() == role
            if same and there["principalId"] == said["principalId"] and there["scope"].lower() == scope:
                raise RefusalError(
                    409,
                    "RoleAssignmentExists",
                    f"The role assignment already exists. The ID of it is {other['name'].replace('-', '')}.",
                )
        if before is not None and {**said, "condition": ""} != {**_writable(before), "condition": ""}:
            raise RefusalError(400, "RoleAssignmentUpdateNotPermitted", "only the condition may change")
        made["properties"] = {**said, "scope": scope}


def _kind_of(path: str) -> Kind | None:
    return next((one for one in KINDS if re.fullmatch(one.path, path)), None)


def _parent(path: str, kind: Kind) -> str:
    if kind.name in ("assignment", "role"):
        return path.rpartition("/providers/microsoft.authorization/")[0]
    return "/".join(path.split("/")[:-2])


def _writable(resource: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in resource["properties"].items() if key != "scope"}


def _leaves(body: dict[str, Any]) -> Iterator[str]:
    for key, value in body.items():
        if key == "properties" and isinstance(value, dict):
            yield from (f"properties.{inner}" for inner in value)
        else:
            yield key


def _check_body(kind: Kind, path: str, body: dict[str, Any]) -> None:
    if kind.pulumi:
        assert kind.pulumi in MODELS
        wrong = judge(Resource(f"urn:{path}", kind.pulumi, kind.name, True, inputs=body))
        if wrong:
            raise RefusalError(400, "InvalidRequestContent", f"{kind.name}: {wrong}")
        return
    keys = set(_leaves(body))
    if missing := set(kind.required) - keys:
        raise RefusalError(400, "InvalidRequestContent", f"{kind.name} lacks {sorted(missing)}")
    if unknown := keys - set(kind.allowed):
        raise RefusalError(400, "InvalidRequestContent", f"{kind.name} has no {sorted(unknown)}")
