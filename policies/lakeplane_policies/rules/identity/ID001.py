"""Broad roles stay inside a resource group.

Owner, Contributor and the roles that give roles, at a subscription or a management group, reach everything
in it, also what others build there later.

Anti-pattern:

    RoleAssignment("team", role_definition_id=contributor, scope=f"/subscriptions/{subscription}")

Best practice:

    RoleAssignment("team", role_definition_id=contributor, scope=resource_group.id)

Documents: Microsoft Learn, "Best practices for Azure RBAC".
"""

import re
from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import ROLE_ASSIGNMENT

# Microsoft Learn, "Azure built-in roles": Owner, Contributor, User Access Administrator, Role Based Access
# Control Administrator.
_BROAD = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
)
_WIDE = re.compile(
    r"/?|/subscriptions/[^/]+/?|/providers/microsoft\.management/managementgroups/.*", re.IGNORECASE
)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    role, scope = read(inputs, "roleDefinitionId"), read(inputs, "scope")
    broad = str(role).casefold().endswith(_BROAD)
    if scope is State.UNKNOWN and (broad or role is State.UNKNOWN):
        yield unknown("scope")
    elif isinstance(scope, str) and _WIDE.fullmatch(scope) and (broad or role is State.UNKNOWN):
        yield unknown("roleDefinitionId") if role is State.UNKNOWN else Violation(("scope",), show(scope))
    elif State.ABSENT in (role, scope):
        yield Violation(("scope",) if scope is State.ABSENT else ("roleDefinitionId",), NOT_SET)


RULE = Rule(
    code="ID001",
    title="broad roles stay inside a resource group",
    types=(ROLE_ASSIGNMENT,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="give the role at the resource group or at the resource",
    sources=(
        "PSRule Azure.RBAC.LimitOwner",
        "PSRule Azure.RBAC.LimitMGDelegation",
        "MCSB PA-7",
    ),
)
