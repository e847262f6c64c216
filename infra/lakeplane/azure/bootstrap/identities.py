"""Who previews and who applies: identities without secrets, and no more rights than each needs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.azure.bootstrap.condition import CONDITION_VERSION, assigning_condition
from lakeplane.azure.bootstrap.names import BootstrapNames
from lakeplane.azure.bootstrap.steps import Body, Known, Step, az_command, fixed
from lakeplane.azure.bootstrap.store import StoreIds
from lakeplane.azure.bootstrap.subject import Subject
from lakeplane.identity_issuers import AUDIENCE, credential_name, issuer_of
from lakeplane.roles import BUILT_IN_ROLES, role_assignment_name

__all__ = ["IDENTITIES_API", "identity_steps", "runner_steps"]

IDENTITIES_API = "2023-01-31"
_AUTHORIZATION_API = "2022-04-01"
_GROUPS_API = "2021-04-01"
_NETWORK_API = "2024-05-01"
_JOBS_API = "2024-03-01"
_ROLES = uuid.UUID("0d1f7f2e-0c53-5f0a-9e61-5d6b6f7c9a42")


@dataclass(frozen=True, slots=True)
class _Right:
    """A role on a scope.

    Attributes:
        role: Name of a built-in role; empty for the role of the secrets' key.
        scope: ARM id of what it is on.
        after: Keys of the steps that make the scope.
        why: What it is for.
        condition: Condition under which it holds.
        awaits: ARM id of a scope that others make.
        awaits_api: The `api-version` with which that is looked for.
    """

    role: str
    scope: str
    after: tuple[str, ...]
    why: str
    condition: str = ""
    awaits: str = ""
    awaits_api: str = ""


def identity_steps(subject: Subject, names: BootstrapNames, ids: StoreIds) -> Iterator[Step]:
    """List the steps of both identities, for as many of them as there are pipelines."""
    pipelines = subject.pipelines
    if pipelines.preview or pipelines.apply:
        yield _key_role(subject, names, ids)
    if pipelines.preview:
        identity = f"{ids.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        yield from _identity(subject, "preview", f"{identity}/{names.identity_preview}", pipelines.preview)
        yield from _rights("preview", f"{identity}/{names.identity_preview}", _looking(subject, ids), ids)
    if pipelines.apply:
        identity = f"{ids.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        yield from _identity(subject, "apply", f"{identity}/{names.identity_apply}", pipelines.apply)
        rights = [*_deploying(subject, ids), *_starting(subject)]
        yield from _rights("apply", f"{identity}/{names.identity_apply}", rights, ids)


def runner_steps(subject: Subject, names: BootstrapNames, ids: StoreIds) -> Iterator[Step]:
    """List the rights of the hub's runner, which deploys from inside where access is private."""
    runner = subject.surroundings.runner_identity_id if subject.surroundings is not None else ""
    if not runner or subject.landing is None:
        return
    if not (subject.pipelines.preview or subject.pipelines.apply):
        yield _key_role(subject, names, ids)
    yield Step(
        key="runner",
        title=f"identity {runner.rpartition('/')[2]} of the hub's runner",
        path=runner,
        api_version=IDENTITIES_API,
        awaits=runner,
        awaits_api=IDENTITIES_API,
        create_only=True,
        why="deploys from inside; the hub makes it",
    )
    # Where no public range reaches the state, everything is deployed from inside, the foundation too.
    rights = _deploying_contents(subject, ids) if subject.addresses else _deploying(subject, ids)
    yield from _rights("runner", runner, rights, ids)


def _deploying_contents(subject: Subject, ids: StoreIds) -> list[_Right]:
    group = subject.resource_group_id
    return [
        _Right("Storage Blob Data Contributor", ids.container, ("container",), "reads and writes the state"),
        _Right("", ids.key, ("key",), "encrypts and decrypts the state's secrets"),
        _Right(
            "Contributor",
            group,
            (),
            "is administrator of the workspace",
            awaits=group,
            awaits_api=_GROUPS_API,
        ),
        _Right(
            "Azure Kubernetes Service RBAC Cluster Admin",
            group,
            (),
            "deploys into the cluster",
            awaits=group,
            awaits_api=_GROUPS_API,
        ),
    ]


def _looking(subject: Subject, ids: StoreIds) -> list[_Right]:
    scope = f"/subscriptions/{subject.named.subscription}"
    rights = [
        _Right("Reader", scope, (), "reads what is there"),
        _Right("Storage Blob Data Reader", ids.container, ("container",), "reads the state"),
        _Right("", ids.key, ("key",), "decrypts the state's secrets"),
    ]
    if subject.in_cluster:
        # Once the cluster is there, a preview of the foundation asks for the kubeconfig, by an action that
        # Reader lacks (`foundation.aks`). Without local accounts the kubeconfig holds no credential.
        group = subject.resource_group_id
        rights.append(
            _Right(
                "Azure Kubernetes Service Cluster User Role",
                group,
                (),
                "previews what the foundation reads of the cluster; it enters no cluster",
                awaits=group,
                awaits_api=_GROUPS_API,
            )
        )
    return rights


def _deploying(subject: Subject, ids: StoreIds) -> list[_Right]:
    scope = f"/subscriptions/{subject.named.subscription}"
    rights = [
        _Right("Contributor", scope, (), "creates, changes and deletes resources"),
        _Right("Storage Blob Data Contributor", ids.container, ("container",), "reads and writes the state"),
        _Right("", ids.key, ("key",), "encrypts and decrypts the state's secrets"),
    ]
    if subject.assigned_roles:
        rights.append(
            _Right(
                "Role Based Access Control Administrator",
                scope,
                (),
                _assigns(subject),
                condition=assigning_condition(subject.assigned_roles, subject.group_roles),
            )
        )
    if subject.locks:
        rights.append(_Right("Locks Contributor", scope, (), "makes and removes delete locks"))
    if subject.in_cluster:
        rights.append(
            _Right("Azure Kubernetes Service RBAC Cluster Admin", scope, (), "deploys into the cluster")
        )
    around = subject.surroundings
    # In its own subscription the right to change resources is enough.
    if around is not None and around.network_id and not around.network_id.startswith(f"{scope}/"):
        rights.append(
            _Right(
                "Network Contributor",
                around.network_id,
                (),
                "peers the environment's network with the hub's",
                awaits=around.network_id,
                awaits_api=_NETWORK_API,
            )
        )
    if around is not None and not around.zones_group_id.startswith(f"{scope}/"):
        rights.append(
            _Right(
                "Private DNS Zone Contributor",
                around.zones_group_id,
                (),
                "registers private endpoints in zones that others own",
                awaits=around.zones_group_id,
                awaits_api=_GROUPS_API,
            )
        )
        if subject.landing is not None:
            rights.append(
                _Right(
                    "Role Based Access Control Administrator",
                    around.zones_group_id,
                    (),
                    "lets the cluster register a private API server there, and assigns no other role",
                    condition=assigning_condition(("Private DNS Zone Contributor",)),
                    awaits=around.zones_group_id,
                    awaits_api=_GROUPS_API,
                )
            )
    return rights


def _starting(subject: Subject) -> Iterator[_Right]:
    """Let a pipeline outside start what deploys from inside; the job acts as the hub's runner."""
    job = subject.surroundings.runner_job_id if subject.surroundings is not None else ""
    if job:
        yield _Right(
            "Container Apps Jobs Operator",
            job,
            (),
            "starts the hub's job that deploys from inside",
            awaits=job,
            awaits_api=_JOBS_API,
        )


def _identity(subject: Subject, use: str, arm_id: str, subjects: tuple[str, ...]) -> Iterator[Step]:
    name = arm_id.rpartition("/")[2]
    place = {"location": subject.named.region, "tags": dict(subject.tags)}
    yield Step(
        key=f"identity {use}",
        title=f"identity {name}",
        path=arm_id,
        api_version=IDENTITIES_API,
        body=fixed(place),
        after=("group", "provider Microsoft.ManagedIdentity"),
        pulumi_type="azure-native:managedidentity:UserAssignedIdentity",
        why="pipelines that look" if use == "preview" else "pipelines that deploy",
    )
    before = f"identity {use}"
    for each in subjects:
        credential = credential_name(each)
        issuer = issuer_of(each, subject.pipelines.devops_organisation_id)
        trust = {"issuer": issuer, "subject": each, "audiences": [AUDIENCE]}
        yield Step(
            key=f"credential {use} {credential}",
            title=f"federated credential of {each}",
            path=f"{arm_id}/federatedIdentityCredentials/{credential}",
            api_version=IDENTITIES_API,
            body=fixed({"properties": trust}),
            # One after the other: Azure refuses two writers of one identity's credentials.
            after=(before,),
            pulumi_type="azure-native:managedidentity:FederatedIdentityCredential",
            why=f"signs in with the token of {issuer}, without a secret",
        )
        before = f"credential {use} {credential}"


def _key_role(subject: Subject, names: BootstrapNames, ids: StoreIds) -> Step:
    """Define a role of its own, for every built-in one with the right to decrypt may change the key too."""
    scope = ids.group
    actions = [
        f"Microsoft.KeyVault/vaults/keys/{one}" for one in ("read", "encrypt/action", "decrypt/action")
    ]
    properties: dict[str, Any] = {
        "roleName": names.role,
        "description": "Encrypts and decrypts with the key of the stacks' secrets, and changes nothing.",
        "type": "CustomRole",
        "assignableScopes": [scope],
        "permissions": [{"actions": [], "notActions": [], "dataActions": actions, "notDataActions": []}],
    }
    del subject
    return Step(
        key="key role",
        title=f"role {names.role}",
        path=f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{_key_role_id(ids)}",
        api_version=_AUTHORIZATION_API,
        body=fixed({"properties": properties}),
        after=("group",),
        pulumi_type="azure-native:authorization:RoleDefinition",
        why="uses the key, and no more",
    )


def _key_role_id(ids: StoreIds) -> str:
    return str(uuid.uuid5(_ROLES, ids.group.lower()))


def _rights(use: str, principal: str, rights: list[_Right], ids: StoreIds) -> Iterator[Step]:
    identity = "runner" if use == "runner" else f"identity {use}"
    for right in rights:
        role = right.role or _key_role_id(ids)
        name = role_assignment_name(right.scope, role, principal)
        subscription = right.scope.split("/")[2]
        definition = BUILT_IN_ROLES.get(role, role)
        definition_id = (
            f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{definition}"
        )
        said = right.role or "use of the secrets' key"
        target = "the subscription" if right.scope.count("/") == 2 else right.scope.rpartition("/")[2]
        yield Step(
            key=f"right {use} {said} {target}",
            title=f"{said} on {target} for {use}",
            path=f"{right.scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
            api_version=_AUTHORIZATION_API,
            body=_assignment(identity, definition_id, right.condition),
            after=(identity, *right.after, *(() if right.role else ("key role",))),
            awaits=right.awaits,
            awaits_api=right.awaits_api,
            pulumi_type="azure-native:authorization:RoleAssignment",
            why=right.why,
            command=_command(identity, definition, right),
        )


def _assignment(identity: str, definition_id: str, condition: str) -> Body:
    def body(known: Known) -> Mapping[str, Any]:
        properties: dict[str, Any] = {
            "roleDefinitionId": definition_id,
            "principalId": known[identity]["properties"]["principalId"],
            # Without it Azure looks the principal up, and fails until a new identity is known everywhere.
            "principalType": "ServicePrincipal",
        }
        if condition:
            properties |= {"condition": condition, "conditionVersion": CONDITION_VERSION}
        return {"properties": properties}

    return body


def _assigns(subject: Subject) -> str:
    groups = f" and {len(subject.group_roles)} to groups" if subject.group_roles else ""
    roles = f"{len(subject.assigned_roles)} roles to service principals{groups}"
    return f"assigns the program's {roles}, no others"


def _command(identity: str, definition: str, right: _Right) -> Any:
    def command(known: Known) -> str:
        options = {
            "assignee_object_id": str(known[identity]["properties"]["principalId"]),
            "assignee_principal_type": "ServicePrincipal",
            "role": right.role or definition,
            "scope": right.scope,
        }
        if right.condition:
            options |= {"condition": right.condition, "condition_version": CONDITION_VERSION}
        return az_command("role", "assignment", "create", **options)

    return command
