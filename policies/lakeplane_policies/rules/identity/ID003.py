"""Roles go to managed identities and groups.

A role given to one person stays when he changes his team. Without the kind of principal, Azure looks a new
identity up before the directory knows it, and the update fails.

Anti-pattern:

    RoleAssignment("ann", principal_id=person, principal_type="User")

Best practice:

    RoleAssignment("team", principal_id=group, principal_type="Group")

Documents: Microsoft Learn, "Troubleshoot Azure RBAC", section "Symptom: assigning a role to a new principal
sometimes fails".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ROLE_ASSIGNMENT

RULE = Rule(
    code="ID003",
    title="roles go to managed identities and groups",
    types=(ROLE_ASSIGNMENT,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("principalType", "ServicePrincipal", "Group"),
    remedy='set principal_type to "ServicePrincipal" or "Group"',
    sources=(
        "PSRule Azure.RBAC.UseGroups",
        "MCSB PA-1",
    ),
)
