"""The roles that a deployer may assign are those that the program assigns, no more and no fewer."""

from __future__ import annotations

from pathlib import Path

from lakeplane.preview import preview_environment
from lakeplane.roles import ASSIGNED_ROLES, BUILT_IN_ROLES

SPECS = Path(__file__).parents[2] / "stacks" / "environments"


def test_program_assigns_the_roles_of_the_condition_to_service_principals() -> None:
    assigned = [
        one.resource.inputs
        for spec in ("examples/max.yaml", "prod.yaml")
        for one in preview_environment(SPECS / spec, "foundation").resources
        if one.resource.type.endswith(":RoleAssignment")
    ]
    guids = {str(one["roleDefinitionId"]).rpartition("/")[2] for one in assigned}
    unused = {role for role in ASSIGNED_ROLES if BUILT_IN_ROLES[role] not in guids}
    assert guids <= {BUILT_IN_ROLES[role] for role in ASSIGNED_ROLES}
    assert not unused
    assert {one["principalType"] for one in assigned} == {"ServicePrincipal"}


def test_hub_assigns_none() -> None:
    preview = preview_environment(SPECS / "hub.yaml")
    assert not [one for one in preview.resources if one.resource.type.endswith(":RoleAssignment")]
