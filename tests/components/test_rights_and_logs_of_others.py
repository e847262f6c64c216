"""What a spec gives to others: rights on single services, and every service's logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lakeplane.provider_models.arm import arm_id
from lakeplane.registration import check_inputs
from lakeplane.render import Graph, Resource
from lakeplane.roles import BUILT_IN_ROLES
from lakeplane_policies import Settings
from lakeplane_policies.judging import judge_all

ROLE = "azure-native:authorization:RoleAssignment"
SETTING = "azure-native:monitor:DiagnosticSetting"
SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
TEAM = "10ca1000-0000-4000-8000-00000000beef"
SIEM = (
    "/subscriptions/10ca1000-0000-4000-8000-0000000000cc/resourceGroups/rg-soc/providers/"
    "Microsoft.OperationalInsights/workspaces/log-soc"
)
# Service, role, and the resource that the right is on, by its name in the program.
RIGHTS = {
    "lake": ("Monitoring Reader", "lake-account"),
    "key_vault": ("Key Vault Secrets User", "vault-vault"),
    "registry": ("AcrPush", "registry-registry"),
    "databricks": ("Reader", "databricks-workspace"),
    "ml": ("AzureML Data Scientist", "ml-workspace"),
    "aks": ("Azure Kubernetes Service RBAC Reader", "aks-cluster"),
}
KEYS = (
    "encryption:\n  mode: customer_managed\n  databricks_principal: 00000000-0000-4000-8000-0000000000db\n"
    "  registry: customer_managed\n"
)
MORE = f"diagnostic_settings: [{{name: siem, log_workspace: {SIEM}}}]\nrole_assignments:\n" + "".join(
    f"  - {{service: {service}, role: {role}, principal_id: {TEAM}, principal_type: Group}}\n"
    for service, (role, _) in RIGHTS.items()
)


@pytest.fixture(scope="module")
def before(foundation: Callable[..., Graph]) -> Graph:
    return foundation("prod", KEYS)


@pytest.fixture(scope="module")
def after(foundation: Callable[..., Graph]) -> Graph:
    return foundation("prod", KEYS + MORE)


@pytest.fixture(scope="module")
def added(before: Graph, after: Graph) -> list[Resource]:
    known = {one.urn for one in before.resources}
    return [one for one in after.resources if one.urn not in known]


def test_nothing_that_was_there_changes(before: Graph, after: Graph) -> None:
    changed = {one.urn: one for one in after.resources}
    for one in before.resources:
        assert changed[one.urn].inputs == one.inputs
        assert changed[one.urn].protect == one.protect


def test_each_right_is_on_its_own_service(added: list[Resource], after: Graph) -> None:
    ids = {one.name: arm_id(one.type, one.inputs, SUBSCRIPTION) for one in after.resources if one.custom}
    given = {
        (one.inputs["roleDefinitionId"].rpartition("/")[2], one.inputs["scope"])
        for one in added
        if one.type == ROLE
    }
    assert given == {(BUILT_IN_ROLES[role], ids[name]) for role, name in RIGHTS.values()}
    grants = [one for one in added if one.type == ROLE]
    assert len({one.inputs["roleAssignmentName"] for one in grants}) == len(RIGHTS) == len(grants)
    assert {(one.inputs["principalId"], one.inputs["principalType"]) for one in grants} == {(TEAM, "Group")}


def test_whatever_sends_logs_sends_them_there_too(added: list[Resource], after: Graph) -> None:
    def logs(name: str) -> dict[str, tuple[list[object], object]]:
        return {
            one.inputs["resourceUri"]: (one.inputs["logs"], one.inputs.get("logAnalyticsDestinationType"))
            for one in after.of_type(SETTING)
            if one.inputs["name"] == name
        }

    assert len(logs("audit")) > 20
    assert logs("siem") == logs("audit")
    settings = [one for one in added if one.type == SETTING]
    assert {one.inputs["workspaceId"] for one in settings} == {SIEM}
    assert len(settings) + len(RIGHTS) == len(added), "nothing else comes"


def test_what_comes_is_accepted(added: list[Resource]) -> None:
    assert [each for one in added for each in check_inputs(one.type, one.inputs, one.name)] == []


def test_rules_find_nothing_more(before: Graph, after: Graph) -> None:
    def found(graph: Graph) -> set[tuple[str, str | None]]:
        settings = Settings(tier="prod", access_mode="allow_list")
        return {(one.code, one.resource) for one in judge_all(graph.resources, settings)}

    assert found(after) - found(before) == set()


def test_rules_judge_what_comes(after: Graph) -> None:
    """Only the role is another: the spec refuses it, and so would the rule."""
    grant = next(one for one in after.of_type(ROLE) if one.name.endswith("-grant"))
    owner = grant.inputs["roleDefinitionId"].rpartition("/")[0] + f"/{BUILT_IN_ROLES['Owner']}"
    worse = replace(grant, inputs={**grant.inputs, "roleDefinitionId": owner})
    assert "ID002" in {one.code for one in judge_all([worse], Settings(tier="prod"))}
