"""Preflight against recorded answers of Azure: what passes, each miss with its remedy, what is unknown."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from recordings import (
    CONTRIBUTOR,
    ROLE_ADMINISTRATOR,
    account_answers,
    assignment,
    deleted_vault,
    family,
    good_answers,
    permission,
    sku,
    subscription,
    virtual_network,
)
from rich.console import Console
from services import OBJECT_ID, Answer, Asked, Recorded, Signed, playing_back

from lakeplane.azure.bootstrap import plan_bootstrap
from lakeplane.azure.bootstrap.subject import subject_of
from lakeplane.azure.client import Client
from lakeplane.azure.preflight import Needs, Result, State, fails, needs_of, needs_of_hub, preflight
from lakeplane.azure.preflight.quota import plain
from lakeplane.azure.preflight.rights import allows, roles_allowed
from lakeplane.cli.preflight import print_results
from lakeplane.hub_planning import hub_beside, plan_hub
from lakeplane.planning import plan_environment
from lakeplane.roles import ASSIGNED_ROLES, BUILT_IN_ROLES
from lakeplane.spec import load_spec
from lakeplane.spec.hub import load_hub
from lakeplane.spec.sizes import vm_sizes

SPECS = Path(__file__).parents[2] / "stacks" / "environments"
Change = Callable[[Recorded, Needs], None]


def needs_of_spec(name: str) -> Needs:
    path = SPECS / f"{name}.yaml"
    spec = load_spec(path)
    return needs_of(plan_environment(spec, hub_beside(path, spec.network.hub)))


@pytest.fixture(scope="module")
def needs() -> Needs:
    return needs_of_spec("dev")


def ask(needs: Needs, change: Change | None = None, **claims: str) -> tuple[Result, ...]:
    arm, account = good_answers(needs), account_answers(needs)
    if change is not None:
        change(arm, needs)
    with playing_back(arm), playing_back(account):
        options: dict[str, Any] = {"first_pause": 0.01, "timeout_seconds": 2.0, "retries": 1}
        credential = Signed(needs.tenant_id, **claims)
        return preflight(
            Client(credential, endpoint=arm.url, **options),
            Client(credential, endpoint=account.url, **options),
            needs,
        )


def wrong(results: tuple[Result, ...]) -> list[Result]:
    return [one for one in results if one.state not in (State.OK, State.UNASKED)]


def only(results: tuple[Result, ...]) -> Result:
    found = wrong(results)
    assert len(found) == 1, [f"{one.code} {one.subject}: {one.found}" for one in found]
    return found[0]


def root(needs: Needs) -> str:
    return f"/subscriptions/{needs.subscription_id}"


@pytest.mark.parametrize("name", ["dev", "prod", "bring_your_own", "examples/max"])
def test_free_subscription_passes(name: str) -> None:
    needs = needs_of_spec(name)

    def bring_network(arm: Recorded, needs: Needs) -> None:
        if needs.existing_subnets:
            arm.add("GET", needs.network_id, Answer(body=fitting_network(needs)))

    results = ask(needs, bring_network)
    assert wrong(results) == []
    assert not fails(results)
    codes = {one.code for one in results}
    assert {"PRF010", "PRF020", "PRF021", "PRF030", "PRF031", "PRF040", "PRF050", "PRF060", "PRF062"} <= codes


def test_hub_passes_and_asks_for_no_quota() -> None:
    hub = needs_of_hub(plan_hub(load_hub(SPECS / "hub.yaml")))
    results = ask(hub)
    assert wrong(results) == []
    assert "Microsoft.App" in hub.providers
    assert {one.area for one in results} == {"subscription", "rights", "providers", "names", "databricks"}


def test_nobody_signed_in_asks_nothing(needs: Needs) -> None:
    class Nobody(Signed):
        def get_token(self, *scopes: str, **_: Any) -> Any:
            raise ClientAuthenticationError("Please run 'az login' to setup account.")

    with playing_back(Recorded()) as arm:
        client = Client(Nobody(), endpoint=arm.url)
        result = only(preflight(client, client, needs))
        assert arm.asked == []
    assert (result.code, result.remedy[:22]) == ("PRF002", "az login --tenant de00")


def test_subscription_of_another_tenant_is_missing(needs: Needs) -> None:
    def elsewhere(arm: Recorded, needs: Needs) -> None:
        arm.add("GET", root(needs), Answer(body=subscription(needs, tenantId="aaaaaaaa-0000")))

    result = only(ask(needs, elsewhere))
    assert (result.code, result.remedy) == ("PRF010", "set tenant in the spec to aaaaaaaa-0000")


@pytest.mark.parametrize("state", ["Disabled", "Warned", "PastDue"])
def test_subscription_that_is_not_enabled_is_missing(needs: Needs, state: str) -> None:
    def change(arm: Recorded, needs: Needs) -> None:
        arm.add("GET", root(needs), Answer(body=subscription(needs, state=state)))

    assert only(ask(needs, change)).found == f"its state is {state}"


def test_subscription_that_is_not_seen_is_missing(needs: Needs) -> None:
    def change(arm: Recorded, needs: Needs) -> None:
        body = {"error": {"code": "SubscriptionNotFound", "message": "The subscription could not be found."}}
        arm.add("GET", root(needs), Answer(404, body))

    assert "az login --tenant" in only(ask(needs, change)).remedy


def test_contributor_may_not_assign_roles(needs: Needs) -> None:
    def contributor(arm: Recorded, needs: Needs) -> None:
        path = f"{root(needs)}/providers/Microsoft.Authorization/permissions"
        arm.add("GET", path, Answer(body={"value": [CONTRIBUTOR]}))

    result = only(ask(needs, contributor))
    assert (result.code, result.subject) == ("PRF020", "Microsoft.Authorization/roleAssignments/write")
    assert "--role 'Role Based Access Control Administrator'" in result.remedy
    assert "lakeplane bootstrap dev" in result.remedy


def conditional(condition: str) -> Change:
    def change(arm: Recorded, needs: Needs) -> None:
        providers = f"{root(needs)}/providers/Microsoft.Authorization"
        both = [CONTRIBUTOR, ROLE_ADMINISTRATOR]
        arm.add("GET", f"{providers}/permissions", Answer(body={"value": both}))
        held = assignment(needs, "Role Based Access Control Administrator", condition)
        arm.add("GET", f"{providers}/roleAssignments", Answer(body={"value": [held]}))

    return change


def limited_to(roles: tuple[str, ...]) -> str:
    guids = ", ".join(BUILT_IN_ROLES[role] for role in roles)
    return (
        "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
        "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] "
        f"ForAnyOfAnyValues:GuidEquals {{{guids}}}))"
    )


def test_condition_that_lets_all_roles_be_assigned_passes(needs: Needs) -> None:
    results = ask(needs, conditional(limited_to(ASSIGNED_ROLES)))
    assert wrong(results) == []
    assert any("under a condition" in one.found for one in results)


def test_condition_that_forbids_a_role_is_missing(needs: Needs) -> None:
    result = only(ask(needs, conditional(limited_to(ASSIGNED_ROLES[1:]))))
    assert (result.code, result.state) == ("PRF021", State.MISSING)
    assert result.found == "a condition forbids to assign AcrPull"


# What each built-in role allows of what preflight asks for (Microsoft Learn, "Azure built-in roles").
_ROLES = {
    "Contributor": CONTRIBUTOR,
    "Reader": permission(["*/read"]),
    "Role Based Access Control Administrator": ROLE_ADMINISTRATOR,
    "Locks Contributor": permission(["Microsoft.Authorization/locks/*"]),
    "Network Contributor": permission(["Microsoft.Network/*", "Microsoft.Authorization/*/read"]),
    "Private DNS Zone Contributor": permission(
        ["Microsoft.Network/privateDnsZones/*", "Microsoft.Authorization/*/read"]
    ),
}


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_whom_bootstrap_lets_apply_passes_and_whom_it_lets_look_does_not(name: str) -> None:
    path = SPECS / f"{name}.yaml"
    spec = load_spec(path)
    subjects = {use: (f"repo:contoso/platform:environment:{name}-{use}",) for use in ("preview", "apply")}
    spec = spec.model_copy(update={"pipelines": spec.pipelines.model_copy(update=subjects)})
    plan = plan_environment(spec, hub_beside(path, spec.network.hub))
    needs, steps = needs_of(plan), plan_bootstrap(subject_of(plan)).steps

    def holding(use: str) -> Change:
        def change(arm: Recorded, needs: Needs) -> None:
            held: dict[str, list[Any]] = {root(needs): [], **{one.scope: [] for one in needs.elsewhere}}
            granted = []
            for step in steps:
                scope, _, rest = step.path.partition("/providers/Microsoft.Authorization/roleAssignments/")
                if not rest or not step.key.startswith(f"right {use} ") or scope not in held:
                    continue
                body = step.body({f"identity {use}": {"properties": {"principalId": OBJECT_ID}}})[
                    "properties"
                ]
                guid = body["roleDefinitionId"].rpartition("/")[2]
                role = next(role for role, known in BUILT_IN_ROLES.items() if known == guid)
                held[scope].append(_ROLES.get(role, permission([])))
                if scope == root(needs):
                    granted.append(assignment(needs, role, body.get("condition")))
            for scope, entries in held.items():
                providers = f"{scope}/providers/Microsoft.Authorization"
                arm.add("GET", f"{providers}/permissions", Answer(body={"value": entries}))
            assigned = f"{root(needs)}/providers/Microsoft.Authorization/roleAssignments"
            arm.add("GET", assigned, Answer(body={"value": granted}))

        return change

    assert wrong(ask(needs, holding("apply"))) == []
    looking = ask(needs, holding("preview"))
    assert {one.code for one in wrong(looking)} <= {"PRF020", "PRF022"}
    assert fails(looking), "so preflight is asked by whoever applies"


def test_condition_of_another_form_is_not_checked(needs: Needs) -> None:
    result = only(ask(needs, conditional("(@Principal[x] StringEquals 'y')")))
    assert (result.code, result.state) == ("PRF021", State.NOT_CHECKED)
    assert fails((result,))


def test_rights_in_the_hub_are_asked_for_there() -> None:
    needs = needs_of_spec("prod")
    scopes = [one.scope for one in needs.elsewhere]
    assert [one.role for one in needs.elsewhere] == [
        "Network Contributor",
        "Private DNS Zone Contributor",
        "Role Based Access Control Administrator",
    ]

    def reader(arm: Recorded, needs: Needs) -> None:
        for scope in scopes:
            path = f"{scope}/providers/Microsoft.Authorization/permissions"
            arm.add("GET", path, Answer(body={"value": [permission(["*/read"])]}))

    found = wrong(ask(needs, reader))
    assert [one.code for one in found] == ["PRF022"] * 3
    assert f"--role 'Network Contributor' --scope {scopes[0]}" in found[0].remedy


def test_wildcards_and_exceptions_are_read_entry_by_entry() -> None:
    assert allows([permission(["*"])], "Microsoft.Storage/storageAccounts/write")
    assert allows([permission(["*/Write"])], "Microsoft.Storage/storageAccounts/write")
    assert not allows([CONTRIBUTOR], "Microsoft.Authorization/locks/write")
    assert allows([CONTRIBUTOR, ROLE_ADMINISTRATOR], "Microsoft.Authorization/roleAssignments/write")
    assert not allows([], "Microsoft.Storage/storageAccounts/write")
    assert not allows([permission(["Microsoft.Storage/*/read"])], "Microsoft.Storage/storageAccounts/write")


def test_conditions_that_exclude_roles_are_read() -> None:
    owner = BUILT_IN_ROLES["Owner"]
    condition = (
        "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] "
        f"ForAnyOfAllValues:GuidNotEquals {{{owner}}}"
    )
    assert roles_allowed(condition, ("Owner", "Reader")) == ("Reader",)
    assert roles_allowed(condition.replace("RoleDefinitionId", "PrincipalId"), ("Reader",)) is None


def test_unregistered_provider_and_feature_are_missing(needs: Needs) -> None:
    def change(arm: Recorded, needs: Needs) -> None:
        listed = [
            {"namespace": one, "registrationState": "NotRegistered" if "Learning" in one else "Registered"}
            for one in needs.providers
            if one != "Microsoft.Monitor"
        ]
        arm.add("GET", f"{root(needs)}/providers", Answer(body={"value": listed}))
        arm.add(
            "GET",
            f"{root(needs)}/providers/Microsoft.Features/providers/Microsoft.Compute/features/EncryptionAtHost",
            Answer(body={"properties": {"state": "NotRegistered"}}),
        )

    found = wrong(ask(needs, change))
    assert [(one.code, one.subject) for one in found] == [
        ("PRF030", "Microsoft.MachineLearningServices"),
        ("PRF030", "Microsoft.Monitor"),
        ("PRF031", "Microsoft.Compute/EncryptionAtHost"),
    ]
    assert "az provider register --namespace Microsoft.MachineLearningServices" in found[0].remedy
    assert found[1].found == "unknown to Azure"
    assert "az feature register --namespace Microsoft.Compute --name EncryptionAtHost" in found[2].remedy


def quota(limit: int, used: int = 0) -> Change:
    def change(arm: Recorded, needs: Needs) -> None:
        lines = [family(one.family, used, limit) for one in needs.cores if not one.machine_learning]
        path = f"{root(needs)}/providers/Microsoft.Compute/locations/{needs.region}/usages"
        arm.add("GET", path, Answer(body={"value": [*lines, family("cores", 0, 9000)]}))

    return change


def test_quota_too_small_to_come_up_is_missing(needs: Needs) -> None:
    smallest = min(one.least for one in needs.cores if one.least)
    found = wrong(ask(needs, quota(smallest - 1)))
    missing = [one for one in found if one.state is State.MISSING]
    assert missing
    assert all(one.code == "PRF040" and "portal: Quotas" in one.remedy for one in missing)


def test_quota_too_small_to_grow_is_short_and_no_failure(needs: Needs) -> None:
    least = max(one.least for one in needs.cores)
    results = ask(needs, quota(least + 1))
    found = wrong(results)
    assert {one.state for one in found} == {State.SHORT}
    assert not fails(results)


def test_quota_that_the_environment_itself_uses_is_no_failure(needs: Needs) -> None:
    def up_already(arm: Recorded, needs: Needs) -> None:
        quota(100, used=100)(arm, needs)
        arm.add("GET", needs.resource_group_id, Answer(body={"id": needs.resource_group_id}))

    assert {one.state for one in wrong(ask(needs, up_already))} == {State.SHORT}


def test_family_that_azure_does_not_list_is_not_checked(needs: Needs) -> None:
    def change(arm: Recorded, needs: Needs) -> None:
        path = f"{root(needs)}/providers/Microsoft.Compute/locations/{needs.region}/usages"
        arm.add("GET", path, Answer(body={"value": [family("cores", 0, 9000)]}))

    found = wrong(ask(needs, change))
    assert found
    assert {(one.code, one.state) for one in found} == {("PRF001", State.NOT_CHECKED)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("standardDDSv5Family", "Standard DDSv5 Family"),
        ("Standard NCASv3_T4 Family", "StandardNCASv3T4Family"),
        ("standardDSv2Family", "Standard DSv2 Family Cluster Dedicated vCPUs"),
    ],
)
def test_families_are_the_same_under_every_spelling(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_quota_adds_up_what_shares_a_family() -> None:
    spec = load_spec(SPECS / "dev.yaml")
    found = needs_of(plan_environment(spec)).cores
    aks = spec.aks
    shared = vm_sizes()[aks.node_size].quota_family
    least = sum(
        count * vm_sizes()[size].vcpus
        for size, count in (
            (aks.system_node_size, aks.system_node_count),
            (aks.node_size, aks.node_count),
            (spec.databricks.node_type, 2),
        )
        if vm_sizes()[size].quota_family == shared
    )
    assert [one.least for one in found if one.family == shared and not one.machine_learning] == [least]


def sizes(**changes: Any) -> Change:
    def change(arm: Recorded, needs: Needs) -> None:
        first = needs.sizes[0].size
        listed = [
            sku(one.size, needs.region, **(changes if one.size == first else {})) for one in needs.sizes
        ]
        arm.add("GET", f"{root(needs)}/providers/Microsoft.Compute/skus", Answer(body={"value": listed}))

    return change


RESTRICTED = [
    {
        "type": "Location",
        "values": ["westeurope"],
        "restrictionInfo": {"locations": ["westeurope"]},
        "reasonCode": "NotAvailableForSubscription",
    }
]
IN_A_ZONE = [
    {
        "type": "Zone",
        "values": ["westeurope"],
        "restrictionInfo": {"locations": ["westeurope"], "zones": ["2"]},
        "reasonCode": "NotAvailableForSubscription",
    }
]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"restrictions": RESTRICTED}, "restricted in westeurope: NotAvailableForSubscription"),
        ({"restrictions": IN_A_ZONE}, "not in zone 2 of westeurope"),
        ({"zones": ("1",)}, "not in zone 2 and 3 of westeurope"),
        ({"capabilities": [{"name": "EphemeralOSDiskSupported", "value": "True"}]}, "lacks Encryption"),
        ({"resourceType": "disks"}, "not offered in westeurope"),
    ],
)
def test_size_that_cannot_be_had_is_missing(needs: Needs, changes: dict[str, Any], told: str) -> None:
    found = wrong(ask(needs, sizes(**changes)))
    assert found
    assert {one.code for one in found} == {"PRF050"}
    assert found[0].found.startswith(told)


def taken(service: str, *kept: dict[str, Any]) -> Change:
    def change(arm: Recorded, needs: Needs) -> None:
        # Source: specification/containerregistry/…/examples/RegistryCheckNameNotAvailable.json.
        body = {"nameAvailable": False, "reason": "AlreadyExists", "message": "The name is already in use."}
        arm.add("POST", f"{root(needs)}/providers/{service}/checkNameAvailability", Answer(body=body))
        deleted = f"{root(needs)}/providers/Microsoft.KeyVault/deletedVaults"
        arm.add("GET", deleted, Answer(body={"value": list(kept)}))

    return change


@pytest.mark.parametrize(
    ("service", "count"),
    [("Microsoft.Storage", 3), ("Microsoft.KeyVault", 2), ("Microsoft.ContainerRegistry", 1)],
)
def test_taken_name_is_missing_and_generation_is_the_remedy(needs: Needs, service: str, count: int) -> None:
    found = wrong(ask(needs, taken(service)))
    assert [one.code for one in found] == ["PRF060"] * count
    assert found[0].remedy == "set generation: 2 in the spec, which changes every such name"


def test_soft_deleted_vault_is_told_from_somebody_elses(needs: Needs) -> None:
    vault = next(one.name for one in needs.names if "KeyVault" in one.type)
    found = wrong(ask(needs, taken("Microsoft.KeyVault", deleted_vault(needs, vault))))
    assert sorted(one.code for one in found) == ["PRF060", "PRF061"], "and another vault is somebody else's"
    (result,) = [one for one in found if one.code == "PRF061"]
    assert "until 2027-01-30" in result.found
    assert f"az keyvault recover --name {vault}" in result.remedy


def test_names_in_use_by_the_environment_itself_pass(needs: Needs) -> None:
    def change(arm: Recorded, needs: Needs) -> None:
        for service in ("Microsoft.Storage", "Microsoft.KeyVault", "Microsoft.ContainerRegistry"):
            taken(service)(arm, needs)
        for one in needs.names:
            arm.add("GET", one.arm_id, Answer(body={"id": one.arm_id}))

    assert wrong(ask(needs, change)) == []


def test_group_that_a_service_would_make_may_not_be_somebodys(needs: Needs) -> None:
    workspace, group = next(iter(needs.owned_groups.items()))

    def orphan(arm: Recorded, needs: Needs) -> None:
        arm.add("GET", group, Answer(body={"id": group}))

    def owned(arm: Recorded, needs: Needs) -> None:
        orphan(arm, needs)
        arm.add("GET", workspace, Answer(body={"id": workspace}))

    assert only(ask(needs, orphan)).code == "PRF062"
    assert wrong(ask(needs, owned)) == []


def test_address_space_is_compared_with_hub_and_peers() -> None:
    needs = needs_of_spec("prod")

    def peer(prefix: str, remote: str) -> Change:
        def change(arm: Recorded, needs: Needs) -> None:
            peering = {
                "name": "to-other",
                "properties": {
                    "remoteVirtualNetwork": {"id": remote},
                    "remoteVirtualNetworkAddressSpace": {"addressPrefixes": [prefix, "fd00::/64"]},
                },
            }
            hub = virtual_network(
                needs.hub_network_id, ["10.16.0.0/23"], needs.region, virtualNetworkPeerings=[peering]
            )
            arm.add("GET", needs.hub_network_id, Answer(body=hub))

        return change

    clash = only(ask(needs, peer("10.25.128.0/20", "/subscriptions/x/virtualNetworks/vnet-other")))
    assert (clash.code, clash.found) == ("PRF071", "overlaps 10.25.128.0/20 of vnet-other")
    assert wrong(ask(needs, peer("10.25.0.0/16", needs.network_id.upper()))) == [], "its own peering"

    def no_hub(arm: Recorded, needs: Needs) -> None:
        arm.answers.pop(("GET", needs.hub_network_id.lower()))

    assert only(ask(needs, no_hub)).code == "PRF070"


def fitting_network(needs: Needs) -> dict[str, Any]:
    subnets = [
        {
            "name": one.name,
            "properties": {
                "addressPrefix": f"10.60.{index}.0/{one.longest_prefix}",
                "delegations": [{"properties": {"serviceName": one.delegation}}] if one.delegation else [],
            },
        }
        for index, one in enumerate(needs.existing_subnets)
    ]
    return virtual_network(needs.network_id, [str(needs.address_space)], needs.region, subnets=subnets)


def test_network_that_is_brought_along_has_to_fit() -> None:
    needs = needs_of_spec("bring_your_own")

    def unfit(arm: Recorded, needs: Needs) -> None:
        network = fitting_network(needs)
        subnets = network["properties"]["subnets"]
        subnets[0]["properties"]["delegations"] = []
        subnets[1]["properties"]["addressPrefix"] = "10.60.1.0/28"
        del subnets[4]
        arm.add("GET", needs.network_id, Answer(body=network))

    found = wrong(ask(needs, unfit))
    assert [(one.code, one.found) for one in found] == [
        ("PRF072", "delegated to nothing, not to Microsoft.Databricks/workspaces"),
        ("PRF072", "10.60.1.0/28, where a /26 is the smallest"),
        ("PRF072", "no such subnet"),
    ]


def test_metastore_that_the_region_lacks_is_missing(needs: Needs) -> None:
    asked = replace(needs, metastore_id="00000000-0000-4000-8000-00000000ffff")
    arm, account = good_answers(needs), account_answers(needs)
    with playing_back(arm), playing_back(account):
        credential = Signed(needs.tenant_id)
        results = preflight(
            Client(credential, endpoint=arm.url), Client(credential, endpoint=account.url), asked
        )
    assert only(results).code == "PRF081"


def refused_account(needs: Needs, status: int = 403) -> tuple[Result, ...]:
    arm, account = good_answers(needs), account_answers(needs)
    answer = Answer(status, {"error_code": "PERMISSION_DENIED", "message": "Only account admins may list."})
    for method, path in account.answers:
        account.add(method, path, answer)
    with playing_back(arm), playing_back(account):
        credential = Signed(needs.tenant_id)
        clients = [Client(credential, endpoint=one.url, retries=0) for one in (arm, account)]
        return preflight(*clients, needs)


def test_account_that_refuses_is_told_and_stops_nobody_who_registers_nothing_there(needs: Needs) -> None:
    assert needs.databricks_account_id
    results = refused_account(needs)
    result = only(results)
    assert (result.code, result.state) == ("PRF084", State.WARNING)
    assert "lakeplane bootstrap dev" in result.remedy
    assert not fails(results)
    assert fails(refused_account(needs, status=500)), "no answer is no refusal: it is asked again"


def test_account_that_refuses_stops_whoever_needs_its_administrator() -> None:
    hub = needs_of_hub(plan_hub(load_hub(SPECS / "hub.yaml")))
    for needs in (needs_of_spec("prod"), hub):
        results = refused_account(needs)
        assert {(one.code, one.state) for one in wrong(results)} == {("PRF083", State.MISSING)}
        assert all("role account admin" in one.remedy for one in wrong(results))
        assert fails(results)


REFUSALS = {
    "no right": Answer(
        403,
        {"error": {"code": "AuthorizationFailed", "message": "The client does not have authorization."}},
    ),
    "throttled": Answer(429, {"error": {"code": "TooManyRequests", "message": "x"}}, {"Retry-After": "300"}),
    "broken": Answer(500, {"error": {"code": "InternalServerError", "message": "x"}}),
    "other shape": Answer(body={"value": ["text", 3], "properties": "text", "nameAvailable": None}),
    "no json": Answer(body=b"<html></html>"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("name", ["dev", "prod", "bring_your_own"])
def test_whatever_cannot_be_asked_never_passes(name: str, refusal: str) -> None:
    needs = needs_of_spec(name)
    answer = REFUSALS[refusal]

    def refuse(asked: Asked) -> Answer:
        del asked
        return answer

    with playing_back(Recorded(handler=refuse)) as arm:
        client = Client(Signed(needs.tenant_id), endpoint=arm.url, retries=0)
        results = preflight(client, client, needs)
    assert fails(results)
    passed = [one for one in results if one.state is State.OK]
    if refusal == "other shape":
        # A body with nothing of what was asked for says at most that something is there.
        passed = [one for one in passed if one.found != "in use by this environment"]
    assert passed == []
    for one in results:
        if one.state in (State.MISSING, State.NOT_CHECKED, State.WARNING):
            assert one.remedy, f"{one.code} {one.subject} says what to do"


def test_table_shows_every_answer_and_every_remedy(needs: Needs) -> None:
    results = ask(needs, taken("Microsoft.Storage"))
    out = io.StringIO()
    print_results(Console(file=out, width=120), results)
    text = out.getvalue()
    for one in results:
        assert one.area in text
        assert not one.remedy or f"{one.code} {one.subject}: {one.remedy}" in text.replace("\n", " ")
    assert "3 missing" in text


@pytest.fixture(scope="module")
def results(needs: Needs) -> tuple[Result, ...]:
    return ask(needs)


def test_plain_data_names_every_field(results: tuple[Result, ...]) -> None:
    for one in results:
        assert list(one.to_dict()) == ["code", "area", "subject", "state", "found", "remedy"]


def test_what_azure_tells_nobody_is_said(results: tuple[Result, ...]) -> None:
    unasked = [one for one in results if one.state is State.UNASKED]
    assert [one.code for one in unasked] == ["PRF063"]
    assert not fails(results)
