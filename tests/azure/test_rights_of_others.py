"""What a spec gives to others, its deployer must be allowed to give: to groups and identities apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lakeplane.azure.bootstrap.condition import assigning_condition
from lakeplane.azure.bootstrap.subject import subject_of
from lakeplane.azure.preflight.from_plan import needs_of
from lakeplane.azure.preflight.results import State
from lakeplane.azure.preflight.rights import roles_allowed
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.roles import ASSIGNED_ROLES, BUILT_IN_ROLES
from lakeplane.spec import load_spec
from lakeplane.spec.template import starter

from .test_preflight import ask, conditional, needs_of_spec, only

OWN_ROLE = "10ca1000-0000-4000-8000-00000000a01e"
SIEM = (
    "/subscriptions/00000000-0000-4000-8000-0000000000cc/resourceGroups/rg-soc/providers/"
    "Microsoft.OperationalInsights/workspaces/log-soc"
)
NEAR = SIEM.replace("00000000-0000-4000-8000-0000000000cc", "00000000-0000-4000-8000-000000000001")
MORE = f"""
diagnostic_settings:
  - {{name: siem, log_workspace: {SIEM}}}
  - {{name: near, log_workspace: {NEAR}}}
role_assignments:
  - {{service: aks, role: Azure Kubernetes Service RBAC Reader, principal_id: &team {OWN_ROLE[:-4]}beef,
     principal_type: Group}}
  - {{service: ml, role: {OWN_ROLE}, principal_id: *team, principal_type: Group}}
  - {{service: registry, role: AcrDelete, principal_id: *team, principal_type: ServicePrincipal}}
""".replace("AcrDelete", BUILT_IN_ROLES["AcrPush"].upper())


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> EnvironmentPlan:
    spec = tmp_path_factory.mktemp("specs") / "plain.yaml"
    spec.write_text(starter("plain") + MORE)
    return plan_environment(load_spec(spec))


def test_roles_are_those_of_the_program_and_of_the_spec_each_by_one_name(plan: EnvironmentPlan) -> None:
    assert plan.assigned_roles("ServicePrincipal") == tuple(sorted(ASSIGNED_ROLES)), "AcrPush is one of them"
    assert plan.assigned_roles("Group") == (OWN_ROLE, "Azure Kubernetes Service RBAC Reader")


def test_condition_lets_each_role_be_given_to_its_own_kind_alone(plan: EnvironmentPlan) -> None:
    subject = subject_of(plan)
    condition = assigning_condition(subject.assigned_roles, subject.group_roles)
    every = (*BUILT_IN_ROLES, OWN_ROLE)
    assert set(roles_allowed(condition, every) or ()) == set(ASSIGNED_ROLES)
    assert set(roles_allowed(condition, every, "Group") or ()) == set(plan.assigned_roles("Group"))
    assert roles_allowed(condition, every, "User") == ()
    assert condition.count("(") == condition.count(")")
    assert condition.count("{'Group'}") == condition.count("{'ServicePrincipal'}") == 2
    assert assigning_condition(ASSIGNED_ROLES, ()) == assigning_condition(ASSIGNED_ROLES), "else it stays"
    assert "Group" not in assigning_condition(ASSIGNED_ROLES)


def test_limits_that_must_both_hold_are_not_read_as_either() -> None:
    """Two that stand side by side widen each other; joined by AND they would narrow each other."""
    condition = assigning_condition(("AcrPull",), ("Reader",))
    assert roles_allowed(condition, ("AcrPull",)) == ("AcrPull",)
    assert roles_allowed(condition.replace("}) OR (@Request", "}) AND (@Request"), ("AcrPull",)) is None


def test_deployer_without_the_right_to_give_to_groups_is_told(plan: EnvironmentPlan) -> None:
    needs = replace(needs_of_spec("dev"), group_roles=plan.assigned_roles("Group"))
    lacking = only(ask(needs, conditional(assigning_condition(needs.roles))))
    assert (lacking.code, lacking.state) == ("PRF021", State.MISSING)
    assert "Azure Kubernetes Service RBAC Reader (to groups)" in lacking.found
    assert f"{OWN_ROLE} (to groups)" in lacking.found
    enough = ask(needs, conditional(assigning_condition(needs.roles, needs.group_roles)))
    assert [one.state for one in enough if one.code == "PRF021"] == [State.OK]


def test_a_log_workspace_elsewhere_asks_for_a_right_there(plan: EnvironmentPlan) -> None:
    needs = needs_of(plan)
    assert needs.group_roles == plan.assigned_roles("Group")
    assert [(one.scope, one.action) for one in needs.elsewhere] == [
        (SIEM, "Microsoft.OperationalInsights/workspaces/sharedKeys/action")
    ], "in the subscription itself whoever may change resources may do this too"
