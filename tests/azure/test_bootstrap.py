"""Bootstrap against a strict ARM on loopback: once, twice, refused, and by less than an owner."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from fake_arm import FakeArm, RefusalError
from rich.console import Console
from services import Recorded, Signed, playing_back

from lakeplane.azure.bootstrap import BootstrapPlan, Outcome, Status, carry_out, plan_bootstrap
from lakeplane.azure.bootstrap.account_request import account_request_of, deployer_key
from lakeplane.azure.bootstrap.condition import assigning_condition
from lakeplane.azure.bootstrap.subject import subject_of, subject_of_hub
from lakeplane.azure.client import Client
from lakeplane.azure.preflight.rights import roles_allowed
from lakeplane.cli.bootstrap import print_next, print_outcomes, print_plan
from lakeplane.hub_planning import hub_beside, plan_hub
from lakeplane.planning import EnvironmentPlan, plan_environment
from lakeplane.preview import preview_environment
from lakeplane.roles import ASSIGNED_ROLES, BUILT_IN_ROLES
from lakeplane.spec import load_spec
from lakeplane.spec.hub import load_hub
from lakeplane.waiting import Patience

SPECS = Path(__file__).parents[2] / "stacks" / "environments"
PIPELINES = {
    "preview": ("repo:contoso/platform:pull_request",),
    "apply": ("repo:contoso/platform:environment:dev", "repo:contoso/platform:environment:dev-eu"),
}


def environment(name: str = "dev", **pipelines: Any) -> EnvironmentPlan:
    path = SPECS / f"{name}.yaml"
    spec = load_spec(path)
    if pipelines:
        spec = spec.model_copy(update={"pipelines": spec.pipelines.model_copy(update=pipelines)})
    return plan_environment(spec, hub_beside(path, spec.network.hub))


@pytest.fixture(scope="module")
def plan() -> BootstrapPlan:
    return plan_bootstrap(subject_of(environment(**PIPELINES)))


@contextmanager
def cloud(arm: FakeArm) -> Iterator[Client]:
    with playing_back(Recorded(handler=arm.handle)) as server:
        arm.url = server.url
        yield Client(Signed(), endpoint=server.url, retries=0)


def run(arm: FakeArm, plan: BootstrapPlan, tell: Callable[[str], None] = lambda _: None) -> list[Outcome]:
    with cloud(arm) as client:
        return list(
            carry_out(
                client,
                plan.steps,
                tell=tell,
                sleep=lambda _: None,
                patience=Patience(first=0.0),
                poll_seconds=0.0,
                deadline_seconds=30.0,
            )
        )


def ready(plan: BootstrapPlan) -> FakeArm:
    """Return an ARM that has what others make, as it is once the environment has been brought up."""
    arm = FakeArm()
    arm.has(*(one.awaits for one in plan.steps if one.awaits))
    return arm


def by_status(outcomes: list[Outcome]) -> dict[str, int]:
    statuses = [one.status.value for one in outcomes]
    return {status: statuses.count(status) for status in sorted(set(statuses))}


def test_first_run_makes_all_of_it_and_second_changes_nothing(plan: BootstrapPlan) -> None:
    arm = ready(plan)
    first = run(arm, plan)
    assert by_status(first) == {"created": len(plan.steps)}, [one.told for one in first if one.told]
    writes = arm.writes
    second = run(arm, plan)
    assert by_status(second) == {"unchanged": len(plan.steps)}
    assert arm.writes - writes == 1, "only the provider of the feature is registered again"


def test_state_account_is_closed_and_knows_entra_only(plan: BootstrapPlan) -> None:
    arm = FakeArm()
    run(arm, plan)
    (account,) = arm.of("account")
    said = account["properties"]
    assert said["allowSharedKeyAccess"] is False
    assert said["allowBlobPublicAccess"] is False
    assert said["minimumTlsVersion"] == "TLS1_2"
    assert said["supportsHttpsTrafficOnly"] is True
    assert said["networkAcls"]["defaultAction"] == "Deny"
    assert [one["value"] for one in said["networkAcls"]["ipRules"]] == ["203.0.113.0/24", "198.51.100.16/28"]
    (blobs,) = arm.of("blobs")
    assert blobs["properties"]["isVersioningEnabled"] is True
    assert blobs["properties"]["deleteRetentionPolicy"]["days"] == 30
    (vault,) = arm.of("vault")
    assert vault["properties"]["enableRbacAuthorization"] is True
    assert vault["properties"]["enablePurgeProtection"] is True
    assert vault["properties"]["networkAcls"]["defaultAction"] == "Deny"


def test_state_is_closed_to_all_public_networks_where_none_is_named() -> None:
    private = plan_bootstrap(subject_of(environment("prod")))
    bodies = {one.key: one.body({}) for one in private.steps if one.key in ("account", "vault")}
    assert [one["properties"]["publicNetworkAccess"] for one in bodies.values()] == ["Disabled", "Disabled"]


def rights(arm: FakeArm, identity: str) -> set[tuple[str, str]]:
    principal = next(
        one["properties"]["principalId"] for one in arm.of("identity") if one["name"].endswith(identity)
    )
    back = {guid: role for role, guid in BUILT_IN_ROLES.items()}
    found = set()
    for one in arm.of("assignment"):
        said = one["properties"]
        if said["principalId"] == principal:
            guid = said["roleDefinitionId"].rpartition("/")[2]
            scope = said["scope"].rpartition("/")[2] if said["scope"].count("/") > 2 else "subscription"
            found.add((back.get(guid, "secrets key"), scope))
    return found


def test_identities_have_the_rights_that_they_need_and_no_more(plan: BootstrapPlan) -> None:
    arm, group = ready(plan), environment().resource_group_id
    run(arm, plan)
    assert rights(arm, "preview") == {
        ("Reader", "subscription"),
        # The one action of a foundation's preview that Reader lacks: listClusterUserCredential.
        ("Azure Kubernetes Service Cluster User Role", group.rpartition("/")[2]),
        ("Storage Blob Data Reader", "state"),
        ("secrets key", "pulumi"),
    }
    assert rights(arm, "apply") == {
        ("Contributor", "subscription"),
        ("Storage Blob Data Contributor", "state"),
        ("secrets key", "pulumi"),
        ("Role Based Access Control Administrator", "subscription"),
        ("Azure Kubernetes Service RBAC Cluster Admin", "subscription"),
    }
    (role,) = arm.of("role")
    (permission,) = role["properties"]["permissions"]
    assert permission["actions"] == []
    assert permission["dataActions"] == [
        "Microsoft.KeyVault/vaults/keys/read",
        "Microsoft.KeyVault/vaults/keys/encrypt/action",
        "Microsoft.KeyVault/vaults/keys/decrypt/action",
    ]


def test_right_to_assign_is_limited_to_the_programs_roles_and_service_principals(plan: BootstrapPlan) -> None:
    arm = FakeArm()
    run(arm, plan)
    conditions = [
        one["properties"]["condition"] for one in arm.of("assignment") if "condition" in one["properties"]
    ]
    assert conditions == [assigning_condition(ASSIGNED_ROLES)], "behind no hub there is one only"
    assert roles_allowed(conditions[0], tuple(BUILT_IN_ROLES)) == tuple(
        role for role in BUILT_IN_ROLES if role in ASSIGNED_ROLES
    ), "preflight reads it as it is meant"
    forbidden = {"Owner", "User Access Administrator", "Role Based Access Control Administrator"}
    assert not forbidden & set(ASSIGNED_ROLES)
    assert conditions[0].count("StringEqualsIgnoreCase {'ServicePrincipal'}") == 2
    assert conditions[0].count("(") == conditions[0].count(")")


def test_production_may_lock_and_environments_behind_a_hub_may_join_it() -> None:
    behind = environment("prod", addresses=(), apply=("repo:contoso/platform:environment:prod",))
    assert behind.hub is not None
    arm = FakeArm()
    hub = plan_hub(load_hub(SPECS / "hub.yaml"))
    arm.has(
        behind.hub.virtual_network_id,
        behind.hub.private_dns_resource_group_id,
        behind.hub.private_endpoints_subnet_id,
        behind.resource_group_id,
        *(
            behind.hub.private_dns_zone_id(f"privatelink.{zone}")
            for zone in ("blob.core.windows.net", "vaultcore.azure.net")
        ),
    )
    runner = (
        f"{hub.resource_group_id}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
        f"{hub.runner_identities['prod']}"
    )
    arm.resources[runner.lower()] = {
        "id": runner,
        "name": hub.runner_identities["prod"],
        "properties": {"principalId": "0e000000-0000-4000-8000-000000000009"},
    }
    plan = plan_bootstrap(subject_of(behind))
    outcomes = run(arm, plan)
    assert set(by_status(outcomes)) == {"created", "unchanged"}, [one.told for one in outcomes if one.told]
    assert {
        ("Locks Contributor", "subscription"),
        ("Network Contributor", hub.names.virtual_network.lower()),
        ("Private DNS Zone Contributor", hub.names.resource_group.lower()),
    } <= rights(arm, "apply")
    # State is reached from inside alone, so the runner brings up the foundation as well.
    assert ("Contributor", "subscription") in rights(arm, "runner-prod")
    assert len(arm.of("endpoint")) == len(arm.of("zone group")) == 2
    assert by_status(run(arm, plan)) == {"unchanged": len(plan.steps)}


def test_runner_deploys_contents_only_where_pipelines_reach_the_state() -> None:
    behind = environment("prod", addresses=(IPv4Network("203.0.113.0/24"),))
    titles = [one.title for one in plan_bootstrap(subject_of(behind)).steps if "for runner" in one.title]
    assert [title.partition(" for ")[0] for title in titles] == [
        "Storage Blob Data Contributor on state",
        "use of the secrets' key on pulumi",
        "Contributor on rg-contoso-prod-westeurope",
        "Azure Kubernetes Service RBAC Cluster Admin on rg-contoso-prod-westeurope",
    ]


def test_what_others_have_still_to_make_is_awaited_and_done_by_a_later_run() -> None:
    plan = plan_bootstrap(subject_of(environment("prod", **PIPELINES)))
    outcomes = run(FakeArm(), plan)
    awaited = [one for one in outcomes if one.status is Status.AWAITS]
    assert len(awaited) >= 5
    assert all(one.told.startswith("/subscriptions/") for one in awaited)
    assert not [one for one in outcomes if one.status in (Status.REFUSED, Status.FAILED)]


def test_hub_is_bootstrapped_with_its_own_pipelines() -> None:
    plan = plan_bootstrap(subject_of_hub(plan_hub(load_hub(SPECS / "hub.yaml"))))
    arm = FakeArm()
    assert by_status(run(arm, plan)) == {"created": len(plan.steps)}
    assert {one["properties"]["subject"] for one in arm.of("credential")} == {
        "repo:contoso/platform:pull_request",
        "repo:contoso/platform:environment:prod",
    }
    assert ("Role Based Access Control Administrator", "subscription") not in rights(arm, "apply")
    assert "provider Microsoft.App" in {one.key for one in plan.steps}


def test_credentials_trust_the_named_pipelines_alone(plan: BootstrapPlan) -> None:
    arm = FakeArm()
    run(arm, plan)
    trusted = {
        (one["id"].split("/")[8].rpartition("-")[2], one["properties"]["subject"])
        for one in arm.of("credential")
    }
    assert trusted == {(use, subject) for use, subjects in PIPELINES.items() for subject in subjects}
    assert {one["properties"]["issuer"] for one in arm.of("credential")} == {
        "https://token.actions.githubusercontent.com"
    }


def test_names_outlive_a_raised_generation() -> None:
    first, later = environment(), environment()
    raised = plan_environment(later.spec.model_copy(update={"generation": 7}))
    assert plan_bootstrap(subject_of(first)).names == plan_bootstrap(subject_of(raised)).names
    assert first.names.key_vault != raised.names.key_vault


def test_contributor_gets_the_commands_for_whoever_may_assign(plan: BootstrapPlan) -> None:
    arm = FakeArm(denied=("PUT *roleassignments*", "PUT *roledefinitions*"))
    outcomes = run(arm, plan)
    refused = [one for one in outcomes if one.status is Status.REFUSED]
    skipped = [one for one in outcomes if one.status is Status.SKIPPED]
    assert {one.step.key for one in skipped} == {
        key for key in (one.step.key for one in outcomes) if "use of the secrets' key" in key
    }
    principal = next(
        one["properties"]["principalId"] for one in arm.of("identity") if one["name"].endswith("apply")
    )
    commands = [one.remedy.partition("run: ")[2] for one in refused]
    for command in commands:
        assert shlex.split(command)[0] == "az"
    assign = next(one for one in commands if "Role Based Access" in one)
    words = shlex.split(assign)
    assert words[words.index("--assignee-object-id") + 1] == principal
    assert words[words.index("--condition") + 1] == assigning_condition(ASSIGNED_ROLES)
    definition = next(shlex.split(one) for one in commands if "roleDefinitions" in one)
    assert definition[:2] == ["az", "rest"]
    # Everything else was done, and whoever may assign finishes it.
    arm.denied = ()
    assert by_status(run(arm, plan))["created"] == len(refused) + len(skipped)


def test_reader_changes_nothing_and_is_told_every_command(plan: BootstrapPlan) -> None:
    arm = FakeArm(denied=("PUT *", "POST *"))
    outcomes = run(arm, plan)
    assert set(by_status(outcomes)) == {"refused", "skipped"}
    assert arm.resources == {}
    assert all(one.remedy for one in outcomes)


def test_transient_errors_are_waited_for_and_told(plan: BootstrapPlan) -> None:
    arm = ready(plan)
    arm.faults = [
        (
            "PUT *roleassignments*",
            RefusalError(400, "PrincipalNotFound", "Principal x does not exist in the directory y."),
        ),
        (
            "PUT *roleassignments*",
            RefusalError(404, "RoleDefinitionDoesNotExist", "The specified role definition …"),
        ),
        (
            "PUT *federatedidentitycredentials*",
            RefusalError(409, "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity", "x"),
        ),
        (
            "PUT */storageaccounts/*",
            RefusalError(409, "StorageAccountOperationInProgress", "An operation is in progress."),
        ),
        (
            "GET */vaults/*",
            RefusalError(503, "ServiceUnavailable", "The service is unavailable now, please retry."),
        ),
    ]
    told: list[str] = []
    assert by_status(run(arm, plan, told.append)) == {"created": len(plan.steps)}
    assert arm.faults == []
    assert len(told) == 5
    assert all(line.startswith("waiting for ") for line in told)


def test_lasting_errors_are_told_and_do_not_stop_the_rest(plan: BootstrapPlan) -> None:
    arm = FakeArm(
        foreign_accounts=(plan.names.state_account,),
        deleted_vaults=(plan.names.key_vault,),
    )
    outcomes = {one.step.key: one for one in run(arm, plan)}
    assert outcomes["account"].status is Status.FAILED
    assert "somebody else has an account" in outcomes["account"].remedy
    assert f"az keyvault recover --name {plan.names.key_vault}" in outcomes["vault"].remedy
    assert outcomes["container"].status is Status.SKIPPED
    assert outcomes["identity apply"].status is Status.CREATED


def test_policy_that_forbids_is_no_missing_right(plan: BootstrapPlan) -> None:
    arm = FakeArm()
    arm.faults = [
        (
            "PUT */vaults/*",
            RefusalError(403, "RequestDisallowedByPolicy", "Resource was disallowed by policy."),
        )
    ]
    outcomes = {one.step.key: one for one in run(arm, plan)}
    assert outcomes["vault"].status is Status.FAILED
    assert "exemption" in outcomes["vault"].remedy


def test_what_somebody_changed_is_put_right(plan: BootstrapPlan) -> None:
    arm = FakeArm()
    run(arm, plan)
    (account,) = arm.of("account")
    account["properties"]["allowSharedKeyAccess"] = True
    outcomes = run(arm, plan)
    assert [one.step.key for one in outcomes if one.status is Status.UPDATED] == ["account"]
    assert arm.of("account")[0]["properties"]["allowSharedKeyAccess"] is False


def test_assignment_of_another_name_is_taken_over(plan: BootstrapPlan) -> None:
    arm = ready(plan)
    run(arm, plan)
    conditional = next(
        path for path, one in arm.resources.items() if "condition" in (one.get("properties") or {})
    )
    one = arm.resources.pop(conditional)
    other = conditional[:-12] + "ffffffffffff"
    arm.resources[other] = {**one, "id": other, "name": other.rpartition("/")[2]}
    assert by_status(run(arm, plan)) == {"created": 1, "unchanged": len(plan.steps) - 1}
    assert conditional not in arm.resources, "the other one has the right condition"
    arm.resources[other]["properties"]["condition"] = "(@Request[x] StringEquals 'y')"
    run(arm, plan)
    assert arm.resources[other]["properties"]["condition"] == assigning_condition(ASSIGNED_ROLES)


def test_steps_come_after_those_that_they_need(plan: BootstrapPlan) -> None:
    seen: set[str] = set()
    for step in plan.steps:
        assert set(step.after) <= seen, step.key
        assert step.key not in seen
        seen.add(step.key)


def test_people_see_plan_outcomes_and_what_comes_next(plan: BootstrapPlan) -> None:
    out = io.StringIO()
    console = Console(file=out, width=160)
    print_plan(console, plan)
    print_outcomes(console, tuple(run(FakeArm(denied=("PUT *roleassignments*",)), plan)))
    done = tuple(run(FakeArm(), plan))
    apply = next(one.client_id for one in done if one.step.key == "identity apply")
    print_next(console, plan, account_request_of(environment(**PIPELINES), apply), done)
    text = out.getvalue()
    for step in plan.steps:
        assert re.sub(r"\s+", "", step.title.rpartition(" ")[2]) in re.sub(r"\s+", "", text)
    assert f"export PULUMI_BACKEND_URL='azblob://state?storage_account={plan.names.state_account}'" in text
    assert f"--secrets-provider=azurekeyvault://{plan.names.key_vault}.vault.azure.net/keys/pulumi" in text
    assert assigning_condition(ASSIGNED_ROLES) in text
    assert "To the administrator of the Databricks account" in text
    assert "refused" in text
    assert f"apply: {apply}" in text
    assert f"(application id {apply})" in text


def registered_in_the_account(name: str) -> set[str]:
    """Return the types that contents register by the provider of the account, which administrators may."""
    preview = preview_environment(SPECS / f"{name}.yaml", "contents")
    return {
        one.resource.type.rpartition(":")[2]
        for one in preview.resources
        if (one.resource.provider or "").endswith("::account")
    }


def test_the_job_of_one_environment_has_no_right_in_another() -> None:
    """Each identity is given its rights by the bootstrap of its own environment, and named in no other."""
    hub = plan_hub(load_hub(SPECS / "hub.yaml"))
    prod = load_spec(SPECS / "prod.yaml")
    identities = set(hub.runner_identities.values())
    assert len(identities) == 3
    for name in ("dev", "prod"):
        network = prod.network.model_copy(update={"address_space": hub.facts.environments[name]})
        spec = prod.model_copy(update={"name": name, "network": network})
        plan = plan_environment(spec, hub.facts)
        steps = [step for step in plan_bootstrap(subject_of(plan)).steps if step.key == "runner"]
        assert [step.path.rpartition("/")[2] for step in steps] == [hub.runner_identities[name]]
        asked = account_request_of(plan)
        assert [identity for identity in sorted(identities) if identity in asked] == [
            hub.runner_identities[name]
        ]


def test_request_names_the_runner_and_all_that_only_an_administrator_may_do() -> None:
    plan = environment("prod")
    assert plan.hub is not None
    assert registered_in_the_account("prod") == {
        "Budget",
        "MetastoreAssignment",
        "MwsNccBinding",
        "MwsNccPrivateEndpointRule",
        "WorkspaceNetworkOption",
    }
    client_id = "c11e0000-0000-4000-8000-000000000001"
    request = account_request_of(plan, client_id)
    for words in (
        f"the identity {plan.hub.runner_identities['prod']!r} of our hub's runner for this environment",
        f"(application id {client_id})",
        f"the role account admin in the account {plan.hub.databricks_account_id}",
        f"the budget {plan.names.budget!r}",
        f"assigns the metastore {plan.hub.metastore_id} to the workspace {plan.names.databricks_workspace!r}",
        f"the network connectivity config {plan.hub.network_connectivity_config_name!r}",
        f"our lake {plan.storage_account_id} (groups blob and dfs)",
        f"the network policy {plan.hub.network_policy_id!r}",
    ):
        assert words in request
    assert deployer_key(plan) == "runner"
    assert "bind a network connectivity config" not in request.lower(), "the program does it"


def test_request_behind_an_allow_list_names_the_identity_that_applies() -> None:
    plan = environment("test", apply=PIPELINES["apply"])
    request = account_request_of(plan)
    assert deployer_key(plan) == "identity apply"
    assert repr(plan_bootstrap(subject_of(plan)).names.identity_apply) in request
    assert "runner" not in request
    assert "role account admin" in request
    assert "budget" not in request, "the spec asks for none"


def test_request_without_a_hub_asks_for_no_administrator_but_for_a_way_to_the_lake() -> None:
    plan = environment("dev", **PIPELINES)
    assert registered_in_the_account("dev") == set()
    request = account_request_of(plan)
    assert "account admin" not in request
    assert f"two private endpoint rules for our lake {plan.storage_account_id}" in request
    numbers = re.findall(r"(?m)^(\d+)\. ", request)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


def test_whoever_applies_may_start_the_job_that_deploys_from_inside_and_no_other() -> None:
    hub = plan_hub(load_hub(SPECS / "hub.yaml"))
    assert hub.spec.runner is not None
    image = f"contoso.azurecr.io/lakeplane@sha256:{'a' * 64}"
    runner = hub.spec.runner.model_copy(update={"image": image})
    facts = plan_hub(hub.spec.model_copy(update={"runner": runner})).facts

    def started(name: str) -> list[str]:
        spec = load_spec(SPECS / f"{name}.yaml")
        spec = spec.model_copy(update={"pipelines": spec.pipelines.model_copy(update=PIPELINES)})
        plan = plan_bootstrap(subject_of(plan_environment(spec, facts)))
        arm = ready(plan)
        inside = [one.path for one in plan.steps if one.key == "runner"]
        for identity in inside:
            principal = {"principalId": "0e000000-0000-4000-8000-000000000009"}
            arm.resources[identity.lower()]["properties"] = principal
        assert set(by_status(run(arm, plan))) <= {"created", "unchanged"}
        for who in ("preview", *(f"-runner-{name}" for _ in inside)):
            assert "Container Apps Jobs Operator" not in {role for role, _ in rights(arm, who)}
        return [scope for role, scope in rights(arm, "apply") if role == "Container Apps Jobs Operator"]

    assert started("prod") == ["caj-prod"]
    assert started("test") == [], "which is deployed from outside"
