"""What a hub is made of: every way of leaving, of having zones, and of standing to the Databricks account."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lakeplane.addressing import plan_addresses
from lakeplane.diagnostics import Severity
from lakeplane.hub_planning import hub_beside, plan_hub
from lakeplane.hub_requests import check_hub
from lakeplane.planning import plan_environment
from lakeplane.program import main
from lakeplane.provider_models.sdk_types import args_class, fields
from lakeplane.provider_models.stateful import holding
from lakeplane.registration import check_inputs
from lakeplane.render import Graph, Resource, render
from lakeplane.spec import load_spec
from lakeplane.spec.hub import load_hub
from lakeplane.validation import check_plan, validate

GOLDEN = Path(__file__).parent / "golden"
ACCOUNT, METASTORE = "ac000000-0000-4000-8000-000000000003", "3e7a0000-0000-4000-8000-000000000004"
ZONES = "/subscriptions/00000000-0000-4000-8000-00000000d125/resourceGroups/rg-dns"
LAKE = (
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-x/providers/"
    "Microsoft.Storage/storageAccounts/stlake"
)
OFFICE = (
    "/subscriptions/00000000-0000-4000-8000-00000000c0de/resourceGroups/rg-wan/providers/"
    "Microsoft.Network/virtualNetworks/vnet-wan"
)
IMAGE = f"contoso.azurecr.io/lakeplane@sha256:{'0' * 64}"
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "committed": {},
    "nat": {"network": {"egress": "nat"}, "databricks": {}},
    "nat_alone": {"network": {"egress": "nat"}, "runner": None, "databricks": {"web_authentication": False}},
    "zones_of_others": {"private_dns": {"existing_resource_group": ZONES}},
    "new_metastore": {
        "databricks": {
            "account_id": ACCOUNT,
            "metastore": {"create": {"name": "westeurope", "owner": "metastore-admins"}},
            "private_endpoint_rules": [{"resource": LAKE, "group": "dfs"}],
            "serverless_allowed_fqdns": ["packages.contoso.example"],
        }
    },
    "config_of_others": {
        "databricks": {
            "account_id": ACCOUNT,
            "metastore": {"existing": METASTORE},
            "network_connectivity": "ncc-shared",
        }
    },
    "no_account": {"databricks": {}},
    "runs": {"runner": {"image": IMAGE, "cpu": 1, "memory_gb": 2}},
    "peered": {
        "network": {
            "peerings": [
                {
                    "virtual_network": OFFICE,
                    "address_spaces": ["192.168.0.0/16"],
                    "use_remote_gateways": True,
                }
            ],
            "allowed_fqdns": ["packages.contoso.example"],
        },
        "environments": [
            {"name": "dev", "address_space": "10.24.0.0/20"},
            {"name": "gpu", "address_space": "10.25.0.0/20", "gpu_nodes": True},
        ],
    },
}
PEERING = "azure-native:network:VirtualNetworkPeering"
RULES = "azure-native:network:FirewallPolicyRuleCollectionGroup"


@pytest.fixture(scope="module")
def spec_of(project, tmp_path_factory) -> Callable[[str], Path]:
    """Write the committed hub's spec with a variant's keys in the place of its own."""
    folder = tmp_path_factory.mktemp("hubs")
    yaml = YAML(typ="safe", pure=True)

    def write(variant: str) -> Path:
        document = yaml.load((project.environments / "hub.yaml").read_text())
        document |= VARIANTS[variant]
        path = folder / variant / "hub.yaml"
        path.parent.mkdir(exist_ok=True)
        with path.open("w") as stream:
            yaml.dump({key: value for key, value in document.items() if value is not None}, stream)
        return path

    return write


@pytest.fixture(scope="module")
def hubs(project, spec_of) -> dict[str, Graph]:
    return {variant: render_hub(project, spec_of(variant)) for variant in VARIANTS}


def render_hub(project, spec: Path) -> Graph:
    with contextlib.chdir(project.stacks):
        return render(
            main, project="lakeplane", stack="hub.hub", config={"lakeplane:spec": str(spec.resolve())}
        )


def names(graph: Graph, package: str = "azure-native") -> set[str]:
    return {found.name for found in graph.resources if found.package == package}


def codes(spec: Path) -> dict[str, str]:
    return {finding.code: finding.detail for finding in check_hub(plan_hub(load_hub(spec)))}


def rules_of(graph: Graph) -> dict[str, Mapping[str, Any]]:
    collections = graph.one(RULES).inputs["ruleCollections"]
    return {rule["name"]: rule for collection in collections for rule in collection["rules"]}


def test_urns_stay_as_they_are(hubs) -> None:
    """Rewrite the golden file with UPDATE_GOLDEN=1, and give every renamed resource an alias."""
    found = "".join(f"{resource.urn}\n" for resource in hubs["committed"].resources)
    golden = GOLDEN / "hub.hub.urns.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(found)
    assert found == golden.read_text()


def test_two_renders_are_equal(hubs, project, spec_of) -> None:
    assert render_hub(project, spec_of("committed")) == hubs["committed"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_input_exists_and_everything_taggable_is_tagged(hubs, spec_of, variant: str) -> None:
    tags = plan_hub(load_hub(spec_of(variant))).tags
    azure = [found for found in hubs[variant].resources if found.package == "azure-native"]
    assert len(azure) >= 15
    for found in [
        found for found in hubs[variant].resources if found.package in ("azure-native", "databricks")
    ]:
        assert check_inputs(found.type, found.inputs, found.name) == []
    for found in azure:
        if "tags" in {field.wire for field in fields(args_class(found.type)).values()}:
            assert found.inputs.get("tags") == tags, found.urn


@pytest.mark.parametrize("variant", VARIANTS)
def test_components_register_outputs_and_name_their_children(hubs, variant: str) -> None:
    graph = hubs[variant]
    by_urn = {found.urn: found for found in graph.resources}
    for found in graph.resources:
        if found.type.startswith("lakeplane:"):
            assert re.fullmatch(r"lakeplane:[a-z]+:[A-Z][A-Za-z]+", found.type)
            assert found.outputs, found.urn
        elif found.package in ("azure-native", "databricks") and found.name != "resource-group":
            assert found.parent is not None
            assert found.name.startswith(f"{by_urn[found.parent].name}-")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_hub_has_a_public_door(hubs, variant: str) -> None:
    graph = hubs[variant]
    for found in graph.resources:
        for path, value in leaves(found.inputs):
            if path.endswith(("publicNetworkAccess", "publicNetworkAccessForIngestion")):
                assert value == "Disabled", f"{found.urn} {path}"
            if path.endswith("enableNoPublicIp.value") or path.endswith("vnetConfiguration.internal"):
                assert value is True, f"{found.urn} {path}"
        if found.type == "azure-native:network:Subnet":
            assert found.inputs["defaultOutboundAccess"] is False
            guarded = "networkSecurityGroup" in found.inputs
            assert guarded == (found.inputs["subnetName"] != "AzureFirewallSubnet"), "which takes none"
        if found.type == "azure-native:network:NetworkSecurityGroup":
            rules = found.inputs.get("securityRules", [])
            assert {rule["access"] for rule in rules} <= {"Deny"}, "nothing is let in"
    addresses = list(graph.of_type("azure-native:network:PublicIPAddress"))
    assert len(addresses) == (0 if variant == "nat_alone" else 1), "that of the way out, if there is one"


@pytest.mark.parametrize("variant", ["committed", "nat", "runs"])
def test_everything_with_logs_sends_all_of_them(hubs, variant: str) -> None:
    graph = hubs[variant]
    sent = {found.inputs["resourceUri"].rpartition("/")[2]: found.inputs for found in diagnostics(graph)}
    network = {name for name in sent if name.startswith(("nsg-", "pip-", "vnet-"))}
    assert len(network) == 3
    for name in network:
        assert all(log["category"] and log["enabled"] for log in sent.pop(name)["logs"]), "they have no group"
    names = {
        found.inputs[key]
        for found in graph.resources
        for token, key in (
            ("azure-native:network:AzureFirewall", "azureFirewallName"),
            ("azure-native:databricks:Workspace", "workspaceName"),
            ("azure-native:app:ManagedEnvironment", "environmentName"),
            ("azure-native:operationalinsights:Workspace", "workspaceName"),
        )
        if found.type == token
    }
    assert set(sent) == names
    for setting in sent.values():
        assert {"categoryGroup": "allLogs", "enabled": True} in setting["logs"]
        assert setting["workspaceId"].endswith("/workspaces/log-contoso-hub-westeurope")


def diagnostics(graph: Graph) -> list[Resource]:
    return list(graph.of_type("azure-native:monitor:DiagnosticSetting"))


def test_behind_a_firewall_everything_leaves_by_its_address(hubs) -> None:
    graph = hubs["committed"]
    (route,) = graph.one("azure-native:network:RouteTable").inputs["routes"]
    assert (route["nextHopType"], route["nextHopIpAddress"]) == ("VirtualAppliance", "10.16.0.4")
    firewall = graph.one("azure-native:network:AzureFirewall").inputs
    assert firewall["ipConfigurations"][0]["subnet"]["id"].endswith("/subnets/AzureFirewallSubnet")
    policy = graph.one("azure-native:network:FirewallPolicy").inputs
    assert policy["dnsSettings"] == {"enableProxy": True}
    assert policy["threatIntelMode"] == "Deny"
    assert "azure-native:network:NatGateway" not in {found.type for found in graph.resources}


def test_without_a_firewall_the_runner_has_a_gateway(hubs) -> None:
    assert names(hubs["nat"]) >= {"network-nat-gateway", "network-runner-subnet"}
    assert not {"firewall-firewall", "network-routes", "network-firewall-subnet"} & names(hubs["nat"])
    assert "network-nat-gateway" not in names(hubs["nat_alone"])
    subnets = {found.name for found in hubs["nat_alone"].of_type("azure-native:network:Subnet")}
    assert subnets == {"network-private-endpoints-subnet"}


def test_the_firewall_lets_out_what_is_documented_and_nothing_else(hubs) -> None:
    rules = rules_of(hubs["peered"])
    assert {rule["ruleType"] for rule in rules.values()} == {"NetworkRule", "ApplicationRule"}
    plan = {name: plan_addresses(space) for name, space in spaces(hubs).items()}
    clusters = {str(net) for one in plan.values() for net in (one.databricks_host, one.databricks_container)}
    nodes = {str(one.aks_nodes) for one in plan.values()}
    tags = {
        rule["destinationAddresses"][0]: rule for rule in rules.values() if "destinationAddresses" in rule
    }
    assert set(tags) == {"Storage", "Sql", "EventHub", "AzureActiveDirectory", "AzureMonitor"}
    assert set(tags["EventHub"]["sourceAddresses"]) == clusters
    assert rules["aks"]["fqdnTags"] == ["AzureKubernetesService"]
    assert set(rules["aks-add-ons"]["sourceAddresses"]) == nodes
    assert {"*.cloud.defender.microsoft.com", "data.policy.core.windows.net"} <= set(
        rules["aks-add-ons"]["targetFqdns"]
    )
    assert rules["aks-gpus"]["sourceAddresses"] == [str(plan["gpu"].aks_nodes)], "of whom has GPUs alone"
    assert set(rules["allowed-by-the-hub"]["sourceAddresses"]) >= clusters | nodes
    assert rules["people"]["sourceAddresses"] == ["192.168.0.0/16"]
    for rule in rules.values():
        assert rule["description"], "each says where its service documents it"
        assert not {"*", "0.0.0.0/0"} & {*rule["sourceAddresses"], *rule.get("destinationAddresses", ())}
        assert "*" not in rule.get("targetFqdns", ())


def spaces(hubs) -> dict[str, Any]:
    return {one["name"]: IPv4Network(one["address_space"]) for one in VARIANTS["peered"]["environments"]}


def test_zones_are_the_hubs_or_somebody_elses(hubs, spec_of) -> None:
    zones = {
        found.inputs["privateZoneName"]
        for found in hubs["committed"].of_type("azure-native:privatedns:PrivateZone")
    }
    assert zones == set(plan_hub(load_hub(spec_of("committed"))).private_dns_zones)
    assert not list(hubs["zones_of_others"].of_type("azure-native:privatedns:PrivateZone"))
    group = hubs["zones_of_others"].one("azure-native:network:PrivateDnsZoneGroup").inputs
    assert group["privateDnsZoneConfigs"][0]["privateDnsZoneId"].startswith(ZONES)
    request = codes(spec_of("zones_of_others"))["HUB013"]
    assert all(zone in request for zone in zones)


def test_every_zone_that_an_environment_registers_in_is_the_hubs(hubs, project) -> None:
    """Rendered from the environment that stands behind the committed hub."""
    config = {"lakeplane:spec": str(project.environments / "prod.yaml"), "lakeplane:wheel": "none.whl"}
    with contextlib.chdir(project.stacks):
        prod = render(main, project="lakeplane", stack="prod.foundation", config=config)
    hub = {
        f"/subscriptions/4b000000-0000-4000-8000-000000000001/resourceGroups/rg-contoso-hub-westeurope/providers/"
        f"Microsoft.Network/privateDnsZones/{found.inputs['privateZoneName']}"
        for found in hubs["committed"].of_type("azure-native:privatedns:PrivateZone")
    }
    used = {
        zone["privateDnsZoneId"]
        for found in prod.of_type("azure-native:network:PrivateDnsZoneGroup")
        for zone in found.inputs["privateDnsZoneConfigs"]
    }
    cluster = prod.one("azure-native:containerservice:ManagedCluster").inputs
    used.add(cluster["apiServerAccessProfile"]["privateDNSZone"])
    assert used <= hub
    assert len(used) >= 8
    assert "dnsPrefix" not in cluster
    peered = {
        found.inputs["remoteVirtualNetwork"]["id"].rpartition("/")[2] for found in prod.of_type(PEERING)
    }
    assert peered == {"vnet-contoso-hub-westeurope", "vnet-contoso-prod-westeurope"}, "both ways"


def test_the_account_is_touched_with_rights_on_it_alone(hubs, spec_of) -> None:
    policy = "serverless-egress-policy"
    assert names(hubs["committed"], "databricks") == {"connectivity-config", policy}, "the metastore is there"
    assert names(hubs["no_account"], "databricks") == set()
    assert names(hubs["config_of_others"], "databricks") == {policy}, "the config is looked up"
    made = {found.name: found for found in hubs["new_metastore"].resources if found.package == "databricks"}
    assert set(made) == {"metastore-metastore", "connectivity-config", "connectivity-stlake-dfs", policy}
    assert made["metastore-metastore"].protect, "all catalogs of the region hang on it"
    assert made["metastore-metastore"].inputs["forceDestroy"] is False
    assert {found.provider.rpartition("::")[2] for found in made.values()} == {"account"}
    access = made[policy].inputs["egress"]["networkAccess"]
    assert access["restrictionMode"] == "RESTRICTED_ACCESS"
    assert [one["destination"] for one in access["allowedInternetDestinations"]] == [
        "packages.contoso.example"
    ]
    closed = hubs["committed"].one("databricks:index/accountNetworkPolicy:AccountNetworkPolicy").inputs
    assert "allowedInternetDestinations" not in closed["egress"]["networkAccess"]
    request = codes(spec_of("no_account"))["HUB010"]
    for words in (
        "the network policy 'np-hub-westeurope'",
        "role account admin",
        "of environment prod",
        "CREATE CATALOG",
        "'ncc-hub-westeurope'",
    ):
        assert words in request
    approval = codes(spec_of("new_metastore"))["HUB014"]
    assert f"list --id {LAKE}" in approval
    assert "approve" in approval


def test_the_runner_has_its_jobs_once_it_has_an_image(hubs, spec_of) -> None:
    assert not list(hubs["committed"].of_type("azure-native:app:Job"))
    assert "HUB015" in codes(spec_of("committed"))
    (awaited,) = [one for one in check_hub(plan_hub(load_hub(spec_of("committed")))) if one.code == "HUB015"]
    assert "lakeplane image runner hub --registry HOST" in (awaited.remedy or "")
    jobs = {found.inputs["jobName"]: found.inputs for found in hubs["runs"].of_type("azure-native:app:Job")}
    assert set(jobs) == {"caj-dev", "caj-test", "caj-prod"}, "one for each environment behind the hub"
    job = jobs["caj-prod"]
    (container,) = job["template"]["containers"]
    assert container["image"] == IMAGE
    assert [*container["command"], *container["args"]] == ["lakeplane", "up", "prod", "--target", "azure"]
    assert container["resources"] == {"cpu": 1, "memory": "2Gi"}
    assert job["configuration"]["registries"][0]["server"] == "contoso.azurecr.io"
    assert "passwordSecretRef" not in str(job), "an identity pulls, no secret"
    said = {one["name"]: one["value"] for one in container["env"]}
    assert said["ARM_USE_MSI"] == said["LAKEPLANE_RUNNER"] == "true"
    assert said["AAD_LOGIN_METHOD"] == "msi"
    assert not [name for name in said if name.startswith("DATABRICKS_")], "azure-msi finds no identity there"
    assert "AcrPull" in codes(spec_of("runs"))["HUB016"]
    environment = hubs["runs"].one("azure-native:app:ManagedEnvironment").inputs
    assert environment["vnetConfiguration"]["internal"] is True


def test_each_job_has_an_identity_of_its_own(hubs, spec_of) -> None:
    graph = hubs["runs"]
    identities = [
        one.inputs["resourceName"]
        for one in graph.of_type("azure-native:managedidentity:UserAssignedIdentity")
    ]
    assert sorted(identities) == [
        f"id-contoso-hub-westeurope-runner-{name}" for name in ("dev", "prod", "test")
    ]
    for job in graph.of_type("azure-native:app:Job"):
        environment = job.inputs["jobName"].removeprefix("caj-")
        (used,) = job.inputs["identity"]["userAssignedIdentities"]
        assert used.rpartition("/")[2] == f"id-contoso-hub-westeurope-runner-{environment}"
        (registry,) = job.inputs["configuration"]["registries"]
        assert registry["identity"] == used
    trusts = list(graph.of_type("azure-native:managedidentity:FederatedIdentityCredential"))
    assert len(trusts) == 3
    assert {one.inputs["subject"] for one in trusts} == {"repo:contoso/platform:environment:prod"}
    asked = codes(spec_of("runs"))["HUB016"]
    assert all(name in asked for name in identities), "each of them pulls"


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hub_keeps_what_holds_data_whatever_it_is_made_of(hubs, variant: str) -> None:
    """It has no tier; every environment of the region stands on it."""
    protected = {found.urn for found in hubs[variant].resources if found.protect}
    assert protected == {
        found.urn for found in hubs[variant].resources if holding(found.type) is not None and not found.read
    }
    names = {urn.rpartition("::")[2] for urn in protected}
    assert names >= {"logs-workspace", "resource-group"}


def test_log_in_of_the_region_is_locked_and_cannot_compute(hubs) -> None:
    graph = hubs["committed"]
    workspace = graph.one("azure-native:databricks:Workspace")
    lock = graph.one("azure-native:authorization:ManagementLockByScope")
    assert lock.inputs["level"] == "CanNotDelete"
    assert lock.inputs["scope"].endswith(f"/workspaces/{workspace.inputs['workspaceName']}")
    endpoint = graph.one("azure-native:network:PrivateEndpoint").inputs
    (connection,) = endpoint["privateLinkServiceConnections"]
    assert connection["groupIds"] == ["browser_authentication"]
    for key in ("login-host", "login-container"):
        subnet = next(found for found in graph.resources if found.name == f"network-{key}-subnet").inputs
        assert not {"natGateway", "routeTable"} & set(subnet), "no cluster could start there"


def test_the_budget_starts_in_the_month_that_its_first_update_saw(hubs) -> None:
    budget = hubs["committed"].one("azure-native:consumption:Budget")
    assert budget.inputs["timePeriod"] == {"startDate": {"$unknown": True}}
    start = hubs["committed"].one("pulumi:index:Stash")
    assert start.ignore_changes == ("input",)
    thresholds = [one["threshold"] for one in budget.inputs["notifications"].values()]
    assert sorted(thresholds) == [80, 100, 120]
    assert budget.inputs["filter"]["dimensions"]["values"] == ["rg-contoso-hub-westeurope"]


def test_a_peered_network_gets_one_half_and_its_owner_a_request(hubs, spec_of) -> None:
    peering = hubs["peered"].one(PEERING).inputs
    assert peering["remoteVirtualNetwork"]["id"] == OFFICE
    assert peering["useRemoteGateways"] is True
    request = codes(spec_of("peered"))["HUB017"]
    assert "--vnet-name vnet-wan" in request
    assert "--allow-gateway-transit" in request
    assert "route 10.24.0.0/20, 10.25.0.0/20 to 10.16.0.4" in request


def test_people_reach_every_name_that_is_forwarded_and_no_other(hubs, spec_of) -> None:
    request = codes(spec_of("peered"))["HUB017"]
    zones = re.findall(r"[\w.]+", request.rpartition("forward questions for ")[2].partition(" to that")[0])
    passing = [name.removeprefix("*.") for name in rules_of(hubs["peered"])["people"]["targetFqdns"]]
    assert {"inference.ml.azure.com", "file.core.windows.net"} <= set(zones)
    assert "westeurope.inference.ml.azure.com" in passing, "of the environments' region alone"
    for name in passing:
        assert any(name == zone or name.endswith(f".{zone}") for zone in zones), f"{name} is asked elsewhere"
    for zone in zones:
        assert any(name == zone or name.endswith(f".{zone}") for name in passing), f"{zone} is let through"


def test_a_workspace_behind_the_hub_is_bound_before_its_catalogs(render_layers, project) -> None:
    contents = render_layers(project.environments / "prod.yaml")["contents"]
    assignment = contents.one("databricks:index/metastoreAssignment:MetastoreAssignment")
    binding = contents.one("databricks:index/mwsNccBinding:MwsNccBinding")
    assert assignment.inputs["metastoreId"] == METASTORE
    assert {found.provider.rpartition("::")[2] for found in (assignment, binding)} == {"account"}
    option = contents.one("databricks:index/workspaceNetworkOption:WorkspaceNetworkOption")
    assert option.inputs["networkPolicyId"] == "np-hub-westeurope"
    for found in (assignment, option):
        assert found.replace_on_changes == ("workspaceId",), "a workspace made anew is bound anew"
    ways = list(contents.of_type("databricks:index/mwsNccPrivateEndpointRule:MwsNccPrivateEndpointRule"))
    assert {one.inputs["groupId"] for one in ways} == {"blob", "dfs"}
    path = project.environments / "prod.yaml"
    account = plan_environment(load_spec(path), hub_beside(path, "hub")).storage_account_id
    assert {one.inputs["resourceId"] for one in ways} == {account}
    provider = next(
        found
        for found in contents.resources
        if found.type == "pulumi:providers:databricks" and found.name == "workspace"
    )
    assert {assignment.urn, binding.urn} <= set(provider.dependencies)
    assert contents.one("databricks:index/catalog:Catalog").provider == provider.urn


def test_databricks_budget_counts_the_workspace_where_the_hub_may_make_one(render_layers, project) -> None:
    path = project.environments / "prod.yaml"
    budget = render_layers(path)["contents"].one("databricks:index/budget:Budget")
    assert budget.provider.rpartition("::")[2] == "account"
    assert budget.inputs["filter"]["workspaceId"] == {"operator": "IN", "values": [{"$unknown": True}]}
    (alert,) = budget.inputs["alertConfigurations"]
    assert alert["quantityThreshold"] == "5000"
    assert [one["target"] for one in alert["actionConfigurations"]] == [
        "data-platform@contoso.example",
        "on-call@contoso.example",
    ]


@pytest.mark.parametrize(
    ("spec", "owner", "code", "words"),
    [
        ("prod", None, None, ""),
        ("dev", None, "DBX013", "create the budget 'budget-contoso-dev"),
        ("dev", "the data team", "DBX012", "no e-mail address"),
    ],
)
def test_databricks_budget_that_nothing_makes_is_a_finding(
    project, tmp_path: Path, spec: str, owner: str | None, code: str | None, words: str
) -> None:
    text = (project.environments / f"{spec}.yaml").read_text(encoding="utf-8")
    if spec == "dev":
        text = text.replace("databricks:\n", "databricks:\n  monthly_budget: 500\n")
    if owner:
        text = re.sub(r"(?m)^owner: .*$", f"owner: {owner}", text)
    (tmp_path / f"{spec}.yaml").write_text(text, encoding="utf-8")
    shutil.copy(project.environments / "hub.yaml", tmp_path)
    found = {one.code: one.detail or "" for one in validate(tmp_path / f"{spec}.yaml")}
    assert found.keys() & {"DBX012", "DBX013"} == ({code} if code else set())
    assert words in found.get(code or "", "")


@pytest.mark.parametrize("spec", ["dev", "bring_your_own", "examples/waf_aligned"])
def test_lake_that_serverless_compute_cannot_reach_is_a_warning_with_the_request(project, spec: str) -> None:
    path = project.environments / f"{spec}.yaml"
    plan = plan_environment(load_spec(path))
    (found,) = [one for one in validate(path) if one.code in ("DBX011", "DBX014")]
    assert (found.code, found.severity) == ("DBX014", Severity.WARNING)
    for words in (
        f"for our lake {plan.storage_account_id}: group dfs and group blob",
        repr(plan.names.databricks_workspace),
        f"list --id {plan.storage_account_id}",
        "approve",
    ):
        assert words in (found.detail or "")


@pytest.mark.parametrize(("spec", "codes"), [("prod", {"DBX011"}), ("local", set())])
def test_lake_that_has_a_way_is_no_warning(project, spec: str, codes: set[str]) -> None:
    """Behind a hub approvals are still to be given; a config that the spec names is said to have them."""
    found = validate(project.environments / f"{spec}.yaml")
    assert {one.code for one in found} & {"DBX011", "DBX014"} == codes


def test_a_hub_without_rights_on_the_account_opens_no_way_to_the_lake(project, spec_of) -> None:
    path = project.environments / "prod.yaml"
    plan = plan_environment(load_spec(path), plan_hub(load_hub(spec_of("no_account"))).facts)
    assert "DBX014" in {one.code for one in check_plan(plan)}
