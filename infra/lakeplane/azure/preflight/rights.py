"""Whether whoever deploys may: create resources, lock them, and assign the program's roles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.results import Result, State, not_checked
from lakeplane.roles import BUILT_IN_ROLES, role_guid

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight.needs import Needs
    from lakeplane.azure.sign_in import Caller

__all__ = ["allows", "check_rights", "roles_allowed"]

_AREA = "rights"
_ASSIGN = "Microsoft.Authorization/roleAssignments/write"
_ASSIGNING_ROLES = {
    BUILT_IN_ROLES[name]
    for name in ("Owner", "User Access Administrator", "Role Based Access Control Administrator")
}
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LIMIT = re.compile(
    r"@Request\[Microsoft\.Authorization/roleAssignments:RoleDefinitionId\]\s*"
    r"(ForAnyOfAnyValues:GuidEquals|ForAnyOfAllValues:GuidNotEquals)\s*{([^}]*)}"
    r"(?:\s*AND\s*@Request\[Microsoft\.Authorization/roleAssignments:PrincipalType\]\s*"
    r"ForAnyOfAnyValues:StringEqualsIgnoreCase\s*{([^}]*)})?",
    re.IGNORECASE,
)
_NEXT_LIMIT = re.compile(r"\)\s*OR\s*\(", re.IGNORECASE)


def check_rights(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Ask which actions the caller may do on the subscription, and under which conditions."""
    scope = f"/subscriptions/{needs.subscription_id}"
    try:
        # Microsoft Learn, "Permissions - List For Resource Group"; the same route at a subscription is in
        # "Use Resource Manager authentication API to access subscriptions".
        entries = list(client.list(f"{scope}/providers/Microsoft.Authorization/permissions", "2022-04-01"))
    except AzureError as error:
        return (not_checked(_AREA, scope, error),)
    return (*_each(client, needs, caller, entries), *_elsewhere(client, needs, caller))


def allows(entries: Sequence[Mapping[str, Any]], action: str) -> bool:
    """Tell whether any entry grants an action that it doesn't take away itself."""
    return any(
        _matches(entry.get("actions"), action) and not _matches(entry.get("notActions"), action)
        for entry in entries
    )


def roles_allowed(
    condition: str, roles: Sequence[str], principal_type: str = "ServicePrincipal"
) -> tuple[str, ...] | None:
    """Tell which of some roles a condition lets be assigned; None if it isn't of the documented form.

    Microsoft Learn, "Examples to delegate Azure role assignment management with conditions". Of several
    limits only such are read as stand side by side, each with its own kind of principal.

    Args:
        condition: The condition.
        roles: Roles, by name or GUID.
        principal_type: The kind of principal that is to get them; `ServicePrincipal` if left out.
    """
    limits = list(_LIMIT.finditer(condition))
    between = [condition[one.end() : other.start()] for one, other in pairwise(limits)]
    if not limits or "PrincipalId]" in condition or not all(map(_NEXT_LIMIT.fullmatch, between)):
        return None
    allowed: set[str] = set()
    for operator, values, kinds in (limit.groups() for limit in limits):
        if kinds is None or principal_type.lower() in re.findall(r"\w+", kinds.lower()):
            named = {guid.lower() for guid in re.findall(_GUID, values)}
            only_these = operator.lower().endswith(":guidequals")
            allowed |= {role for role in roles if (role_guid(role) in named) is only_these}
    return tuple(role for role in roles if role in allowed)


def _each(
    client: Client, needs: Needs, caller: Caller, entries: Sequence[Mapping[str, Any]]
) -> Iterator[Result]:
    scope = f"/subscriptions/{needs.subscription_id}"
    for action in needs.actions:
        if not allows(entries, action):
            role = _role_for(action)
            yield Result(
                code="PRF020",
                area=_AREA,
                subject=action,
                state=State.MISSING,
                found="not allowed on the subscription",
                remedy=f"have the role {role} assigned, or run `lakeplane bootstrap {needs.name}` once as "
                f"somebody who may: {_assign(caller, role, scope)}",
            )
        elif action == _ASSIGN:
            yield _conditions(client, needs, caller, scope)
        else:
            yield Result(code="PRF020", area=_AREA, subject=action, state=State.OK, found="allowed")


def _elsewhere(client: Client, needs: Needs, caller: Caller) -> Iterator[Result]:
    """Ask for the rights on what others own: a hub's network, and private DNS zones."""
    for one in needs.elsewhere:
        subject = f"{one.action} on {one.scope.rpartition('/')[2]}"
        path = f"{one.scope}/providers/Microsoft.Authorization/permissions"
        try:
            allowed = allows(list(client.list(path, "2022-04-01")), one.action)
        except AzureError as error:
            yield not_checked(_AREA, subject, error)
            continue
        yield Result(
            code="PRF022",
            area=_AREA,
            subject=subject,
            state=State.OK if allowed else State.MISSING,
            found="allowed" if allowed else "not allowed",
            remedy="" if allowed else f"have its owner run: {_assign(caller, one.role, one.scope)}",
        )


def _assign(caller: Caller, role: str, scope: str) -> str:
    kind = "User" if caller.is_user else "ServicePrincipal"
    return (
        f"az role assignment create --assignee-object-id {caller.object_id or 'YOUR-OBJECT-ID'} "
        f"--assignee-principal-type {kind} --role '{role}' --scope {scope}"
    )


def _conditions(client: Client, needs: Needs, caller: Caller, scope: str) -> Result:
    """Look whether conditions keep the caller from assigning one of the program's roles."""
    if not caller.object_id:
        error = AzureError(
            0, "NoObjectId", "the token doesn't say who asks, so conditions cannot be looked up"
        )
        return not_checked(_AREA, f"{_ASSIGN}, conditions", error)
    try:
        held = list(
            client.list(
                f"{scope}/providers/Microsoft.Authorization/roleAssignments",
                "2022-04-01",
                _filter=f"assignedTo('{caller.object_id}')",
            )
        )
    except AzureError as error:
        return not_checked(_AREA, f"{_ASSIGN}, conditions", error)
    properties = [one.get("properties") or {} for one in held]
    granting = [one for one in properties if _grants(one) and _covers(one, scope)]
    if not granting or not all(one.get("condition") for one in granting):
        # Granted without a condition, or by a role that is none of Azure's own.
        return Result(code="PRF021", area=_AREA, subject=_ASSIGN, state=State.OK, found="allowed")
    asked = {"ServicePrincipal": needs.roles, "Group": needs.group_roles}
    allowed: set[tuple[str, str]] = set()
    unread: list[str] = []
    for one in granting:
        condition = str(one["condition"])
        for kind, roles in asked.items():
            found = roles_allowed(condition, roles, kind)
            if found is None:
                unread.append(" ".join(condition.split()))
            else:
                allowed |= {(kind, role) for role in found}
    lacking = [
        role if kind == "ServicePrincipal" else f"{role} (to groups)"
        for kind, roles in asked.items()
        for role in roles
        if (kind, role) not in allowed
    ]
    if not lacking:
        return Result(
            code="PRF021",
            area=_AREA,
            subject=_ASSIGN,
            state=State.OK,
            found="allowed under a condition, for all "
            f"{len(needs.roles) + len(needs.group_roles)} roles of the program",
        )
    return Result(
        code="PRF021",
        area=_AREA,
        subject=_ASSIGN,
        state=State.NOT_CHECKED if unread else State.MISSING,
        found=f"a condition that is not read here: {unread[0]}"
        if unread
        else f"a condition forbids to assign {', '.join(lacking)}",
        remedy=f"have the condition of `lakeplane bootstrap {needs.name}` put in its place",
    )


def _matches(patterns: Any, action: str) -> bool:
    return any(
        re.fullmatch(re.escape(str(pattern)).replace(r"\*", ".*"), action, re.IGNORECASE)
        for pattern in patterns or ()
    )


def _grants(properties: Mapping[str, Any]) -> bool:
    """Tell whether an assignment gives the right to assign: by one of Azure's roles, or by its condition."""
    role = str(properties.get("roleDefinitionId", "")).rpartition("/")[2].lower()
    return role in _ASSIGNING_ROLES or _ASSIGN.lower() in str(properties.get("condition") or "").lower()


def _covers(properties: Mapping[str, Any], scope: str) -> bool:
    """Tell whether an assignment holds on the whole subscription: made there, or on a group above it."""
    there = str(properties.get("scope", "")).lower().rstrip("/")
    return there in ("", scope.lower()) or "/managementgroups/" in there


def _role_for(action: str) -> str:
    if action.startswith("Microsoft.Authorization/locks"):
        return "Locks Contributor"
    return "Role Based Access Control Administrator" if action == _ASSIGN else "Contributor"
