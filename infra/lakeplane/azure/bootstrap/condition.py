"""The condition under which a deployer may assign roles: these, to service principals, and no others."""

from __future__ import annotations

from collections.abc import Sequence

from lakeplane.roles import BUILT_IN_ROLES

__all__ = ["CONDITION_VERSION", "assigning_condition"]

CONDITION_VERSION = "2.0"
_TYPES = "Microsoft.Authorization/roleAssignments"


def assigning_condition(roles: Sequence[str]) -> str:
    """Write the condition of an assignment of `Role Based Access Control Administrator`.

    Microsoft Learn, "Examples to delegate Azure role assignment management with conditions", example
    "Constrain roles and principal types".

    Args:
        roles: Names of built-in roles.
    """
    guids = ", ".join(sorted(BUILT_IN_ROLES[role] for role in roles))
    return f"{_clause('write', 'Request', guids)} AND {_clause('delete', 'Resource', guids)}"


def _clause(action: str, source: str, guids: str) -> str:
    return (
        f"((!(ActionMatches{{'{_TYPES}/{action}'}})) OR "
        f"(@{source}[{_TYPES}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{guids}}} AND "
        f"@{source}[{_TYPES}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{'ServicePrincipal'}}))"
    )
