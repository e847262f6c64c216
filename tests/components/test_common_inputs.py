"""The common inputs: each works in the same way on every component whose service has it.

Their names are those of the Azure Verified Modules, specification RMFR4. The table in `infra/README.md` is
written from the components' arguments.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi_azure_native import managedidentity

from lakeplane import components
from lakeplane.components.databricks_encryption import DatabricksKeys
from lakeplane.components.diagnostics import DiagnosticTarget
from lakeplane.components.encryption_keys import CustomerManagedKey
from lakeplane.components.managed_identities import ManagedIdentities
from lakeplane.components.placement import Placement
from lakeplane.components.private_endpoints import PrivateEndpointSettings
from lakeplane.components.role_assignments import RoleGrant
from lakeplane.errors import PlanError
from lakeplane.layout import EnvironmentLayout
from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resources
from lakeplane.local.simulators.model import Scene, Target
from lakeplane.local.simulators.registry import find_failures, model_of
from lakeplane.local.store import Store
from lakeplane.registration import check_inputs
from lakeplane.render import Graph, Resource
from lakeplane.roles import BUILT_IN_ROLES
from lakeplane_policies import Settings
from lakeplane_policies.judging import as_resource, judge_resource

from .common_cases import CASES, ELSEWHERE, GROUP, INPUTS, SUBNET, encryption_key, identity

README = Path(__file__).parents[2] / "infra" / "README.md"
BEGIN, END = "<!-- common inputs: begin -->\n", "<!-- common inputs: end -->\n"

OTHERS = "/subscriptions/10ca1000-0000-4000-8000-000000000009/resourceGroups/rg-soc/providers"
SIEM = f"{OTHERS}/Microsoft.OperationalInsights/workspaces/log-soc"
ARCHIVE = f"{OTHERS}/Microsoft.Storage/storageAccounts/starchive"
HUB_RULE = f"{OTHERS}/Microsoft.EventHub/namespaces/evhns-soc/authorizationRules/send"
PEOPLE = "10ca1000-0000-4000-8000-00000000beef"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.example"

LOCK = "azure-native:authorization:ManagementLockByScope"
ROLE = "azure-native:authorization:RoleAssignment"
SETTING = "azure-native:monitor:DiagnosticSetting"
ENDPOINT = "azure-native:network:PrivateEndpoint"
NAMES = "azure-native:network:PrivateDnsZoneGroup"

_NOTHING_KEPT = "it keeps nothing"
_NO_IDENTITY = "the service has none"
# Why a component lacks an input.
LEFT_OUT: Mapping[tuple[str, str], str] = {
    ("AccessConnector", "diagnostic_settings"): "it has no logs; the lake's tell what it did",
    ("AccessConnector", "private_endpoints"): "nobody calls it",
    ("AccessConnector", "customer_managed_key"): _NOTHING_KEPT,
    ("AksCluster", "private_endpoints"): "its API server stands in the network itself",
    ("DatabricksWorkspace", "managed_identities"): "it acts through its access connector",
    (
        "HubNetwork",
        "role_assignments",
    ): "who uses a subnet gets the right there, from the component that uses it",
    ("HubNetwork", "private_endpoints"): "endpoints stand in it",
    ("HubNetwork", "customer_managed_key"): _NOTHING_KEPT,
    ("HubNetwork", "managed_identities"): _NO_IDENTITY,
    ("KeyVault", "customer_managed_key"): "it is where the keys are",
    ("KeyVault", "managed_identities"): _NO_IDENTITY,
    ("LogWorkspace", "private_endpoints"): "they lead to a private link scope, which nothing here makes",
    ("LogWorkspace", "customer_managed_key"): "needs a cluster of Azure Monitor's of one's own",
    ("LogWorkspace", "managed_identities"): "nothing here would act with one",
    ("MlEndpoint", "lock"): "its deployments, which come and go, would inherit it",
    ("MlEndpoint", "private_endpoints"): "callers come through the workspace's",
    ("MlEndpoint", "customer_managed_key"): "models lie in the workspace's account",
    (
        "Network",
        "role_assignments",
    ): "who uses a subnet gets the right there, from the component that uses it",
    ("Network", "private_endpoints"): "endpoints stand in it",
    ("Network", "customer_managed_key"): _NOTHING_KEPT,
    ("Network", "managed_identities"): _NO_IDENTITY,
}


def taking(name: str) -> list[str]:
    """Return the components that take an input under its common name."""
    return [component for component, case in CASES.items() if case.takes(name) == name]


def args_classes() -> Iterator[type]:
    for info in pkgutil.iter_modules(components.__path__):
        module = importlib.import_module(f"lakeplane.components.{info.name}")
        for cls in vars(module).values():
            if isinstance(cls, type) and cls.__module__ == module.__name__ and cls.__name__.endswith("Args"):
                yield cls


Rendered = Callable[..., Graph]


@pytest.fixture
def made(placement: Placement, render_component: Callable[..., Graph]) -> Rendered:
    """Render a component, with common inputs if given: values, or functions that return them."""

    def run(component: str, **more: Any) -> Graph:
        def program() -> None:
            given = {key: value() if callable(value) else value for key, value in more.items()}
            CASES[component].make(placement, **given)

        return render_component(program)

    return run


@pytest.fixture
def compare(made: Rendered, tmp_path: Path) -> Callable[..., tuple[Graph, list[Resource]]]:
    """Render with and without an input; return the graph with it, and what came with it."""

    def run(component: str, changed: str = "", **more: Any) -> tuple[Graph, list[Resource]]:
        graph, before = made(component, **more), made(component)
        known = {one.urn: one for one in before.resources}
        after = {one.urn: one for one in graph.resources}
        assert set(known) <= set(after), "what was there keeps its URN"
        for urn, one in known.items():
            if one.type != changed:
                assert after[urn].inputs == one.inputs
        for one in graph.resources:
            if one.package == "azure-native":
                assert list(check_inputs(one.type, one.inputs, one.name)) == []
                assert simulated(tmp_path, one) == []
        return graph, [one for urn, one in after.items() if urn not in known]

    return run


def simulated(root: Path, one: Resource) -> list[tuple[str, str]]:
    """Return what the simulated provider finds wrong in a resource."""
    places = CloudPlaces(EnvironmentLayout(root))
    store = Store(places.store)
    try:
        model = model_of(one.type)
        assert model is not None
        target = Target(one.type, one.urn, one.inputs)
        failures = find_failures(Scene(Resources(store), places), model, target)
        return [(failure.path, failure.reason) for failure in failures]
    finally:
        store.close()


def component_urn(graph: Graph) -> str:
    (urn,) = (one.urn for one in graph.resources if one.type.startswith("lakeplane:") and one.name == "x")
    return urn


def test_every_component_with_common_inputs_is_looked_at() -> None:
    found = {
        cls.__name__.removesuffix("Args")
        for cls in args_classes()
        if {"lock", "diagnostic_settings", "role_assignments", "private_endpoints"}
        & {field.name for field in dataclasses.fields(cls)}
    }
    assert found == set(CASES)


@pytest.mark.parametrize("component", CASES)
def test_tags_are_those_of_the_placement(made: Rendered, placement: Placement, component: str) -> None:
    graph = made(component)
    main = next(graph.of_type(CASES[component].main))
    assert main.inputs["tags"] == placement.tags


@pytest.mark.parametrize("component", taking("lock"))
def test_lock_stands_on_the_resource(compare: Any, component: str) -> None:
    graph, (lock,) = compare(component, lock=True)
    assert lock.type == LOCK
    assert lock.parent == component_urn(graph)
    assert lock.inputs["level"] == "CanNotDelete"
    wanted = ELSEWHERE.get((component, "lock"), CASES[component].arm_id)
    assert lock.inputs["scope"] == f"{GROUP}/providers/{wanted}"
    assert lock.property_dependencies["scope"], "waits for the resource"
    assert "lakeplane destroy --unprotect" in lock.inputs["notes"]


@pytest.mark.parametrize("component", taking("diagnostic_settings"))
def test_logs_go_to_every_target_as_they_go_to_the_first(compare: Any, component: str) -> None:
    targets = [
        DiagnosticTarget(name="siem", log_workspace_id=SIEM),
        DiagnosticTarget(name="archive", storage_account_id=ARCHIVE),
        DiagnosticTarget(name="stream", event_hub_authorization_rule_id=HUB_RULE, event_hub_name="platform"),
    ]
    graph, more = compare(component, diagnostic_settings=targets)
    own = [one for one in graph.of_type(SETTING) if one.inputs["name"] == "audit"]
    assert own or component == "AksCluster", "AksMonitoring sends a cluster's"
    about = {one.inputs["resourceUri"] for one in own} or {f"{GROUP}/providers/{CASES[component].arm_id}"}
    assert len(more) == 3 * len(about)
    assert {one.parent for one in more} == {component_urn(graph)}
    for resource in about:
        mine = {one.inputs["name"]: one for one in more if one.inputs["resourceUri"] == resource}
        first = next((one.inputs for one in own if one.inputs["resourceUri"] == resource), None)
        for one in mine.values():
            assert one.property_dependencies["resourceUri"]
            assert first is None or one.inputs["logs"] == first["logs"]
            assert all(log["enabled"] for log in one.inputs["logs"])
        siem, archive, stream = (mine[name].inputs for name in ("siem", "archive", "stream"))
        assert siem["workspaceId"] == SIEM
        if first is not None:
            assert siem.get("logAnalyticsDestinationType") == first.get("logAnalyticsDestinationType")
        assert archive["storageAccountId"] == ARCHIVE
        assert (stream["eventHubAuthorizationRuleId"], stream["eventHubName"]) == (HUB_RULE, "platform")
        for one in (archive, stream):
            assert not {"workspaceId", "logAnalyticsDestinationType"} & set(one)


def test_a_clusters_further_settings_have_the_categories_of_its_first(made: Rendered, local: Any) -> None:
    target = [DiagnosticTarget(name="siem", log_workspace_id=SIEM)]
    setting = next(made("AksCluster", diagnostic_settings=target).of_type(SETTING)).inputs
    first = next(
        one for one in local["foundation"].of_type(SETTING) if one.name.endswith("control-plane-log")
    )
    assert setting["logs"] == first.inputs["logs"]
    assert setting["logAnalyticsDestinationType"] == first.inputs["logAnalyticsDestinationType"]


@pytest.mark.parametrize("component", taking("role_assignments"))
def test_rights_are_given_on_the_resource_alone(compare: Any, component: str) -> None:
    own_role = "10ca1000-0000-4000-8000-00000000a01e"
    if component == "DataLake":  # which takes no role whose content nobody knows
        own_role = BUILT_IN_ROLES["Monitoring Reader"]
    grants: Any = lambda: [  # noqa: E731 - an identity's outputs are made inside the program
        RoleGrant(role="Reader", principal_id=PEOPLE, principal_type="Group"),
        RoleGrant(
            role=own_role.upper(),
            principal_id=identity("id-x").principal_id,
            principal_type="ServicePrincipal",
            principal=identity("id-x").arm_id,
        ),
    ]
    graph, more = compare(component, role_assignments=grants)
    assert [one.type for one in more] == [ROLE, ROLE]
    assert {one.parent for one in more} == {component_urn(graph)}
    by_kind = {one.inputs["principalType"]: one for one in more}
    people, application = by_kind["Group"].inputs, by_kind["ServicePrincipal"].inputs
    for one in more:
        assert one.inputs["scope"] == f"{GROUP}/providers/{CASES[component].arm_id}"
        assert one.property_dependencies["scope"], "waits for the resource"
        assert one.name.startswith("x-")
        assert one.name.endswith("-grant")
    assert people["roleDefinitionId"].endswith(f"/{BUILT_IN_ROLES['Reader']}")
    assert people["principalId"] == PEOPLE
    assert application["roleDefinitionId"].endswith(f"/{own_role}")
    assert application["principalId"] == "principal-id-x"


@pytest.mark.parametrize("component", taking("private_endpoints"))
def test_private_endpoints_lead_to_the_resource(compare: Any, component: str) -> None:
    groups = CASES[component].groups
    wanted = [
        PrivateEndpointSettings(
            endpoint_name=f"pep-{number}", group=group, subnet_id=SUBNET, private_dns_zone_ids=[ZONE]
        )
        for number, group in enumerate(groups)
    ]
    graph, more = compare(component, private_endpoints=wanted)
    endpoints = [one for one in more if one.type == ENDPOINT]
    names = [one for one in more if one.type == NAMES]
    assert len(endpoints) == len(names) == len(groups) > 0
    made_of = [one for one in more if one.type == "lakeplane:network:PrivateEndpoint"]
    assert {one.parent for one in made_of} == {component_urn(graph)}
    for number, one in enumerate(endpoints):
        (connection,) = one.inputs["privateLinkServiceConnections"]
        assert connection["privateLinkServiceId"] == f"{GROUP}/providers/{CASES[component].arm_id}"
        assert connection["groupIds"] == [groups[number]]
        assert one.inputs["subnet"]["id"] == SUBNET
        assert one.inputs["tags"] == {"environment": "test"}
    assert all(one.inputs["privateDnsZoneConfigs"][0]["privateDnsZoneId"] == ZONE for one in names)


@pytest.mark.parametrize("component", taking("customer_managed_key"))
def test_a_key_encrypts_and_its_right_comes_first(compare: Any, component: str) -> None:
    def key() -> CustomerManagedKey:
        # Whatever it is, the service waits for it.
        right = managedidentity.UserAssignedIdentity(
            "right", resource_name_="id-right", resource_group_name="rg-test", location="westeurope"
        )
        return CustomerManagedKey(encryption_key("k"), identity("id-key"), right)

    store = "azure-native:storage:StorageAccount"
    type_ = CASES[component].main if component != "MlWorkspace" else store
    graph, more = compare(component, changed=type_, customer_managed_key=key)
    assert [one.name for one in more] == ["right"]
    resource = graph.one(type_)
    assert more[0].urn in resource.dependencies
    assert "kv-keys.vault.azure.net" in str(resource.inputs["encryption"])
    assert "id-key" in str(resource.inputs["identity"])


def test_databricks_takes_a_key_for_each_use(compare: Any) -> None:
    def keys() -> DatabricksKeys:
        return DatabricksKeys(
            services=encryption_key("services"),
            disks=encryption_key("disks"),
            root=encryption_key("root"),
            application_principal=PEOPLE,
        )

    type_ = CASES["DatabricksWorkspace"].main
    graph, more = compare("DatabricksWorkspace", changed=type_, customer_managed_keys=keys)
    assert [one.type for one in more] == [ROLE] * 3
    assert "kv-keys" in str(graph.one(type_).inputs["encryption"])


@pytest.mark.parametrize("component", taking("managed_identities"))
@pytest.mark.parametrize("system", [False, True])
def test_identities_come_beside_the_components_own(compare: Any, component: str, system: bool) -> None:
    def wanted() -> ManagedIdentities:
        return ManagedIdentities(system_assigned=system, user_assigned=[identity("id-more")])

    type_ = CASES[component].main
    graph, more = compare(component, changed=type_, managed_identities=wanted)
    assert more == []
    given = graph.one(type_).inputs["identity"]
    users = given["userAssignedIdentities"]
    arm_ids = [one.rpartition("/")[2] for one in users]
    assert arm_ids == (["id-ml", "id-more"] if component == "MlWorkspace" else ["id-more"])
    kinds = given["type"].replace(" ", "").split(",")
    assert kinds == (
        ["SystemAssigned", "UserAssigned"] if system or component == "AccessConnector" else kinds[-1:]
    )
    assert kinds[-1] == "UserAssigned"


def test_a_registrys_two_kinds_are_spelled_as_the_service_does(made: Rendered) -> None:
    both: Any = lambda: ManagedIdentities(system_assigned=True, user_assigned=[identity("a")])  # noqa: E731 - see above
    registry = made("ContainerRegistry", managed_identities=both).one(CASES["ContainerRegistry"].main)
    assert registry.inputs["identity"]["type"] == "SystemAssigned, UserAssigned"


@pytest.mark.parametrize("component", sorted(set(taking("role_assignments")) - {"DataLake"}))
def test_rules_still_notice_a_broad_right(made: Rendered, component: str) -> None:
    """Asking for one through a component makes it no better; the lake refuses these by itself."""

    def given(role: str) -> set[str]:
        grants = [RoleGrant(role=role, principal_id=PEOPLE, principal_type="Group")]
        return violations(made(component, role_assignments=grants))

    assert given("Reader") == set()
    assert given("Owner") == given("User Access Administrator") == {"ID002"}


def violations(graph: Graph) -> set[str]:
    """Return the codes of the rules about rights that something breaks."""
    resources = [as_resource(one) for one in graph.of_type(ROLE)]
    found = [one.rule.code for each in resources for one in judge_resource(each, Settings(tier="prod"))]
    return set(found)


@pytest.mark.parametrize(
    "role",
    [
        "Storage Blob Data Reader",
        BUILT_IN_ROLES["Storage Blob Data Owner"].upper(),
        "Storage Queue Data Message Sender",
        "Reader and Data Access",
        "Contributor",
        "Owner",
    ],
)
def test_lake_rejects_a_right_that_leads_to_its_data(made: Rendered, role: str) -> None:
    with pytest.raises(PlanError) as refused:
        made("DataLake", role_assignments=[RoleGrant(role=role, principal_id=PEOPLE, principal_type="Group")])
    assert [one.code for one in refused.value.findings] == ["PLN008"]


def test_a_role_that_nobody_knows_is_rejected(made: Rendered) -> None:
    grant = RoleGrant(role="Keyvault Reader", principal_id=PEOPLE, principal_type="Group")
    with pytest.raises(PlanError) as refused:
        made("KeyVault", role_assignments=[grant])
    (found,) = refused.value.findings
    assert (found.code, found.resource) == ("PLN007", "x")
    assert "'Keyvault Reader'" in found.detail


def test_an_identity_that_is_known_later_needs_a_name_of_its_own(made: Rendered) -> None:
    later: Any = lambda: [  # noqa: E731 - see above
        RoleGrant(role="Reader", principal_id=identity("i").principal_id, principal_type="ServicePrincipal")
    ]
    with pytest.raises(PlanError) as refused:
        made("KeyVault", role_assignments=later)
    assert [one.code for one in refused.value.findings] == ["PLN009"]


@pytest.mark.parametrize("wrong", [{"name": "audit", "log_workspace_id": SIEM}, {"name": "siem"}])
def test_a_setting_that_azure_would_refuse_is_rejected(wrong: dict[str, Any]) -> None:
    with pytest.raises(PlanError) as refused:
        DiagnosticTarget(**wrong)
    assert [one.code for one in refused.value.findings] == ["PLN010"]


def test_two_rights_of_one_principal_are_two_resources(made: Rendered) -> None:
    grants = [
        RoleGrant(role=role, principal_id=PEOPLE, principal_type="Group")
        for role in ("Key Vault Reader", "Key Vault Secrets User")
    ]
    assert len(list(made("KeyVault", role_assignments=grants).of_type(ROLE))) == 2


def test_the_table_names_every_common_input() -> None:
    """`UPDATE_GOLDEN=1` writes it anew."""
    rows, reasons = [], []
    for component, case in sorted(CASES.items()):
        cells = []
        for name in INPUTS:
            field = case.takes(name)
            reason = LEFT_OUT.get((component, name))
            assert (field is None) == (reason is not None), (
                f"say why {component} has no {name}, or that it has"
            )
            if reason:
                reasons.append(f"`{component}` without `{name}`: {reason}")
            cells.append("no" if field is None else "yes" if field in (name, "placement") else f"`{field}`")
        rows.append(f"| `{component}` | {' | '.join(cells)} |")
    header = f"| component | {' | '.join(f'`{name}`' for name in INPUTS)} |"
    why = "\n".join(f"- {reason}" for reason in reasons)
    table = "\n".join([header, "|---" * (len(INPUTS) + 1) + "|", *rows]) + f"\n\n{why}\n"
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    present, _, after = rest.partition(END)
    assert before != text, "the markers are gone"
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(f"{before}{BEGIN}{table}{END}{after}", encoding="utf-8")
        present = table
    assert present == table
