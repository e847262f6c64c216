"""The condition under which a deployer may assign roles: these, to principals of these kinds, no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakeplane.roles import role_guid

__all__ = ["CONDITION_VERSION", "assigning_condition"]

CONDITION_VERSION = "2.0"
_TYPES = "Microsoft.Authorization/roleAssignments"


def assigning_condition(roles: Sequence[str], group_roles: Sequence[str] = ()) -> str:
    """Write the condition of an assignment of `Role Based Access Control Administrator`.

    Microsoft Learn, "Examples to delegate Azure role assignment management with conditions", example
    "Constrain roles and principal types".

    Args:
        roles: Roles that service principals may get, by name or GUID.
        group_roles: Roles that groups may get; none if left out.
    """
    kinds = {"ServicePrincipal": roles, "Group": group_roles}
    by_kind = {kind: ", ".join(sorted(map(role_guid, some))) for kind, some in kinds.items() if some}
    return f"{_clause('write', 'Request', by_kind)} AND {_clause('delete', 'Resource', by_kind)}"


def _clause(action: str, source: str, by_kind: Mapping[str, str]) -> str:
    limits = " OR ".join(
        f"(@{source}[{_TYPES}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{guids}}} AND "
        f"@{source}[{_TYPES}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{'{kind}'}})"
        for kind, guids in by_kind.items()
    )
    return f"((!(ActionMatches{{'{_TYPES}/{action}'}})) OR {limits})"
