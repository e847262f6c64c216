"""ML workspaces act as an identity that somebody gave roles.

With an identity of its own making, a workspace gets broad roles by itself; a user-assigned one has what it
was given, before the workspace exists.

Anti-pattern:

    Workspace("ml", identity=ManagedServiceIdentityArgs(type="SystemAssigned"))

Best practice:

    Workspace(
        "ml",
        identity=ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[identity.id]),
        primary_user_assigned_identity=identity.id,
    )

Documents: Microsoft Learn, "Set up authentication between Azure Machine Learning and other services".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, must_be
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import ML_WORKSPACE

_TYPE = must_be("identity.type", "UserAssigned")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _TYPE(inputs, settings)
    # An id that is known later is one that will be there.
    if read(inputs, "primaryUserAssignedIdentity") is State.ABSENT:
        yield Violation(("primaryUserAssignedIdentity",), NOT_SET)


RULE = Rule(
    code="ML004",
    title="ML workspaces act as an identity that somebody gave roles",
    types=(ML_WORKSPACE,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy='set identity.type="UserAssigned" and primary_user_assigned_identity',
    sources=(
        "PSRule Azure.ML.UserManagedIdentity",
        "MCSB IM-3",
    ),
)
