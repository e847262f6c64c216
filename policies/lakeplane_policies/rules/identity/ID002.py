"""No environment gives the right to give rights.

Whoever may assign roles may assign himself any. A workload that can is one stolen token away from owning the
environment.

Anti-pattern:

    RoleAssignment("job", role_definition_id=owner, scope=resource_group.id)

Best practice:

    RoleAssignment("job", role_definition_id=storage_blob_data_contributor, scope=container.id)

Documents: Microsoft Learn, "Best practices for Azure RBAC".
"""

from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ROLE_ASSIGNMENT

# Microsoft Learn, "Azure built-in roles": Owner, User Access Administrator, Role Based Access Control
# Administrator.
_GIVERS = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
)


RULE = Rule(
    code="ID002",
    title="no environment gives the right to give rights",
    types=(ROLE_ASSIGNMENT,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must("roleDefinitionId", lambda role: not str(role).casefold().endswith(_GIVERS)),
    remedy="give a role that names what is needed; let the landing zone assign the rest",
    sources=(
        "PSRule Azure.RBAC.LimitOwner",
        "MCSB PA-1",
    ),
)
